#include "evidence/nitro/describe.h"

#include "base/hex.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "evidence/describe.h"
#include "evidence/nitro/document.h"

namespace attestml::evidence::nitro {
namespace {

constexpr std::string_view kType = "nitro-document";

Json ErrorOf(std::string_view type, const Error& error) {
  return {{"type", std::string(type)}, {"error", {{"id", error.id}, {"message", error.message}}}};
}

Json Describe(BytesView der) {
  const auto certificate = crypto::Certificate::FromDer(der);
  return certificate.ok() ? DescribeCertificate(*certificate) : ErrorOf("certificate", certificate.error());
}

}  // namespace

Json DescribeDocument(BytesView bytes) {
  const auto document = ParseDocument(bytes);
  if (!document.ok()) return ErrorOf(kType, document.error());
  Json pcrs = Json::object();
  for (const auto& [index, value] : document->pcrs) pcrs["pcr" + std::to_string(index)] = HexEncode(value);
  Json cabundle = Json::array();
  for (const Bytes& der : document->cabundle) cabundle.push_back(Describe(der));
  Json out = {{"type", std::string(kType)},
              {"tagged", document->tagged},
              {"module_id", document->module_id},
              {"digest", "SHA384"},
              {"timestamp", document->timestamp},
              {"made_at", FormatTime(Time{static_cast<std::int64_t>(document->timestamp / 1000)})},
              {"debug", document->debug()},
              {"pcrs", std::move(pcrs)},
              {"certificate", Describe(document->certificate)},
              {"cabundle", std::move(cabundle)},
              {"signature", HexEncode(document->signature)}};
  if (document->public_key) out["public_key"] = HexEncode(*document->public_key);
  if (document->user_data) out["user_data"] = HexEncode(*document->user_data);
  if (document->nonce) out["nonce"] = HexEncode(*document->nonce);
  return out;
}

}  // namespace attestml::evidence::nitro
