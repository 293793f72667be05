#include "evidence/sgx/tcb_info.h"

#include <algorithm>
#include <cstdio>

#include "base/hex.h"

namespace attestml::evidence::sgx {
namespace {

const std::string kId = "sgx.tcb_info";
constexpr std::size_t kMaxLevels = 256;
constexpr std::size_t kMaxAdvisories = 256;
constexpr std::size_t kMaxAdvisory = 64;

Result<std::uint8_t> ComponentSvn(JsonObject* object, const std::string& name) {
  auto svn = object->Unsigned(name);
  if (!svn.ok()) return svn.error();
  if (*svn > 255) {
    return Malformed(kId + ".component",
                     "component SVN " + name + " is " + std::to_string(*svn) + ", want at most 255");
  }
  return static_cast<std::uint8_t>(*svn);
}

// Version 2: sgxtcbcomp01svn … sgxtcbcomp16svn. Version 3: an array of 16 objects. Fewer would leave SVNs unchecked.
Status ReadComponents(JsonObject* tcb, unsigned version, Components* out) {
  if (version == 2) {
    for (std::size_t i = 0; i < out->size(); ++i) {
      char name[24];
      std::snprintf(name, sizeof name, "sgxtcbcomp%02zusvn", i + 1);
      ATTESTML_TRY((*out)[i], ComponentSvn(tcb, name));
    }
    return {};
  }
  ATTESTML_TRY(const Json* components, tcb->Array("sgxtcbcomponents"));
  if (components->size() != out->size()) {
    return Malformed(kId + ".component", std::to_string(components->size()) + " component SVNs, want 16");
  }
  for (std::size_t i = 0; i < out->size(); ++i) {
    JsonObject component((*components)[i], kId + ".component", "component " + std::to_string(i + 1));
    ATTESTML_TRY((*out)[i], ComponentSvn(&component, "svn"));
  }
  return {};
}

Result<TcbLevel> ReadLevel(const Json& value, unsigned version) {
  TcbLevel out;
  JsonObject level(value, kId + ".levels", "TCB level");
  ATTESTML_TRY(const Json* tcb_value, level.Object("tcb"));
  JsonObject tcb(*tcb_value, kId + ".component", "TCB level");
  ATTESTML_CHECK(ReadComponents(&tcb, version, &out.components));
  ATTESTML_TRY(const std::uint64_t pce_svn, tcb.Unsigned("pcesvn"));
  if (pce_svn > 0xffff)
    return Malformed(kId + ".component", "pcesvn is " + std::to_string(pce_svn) + ", want at most 65535");
  out.pce_svn = static_cast<std::uint16_t>(pce_svn);
  ATTESTML_CHECK(ReadLevelVerdict(&level, kId, &out.status, &out.date, &out.advisories));
  return out;
}

bool Higher(const TcbLevel& a, const TcbLevel& b) {
  return a.components != b.components ? a.components > b.components : a.pce_svn > b.pce_svn;
}

}  // namespace

Status ReadDates(JsonObject* object, const std::string& id, Time* issue_date, Time* next_update) {
  ATTESTML_TRY(const std::string issued, object->String("issueDate"));
  ATTESTML_TRY(const std::string next, object->String("nextUpdate"));
  const auto from = ParseTime(issued);
  const auto until = ParseTime(next);
  if (!from.ok() || !until.ok()) return Malformed(id + ".dates", "issueDate or nextUpdate is not a time");
  *issue_date = *from;
  *next_update = *until;
  if (*next_update < *issue_date) return Malformed(id + ".dates", "nextUpdate lies before issueDate");
  return {};
}

Status ReadEvaluationNumber(JsonObject* object, const std::string& id, unsigned* out) {
  ATTESTML_TRY(const std::uint64_t number, object->Unsigned("tcbEvaluationDataNumber"));
  if (number > 0x7fffffff) return Malformed(id + ".evaluation_number", "tcbEvaluationDataNumber is out of range");
  *out = static_cast<unsigned>(number);
  return {};
}

Status ReadLevelVerdict(JsonObject* level, const std::string& id, TcbStatus* status, std::string* date,
                        std::vector<std::string>* advisories) {
  ATTESTML_TRY(const std::string name, level->String("tcbStatus"));
  const auto known = ParseTcbStatus(name);
  if (!known) return Unsupported(id + ".status", "TCB status \"" + name.substr(0, 64) + "\" is not known");
  *status = *known;
  ATTESTML_TRY(*date, level->String("tcbDate"));
  if (!ParseTime(*date).ok()) return Malformed(id + ".dates", "tcbDate is not a time");
  const Json* list = level->Optional("advisoryIDs");
  if (list == nullptr) return {};
  if (!list->is_array() || list->size() > kMaxAdvisories)
    return Malformed(id + ".levels", "advisoryIDs is not an array");
  for (const Json& advisory : *list) {
    if (!advisory.is_string() || advisory.get_ref<const std::string&>().size() > kMaxAdvisory) {
      return Malformed(id + ".levels", "an advisory id is not a string");
    }
    advisories->push_back(advisory.get_ref<const std::string&>());
  }
  return {};
}

Result<TcbInfo> ParseTcbInfo(std::string_view body) {
  ATTESTML_TRY(const Json value, ParseJson(body, {.max_bytes = kMaxSignedJson}));
  TcbInfo out;
  JsonObject object(value, kId + ".syntax", "TCB info");
  ATTESTML_TRY(const std::uint64_t version, object.Unsigned("version"));
  if (version != 2 && version != 3) {
    return Unsupported(kId + ".version", "TCB info version is " + std::to_string(version) + ", want 2 or 3");
  }
  out.version = static_cast<unsigned>(version);
  out.id = "SGX";
  if (version == 3 || object.Has("id")) {
    ATTESTML_TRY(out.id, object.String("id"));
    if (out.id != "SGX" && out.id != "TDX") {
      return Malformed(kId + ".id", "TCB info is for \"" + out.id.substr(0, 16) + "\", want \"SGX\" or \"TDX\"");
    }
  }
  ATTESTML_TRY(const std::uint64_t type, object.Unsigned("tcbType"));
  if (type != 0) return Malformed(kId + ".type", "tcbType is " + std::to_string(type) + ", want 0");
  ATTESTML_CHECK(ReadDates(&object, kId, &out.issue_date, &out.next_update));
  ATTESTML_CHECK(ReadEvaluationNumber(&object, kId, &out.evaluation_number));

  ATTESTML_TRY(const Json* levels, object.Array("tcbLevels"));
  if (levels->empty() || levels->size() > kMaxLevels) {
    return Malformed(kId + ".levels", std::to_string(levels->size()) + " TCB levels, want 1 to 256");
  }
  for (const Json& level : *levels) {
    ATTESTML_TRY(TcbLevel parsed, ReadLevel(level, out.version));
    out.levels.push_back(std::move(parsed));
  }
  std::stable_sort(out.levels.begin(), out.levels.end(), Higher);
  // Levels of TDX differ in SVNs that are not read here, so that the SGX part may be the same.
  for (std::size_t i = 1; i < out.levels.size() && out.id == "SGX"; ++i) {
    if (!Higher(out.levels[i - 1], out.levels[i]))
      return Malformed(kId + ".levels", "two TCB levels have the same SVNs");
  }

  ATTESTML_TRY(const std::string fmspc, object.String("fmspc"));
  if (!HexDecodeInto(fmspc, out.fmspc)) return Malformed(kId + ".fmspc", "fmspc is not 12 hexadecimal digits");
  ATTESTML_TRY(const std::string pce_id, object.String("pceId"));
  if (!HexDecodeInto(pce_id, out.pce_id)) return Malformed(kId + ".pce_id", "pceId is not 4 hexadecimal digits");
  return out;
}

Result<TcbInfo> ParseSignedTcbInfo(std::string_view text) {
  ATTESTML_TRY(const SignedJson document, SplitSignedJson(text, "tcbInfo", kId));
  return ParseTcbInfo(document.body);
}

const TcbLevel* MatchTcbLevel(const TcbInfo& info, const Components& components, std::uint16_t pce_svn) {
  for (const TcbLevel& level : info.levels) {
    bool enough = pce_svn >= level.pce_svn;
    for (std::size_t i = 0; i < kNumComponents; ++i) enough = enough && components[i] >= level.components[i];
    if (enough) return &level;
  }
  return nullptr;
}

}  // namespace attestml::evidence::sgx
