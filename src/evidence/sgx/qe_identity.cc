#include "evidence/sgx/qe_identity.h"

#include <algorithm>

#include "base/hex.h"
#include "base/json.h"
#include "evidence/sgx/signed_json.h"
#include "evidence/sgx/tcb_info.h"

namespace attestml::evidence::sgx {
namespace {

const std::string kId = "sgx.qe_identity";
constexpr std::size_t kMaxLevels = 256;

template <std::size_t N>
Status ReadHex(JsonObject* object, std::string_view name, std::array<std::uint8_t, N>* out) {
  ATTESTML_TRY(const std::string text, object->String(name));
  if (!HexDecodeInto(text, *out)) {
    return Malformed(kId + ".field", std::string(name) + " is not " + std::to_string(2 * N) + " hexadecimal digits");
  }
  return {};
}

Result<std::uint16_t> ReadU16(JsonObject* object, std::string_view name) {
  ATTESTML_TRY(const std::uint64_t value, object->Unsigned(name));
  if (value > 0xffff) return Malformed(kId + ".field", std::string(name) + " is out of range");
  return static_cast<std::uint16_t>(value);
}

template <std::size_t N>
bool EqualUnderMask(const std::array<std::uint8_t, N>& seen, const std::array<std::uint8_t, N>& want,
                    const std::array<std::uint8_t, N>& mask) {
  for (std::size_t i = 0; i < N; ++i) {
    if ((seen[i] & mask[i]) != want[i]) return false;
  }
  return true;
}

}  // namespace

Result<QeIdentity> ParseQeIdentity(std::string_view body) {
  ATTESTML_TRY(const Json value, ParseJson(body, {.max_bytes = kMaxSignedJson}));
  QeIdentity out;
  JsonObject object(value, kId + ".syntax", "QE identity");
  ATTESTML_TRY(const std::uint64_t version, object.Unsigned("version"));
  if (version != 2) {
    return Unsupported(kId + ".version", "QE identity version is " + std::to_string(version) + ", want 2");
  }
  ATTESTML_TRY(out.id, object.String("id"));
  if (out.id != "QE" && out.id != "TD_QE" && out.id != "QVE") {
    return Malformed(kId + ".id", "identity is of \"" + out.id.substr(0, 16) + "\", want \"QE\", \"TD_QE\" or \"QVE\"");
  }
  ATTESTML_CHECK(ReadDates(&object, kId, &out.issue_date, &out.next_update));
  ATTESTML_CHECK(ReadEvaluationNumber(&object, kId, &out.evaluation_number));
  ATTESTML_CHECK(ReadHex(&object, "miscselect", &out.misc_select));
  ATTESTML_CHECK(ReadHex(&object, "miscselectMask", &out.misc_select_mask));
  ATTESTML_CHECK(ReadHex(&object, "attributes", &out.attributes));
  ATTESTML_CHECK(ReadHex(&object, "attributesMask", &out.attributes_mask));
  ATTESTML_CHECK(ReadHex(&object, "mrsigner", &out.mr_signer));
  ATTESTML_TRY(out.isv_prod_id, ReadU16(&object, "isvprodid"));

  ATTESTML_TRY(const Json* levels, object.Array("tcbLevels"));
  if (levels->empty() || levels->size() > kMaxLevels) {
    return Malformed(kId + ".levels", std::to_string(levels->size()) + " TCB levels, want 1 to 256");
  }
  for (const Json& element : *levels) {
    QeLevel parsed;
    JsonObject level(element, kId + ".levels", "TCB level");
    ATTESTML_TRY(const Json* tcb_value, level.Object("tcb"));
    JsonObject tcb(*tcb_value, kId + ".levels", "TCB level");
    ATTESTML_TRY(parsed.isv_svn, ReadU16(&tcb, "isvsvn"));
    ATTESTML_CHECK(ReadLevelVerdict(&level, kId, &parsed.status, &parsed.date, &parsed.advisories));
    out.levels.push_back(std::move(parsed));
  }
  std::sort(out.levels.begin(), out.levels.end(),
            [](const QeLevel& a, const QeLevel& b) { return a.isv_svn > b.isv_svn; });
  for (std::size_t i = 1; i < out.levels.size(); ++i) {
    if (out.levels[i - 1].isv_svn == out.levels[i].isv_svn)
      return Malformed(kId + ".levels", "two levels have one ISVSVN");
  }
  return out;
}

Result<QeIdentity> ParseSignedQeIdentity(std::string_view text) {
  ATTESTML_TRY(const SignedJson document, SplitSignedJson(text, "enclaveIdentity", kId));
  return ParseQeIdentity(document.body);
}

std::string MatchQeIdentity(const QeIdentity& identity, const ReportBody& qe) {
  if (qe.debug()) return "the quoting enclave runs in debug mode";
  if (!EqualUnderMask(qe.misc_select, identity.misc_select, identity.misc_select_mask)) {
    return "MISCSELECT is " + HexEncode(qe.misc_select) + ", want " + HexEncode(identity.misc_select);
  }
  if (!EqualUnderMask(qe.attributes, identity.attributes, identity.attributes_mask)) {
    return "ATTRIBUTES is " + HexEncode(qe.attributes) + ", want " + HexEncode(identity.attributes) + " under mask " +
           HexEncode(identity.attributes_mask);
  }
  if (qe.mr_signer != identity.mr_signer) {
    return "MRSIGNER is " + HexEncode(qe.mr_signer) + ", want " + HexEncode(identity.mr_signer);
  }
  if (qe.isv_prod_id != identity.isv_prod_id) {
    return "ISVPRODID is " + std::to_string(qe.isv_prod_id) + ", want " + std::to_string(identity.isv_prod_id);
  }
  return "";
}

const QeLevel* MatchQeLevel(const QeIdentity& identity, std::uint16_t isv_svn) {
  for (const QeLevel& level : identity.levels) {
    if (level.isv_svn <= isv_svn) return &level;
  }
  return nullptr;
}

}  // namespace attestml::evidence::sgx
