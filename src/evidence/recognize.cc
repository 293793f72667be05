#include "evidence/recognize.h"

#include "base/byte_reader.h"
#include "evidence/azure/hcl_report.h"

namespace attestml::evidence {

Format RecognizeFormat(BytesView bytes) {
  ByteReader in(bytes);
  std::uint16_t version = 0;
  std::uint16_t second = 0;
  if (!in.ReadU16Le(&version) || !in.ReadU16Le(&second)) return Format::kUnknown;
  if (azure::LooksLikeHclReport(bytes)) return Format::kAzureReport;
  const bool array_of_4 = bytes[0] == 0x84 || (bytes[0] == 0xd2 && bytes[1] == 0x84);
  if (array_of_4) return Format::kNitroDocument;
  if (version == 0 || version > 255) return Format::kUnknown;
  return second == 0 ? Format::kSnpReport : Format::kDcapQuote;
}

}  // namespace attestml::evidence
