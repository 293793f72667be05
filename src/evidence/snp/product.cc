#include "evidence/snp/product.h"

namespace attestml::evidence::snp {
namespace {

constexpr std::array<TcbPart, 8> kMilanParts = {
    {{"bootloader", 1}, {"tee", 2}, {"", 4}, {"", 5}, {"", 6}, {"", 7}, {"snp", 3}, {"microcode", 8}}};
constexpr std::array<TcbPart, 8> kTurinParts = {
    {{"fmc", 9}, {"bootloader", 1}, {"tee", 2}, {"snp", 3}, {"", 5}, {"", 6}, {"", 7}, {"microcode", 8}}};

}  // namespace

std::string_view ProductLineName(ProductLine line) {
  switch (line) {
    case ProductLine::kMilan:
      return "Milan";
    case ProductLine::kGenoa:
      return "Genoa";
    case ProductLine::kTurin:
      return "Turin";
  }
  return "";
}

std::optional<ProductLine> ProductLineOfCpuid(std::uint8_t family, std::uint8_t model) {
  if (family == 0x19) {
    if (model <= 0x0f) return ProductLine::kMilan;
    if (model >= 0x10 && model <= 0x1f) return ProductLine::kGenoa;
    if (model >= 0xa0 && model <= 0xaf) return ProductLine::kGenoa;  // Bergamo and Siena
  }
  if (family == 0x1a && model <= 0x1f) return ProductLine::kTurin;  // and Turin Dense
  return std::nullopt;
}

std::optional<ProductLine> ProductLineOfName(std::string_view name) {
  // A stepping is a letter and a digit.
  if (name.size() > 3 && name[name.size() - 3] == '-') {
    const char letter = name[name.size() - 2];
    const char digit = name[name.size() - 1];
    if (letter < 'A' || letter > 'Z' || digit < '0' || digit > '9') return std::nullopt;
    name.remove_suffix(3);
  }
  if (name == "Milan") return ProductLine::kMilan;
  if (name == "Genoa" || name == "Bergamo" || name == "Siena") return ProductLine::kGenoa;
  if (name == "Turin") return ProductLine::kTurin;
  return std::nullopt;
}

std::span<const TcbPart, 8> TcbParts(ProductLine line) {
  return line == ProductLine::kTurin ? kTurinParts : kMilanParts;
}

std::string TcbText(const TcbVersion& tcb, ProductLine line) {
  std::string out;
  const auto parts = TcbParts(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name.empty()) continue;
    if (!out.empty()) out += ", ";
    out += std::string(parts[i].name) + " " + std::to_string(tcb[i]);
  }
  return out;
}

}  // namespace attestml::evidence::snp
