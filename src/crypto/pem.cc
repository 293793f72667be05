#include "crypto/pem.h"

#include "base/base64.h"

namespace attestml::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kMaxLabel = 32;

void SkipEmptyLines(std::string_view* text) {
  const std::size_t at = text->find_first_not_of("\r\n");
  text->remove_prefix(at == std::string_view::npos ? text->size() : at);
}

// Takes one line, without its LF or CR LF; the last line may have no end.
std::string_view TakeLine(std::string_view* text) {
  const std::size_t end = text->find('\n');
  std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool LooksLikePem(std::string_view text) {
  SkipEmptyLines(&text);
  return text.starts_with(kBegin);
}

Result<std::vector<PemBlock>> ParsePem(std::string_view text, std::size_t max) {
  if (text.ends_with('\0')) text.remove_suffix(1);
  std::vector<PemBlock> blocks;
  for (SkipEmptyLines(&text); !text.empty(); SkipEmptyLines(&text)) {
    if (blocks.size() == max) return Malformed("pem", "more than " + std::to_string(max) + " PEM blocks");
    std::string_view line = TakeLine(&text);
    if (!line.starts_with(kBegin) || !line.ends_with(kDashes) || line.size() <= kBegin.size() + kDashes.size()) {
      return Malformed("pem", "text that is not a PEM block");
    }
    const std::string_view label = line.substr(kBegin.size(), line.size() - kBegin.size() - kDashes.size());
    if (label.size() > kMaxLabel) return Malformed("pem", "a PEM label is too long");
    const std::string end = std::string(kEnd) + std::string(label) + std::string(kDashes);
    std::string base64;
    for (line = TakeLine(&text); line != end; line = TakeLine(&text)) {
      if (line.empty()) return Malformed("pem", "PEM block \"" + std::string(label) + "\" has no end or an empty line");
      base64 += line;
    }
    auto der = Base64Decode(base64);
    if (!der.ok() || der->empty()) return Malformed("pem", "PEM block \"" + std::string(label) + "\" is not base64");
    blocks.push_back({std::string(label), std::move(der).value()});
  }
  if (blocks.empty()) return Malformed("pem", "no PEM block");
  return blocks;
}

std::string DerToPem(std::string_view label, BytesView der) {
  constexpr std::size_t kLine = 64;
  const std::string text = Base64Encode(der);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) out += text.substr(at, kLine) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

}  // namespace attestml::crypto
