#include "verify/dcap_facts.h"

#include <array>
#include <string>

#include "base/hex.h"

namespace attestml::verify {
namespace {

namespace sgx = evidence::sgx;

std::array<std::uint8_t, 8> LittleEndian(std::uint64_t value) {
  std::array<std::uint8_t, 8> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return out;
}

void FillSgx(const sgx::ReportBody& body, EvidenceFacts* facts) {
  facts->tee = "sgx";
  facts->measurement = ToBytes(body.mr_enclave);
  facts->signer = ToBytes(body.mr_signer);
  facts->product_id = body.isv_prod_id;
  facts->security_version = body.isv_svn;
  facts->report_data = body.report_data;
  facts->debug = body.debug();
  facts->registers = {{"mrsigner", ToBytes(body.mr_signer)}, {"configid", ToBytes(body.config_id)}};
}

void FillTdx(const evidence::tdx::TdReport& td, EvidenceFacts* facts) {
  facts->tee = "tdx";
  facts->measurement = ToBytes(td.mr_td);
  facts->report_data = td.report_data;
  facts->debug = td.debug();
  for (std::size_t i = 0; i < td.rtmr.size(); ++i) {
    facts->registers.push_back({"rtmr" + std::to_string(i), ToBytes(td.rtmr[i])});
  }
  const auto service_td = td.mr_service_td.value_or(evidence::tdx::Measurement{});
  facts->registers.insert(facts->registers.end(), {{"mrconfigid", ToBytes(td.mr_config_id)},
                                                   {"mrowner", ToBytes(td.mr_owner)},
                                                   {"mrownerconfig", ToBytes(td.mr_owner_config)},
                                                   {"mrseam", ToBytes(td.mr_seam)},
                                                   {"mrsignerseam", ToBytes(td.mr_signer_seam)},
                                                   {"mrservicetd", ToBytes(service_td)},
                                                   {"tdattributes", ToBytes(LittleEndian(td.td_attributes))},
                                                   {"xfam", ToBytes(td.xfam)}});
  const std::string attributes = "TDATTRIBUTES " + HexEncode(LittleEndian(td.td_attributes));
  const bool has_service_td = service_td != evidence::tdx::Measurement{};
  facts->hazards = {
      {"reserved-attributes", td.reserved_attributes() != 0, attributes, "no reserved bit set"},
      {"sept-ve", !td.sept_ve_disable(), attributes, "SEPT_VE_DISABLE set (bit 28)"},
      {"migratable", td.migratable(), attributes, "MIGRATABLE clear (bit 29)"},
      {"service-td", has_service_td,
       td.mr_service_td ? "MRSERVICETD " + HexEncode(service_td) : "none: a TD report 1.0", "no service TD bound"}};
}

}  // namespace

EvidenceFacts DcapFacts(const sgx::Quote& quote) {
  EvidenceFacts facts;
  facts.format = quote.format();
  if (quote.td) {
    FillTdx(*quote.td, &facts);
  } else {
    FillSgx(quote.body, &facts);
  }
  return facts;
}

}  // namespace attestml::verify
