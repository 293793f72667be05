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

Status ReadComponentArray(JsonObject* tcb, std::string_view name, Components* out) {
  ATTESTML_TRY(const Json* components, tcb->Array(name));
  if (components->size() != out->size()) {
    return Malformed(kId + ".component", std::to_string(components->size()) + " component SVNs, want 16");
  }
  for (std::size_t i = 0; i < out->size(); ++i) {
    JsonObject component((*components)[i], kId + ".component", "component " + std::to_string(i + 1));
    ATTESTML_TRY((*out)[i], ComponentSvn(&component, "svn"));
  }
  return {};
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
  return ReadComponentArray(tcb, "sgxtcbcomponents", out);
}

Result<TcbLevel> ReadLevel(const Json& value, unsigned version, bool tdx) {
  TcbLevel out;
  JsonObject level(value, kId + ".levels", "TCB level");
  ATTESTML_TRY(const Json* tcb_value, level.Object("tcb"));
  JsonObject tcb(*tcb_value, kId + ".component", "TCB level");
  ATTESTML_CHECK(ReadComponents(&tcb, version, &out.components));
  if (tdx && tcb.Has("tdxtcbcomponents"))
    ATTESTML_CHECK(ReadComponentArray(&tcb, "tdxtcbcomponents", &out.tdx_components.emplace()));
  ATTESTML_TRY(const std::uint64_t pce_svn, tcb.Unsigned("pcesvn"));
  if (pce_svn > 0xffff)
    return Malformed(kId + ".component", "pcesvn is " + std::to_string(pce_svn) + ", want at most 65535");
  out.pce_svn = static_cast<std::uint16_t>(pce_svn);
  ATTESTML_CHECK(ReadLevelVerdict(&level, kId, &out.status, &out.date, &out.advisories));
  return out;
}

bool Higher(const TcbLevel& a, const TcbLevel& b) {
  if (a.components != b.components) return a.components > b.components;
  if (a.pce_svn != b.pce_svn) return a.pce_svn > b.pce_svn;
  return a.tdx_components > b.tdx_components;
}

bool Reaches(const Components& components, const Components& wanted, std::size_t from = 0) {
  for (std::size_t i = from; i < kNumComponents; ++i) {
    if (components[i] < wanted[i]) return false;
  }
  return true;
}

template <std::size_t N>
Status ReadModuleField(JsonObject* object, std::string_view name, std::array<std::uint8_t, N>* out) {
  ATTESTML_TRY(const std::string text, object->String(name));
  if (HexDecodeInto(text, *out)) return {};
  return Malformed(kId + ".tdx_module", std::string(name) + " is not " + std::to_string(2 * N) + " hexadecimal digits");
}

Result<TdxModule> ReadModule(JsonObject* object) {
  TdxModule out;
  std::array<std::uint8_t, 8> mask{};
  ATTESTML_CHECK(ReadModuleField(object, "mrsigner", &out.mr_signer));
  ATTESTML_CHECK(ReadModuleField(object, "attributes", &out.attributes));
  ATTESTML_CHECK(ReadModuleField(object, "attributesMask", &mask));
  return out;
}

Result<TdxModule> ReadModuleIdentity(const Json& value) {
  JsonObject object(value, kId + ".tdx_module", "TDX module identity");
  ATTESTML_TRY(const std::string id, object.String("id"));
  std::array<std::uint8_t, 1> version{};
  if (!id.starts_with("TDX_") || !HexDecodeInto(std::string_view(id).substr(4), version) || version[0] == 0) {
    return Malformed(kId + ".tdx_module", "identity of a TDX module is \"" + id.substr(0, 16) +
                                              "\", want \"TDX_\" and two hexadecimal digits");
  }
  ATTESTML_TRY(TdxModule out, ReadModule(&object));
  out.major_version = version[0];
  ATTESTML_TRY(const Json* levels, object.Array("tcbLevels"));
  if (levels->empty() || levels->size() > kMaxLevels) {
    return Malformed(kId + ".tdx_module", std::to_string(levels->size()) + " levels of a TDX module, want 1 to 256");
  }
  for (const Json& element : *levels) {
    TdxModule::Level parsed;
    JsonObject level(element, kId + ".tdx_module", "level of a TDX module");
    ATTESTML_TRY(const Json* tcb_value, level.Object("tcb"));
    JsonObject tcb(*tcb_value, kId + ".tdx_module", "level of a TDX module");
    ATTESTML_TRY(const std::uint64_t svn, tcb.Unsigned("isvsvn"));
    if (svn > 255) return Malformed(kId + ".tdx_module", "isvsvn is " + std::to_string(svn) + ", want at most 255");
    parsed.isv_svn = static_cast<std::uint16_t>(svn);
    ATTESTML_CHECK(ReadLevelVerdict(&level, kId, &parsed.status, &parsed.date, &parsed.advisories));
    out.levels.push_back(std::move(parsed));
  }
  std::sort(out.levels.begin(), out.levels.end(), [](const auto& a, const auto& b) { return a.isv_svn > b.isv_svn; });
  const auto same = [](const auto& a, const auto& b) { return a.isv_svn == b.isv_svn; };
  if (std::adjacent_find(out.levels.begin(), out.levels.end(), same) != out.levels.end()) {
    return Malformed(kId + ".tdx_module", "two levels of a TDX module have one ISVSVN");
  }
  return out;
}

Status ReadModules(JsonObject* info, std::vector<TdxModule>* out) {
  ATTESTML_TRY(const Json* first, info->Object("tdxModule"));
  JsonObject module(*first, kId + ".tdx_module", "TDX module");
  ATTESTML_TRY(TdxModule version_0, ReadModule(&module));
  out->push_back(std::move(version_0));
  if (!info->Has("tdxModuleIdentities")) return {};
  ATTESTML_TRY(const Json* identities, info->Array("tdxModuleIdentities"));
  if (identities->size() > kMaxLevels) return Malformed(kId + ".tdx_module", "more than 256 TDX module identities");
  for (const Json& identity : *identities) {
    ATTESTML_TRY(TdxModule read, ReadModuleIdentity(identity));
    for (const TdxModule& known : *out) {
      if (known.major_version == read.major_version) {
        return Malformed(kId + ".tdx_module", "two identities of one version of the TDX module");
      }
    }
    out->push_back(std::move(read));
  }
  return {};
}

}  // namespace

bool TcbInfo::IsForTdx() const {
  return id == "TDX" && !tdx_modules.empty() &&
         std::all_of(levels.begin(), levels.end(), [](const TcbLevel& level) { return level.tdx_components; });
}

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
    ATTESTML_TRY(TcbLevel parsed, ReadLevel(level, out.version, out.id == "TDX"));
    out.levels.push_back(std::move(parsed));
  }
  if (out.id == "TDX") {
    if (out.version < 3) return Malformed(kId + ".id", "TCB info for TDX has version 2, want 3");
    if (object.Has("tdxModule")) ATTESTML_CHECK(ReadModules(&object, &out.tdx_modules));
  }
  std::stable_sort(out.levels.begin(), out.levels.end(), Higher);
  for (std::size_t i = 1; i < out.levels.size() && (out.id == "SGX" || out.IsForTdx()); ++i) {
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
    if (pce_svn >= level.pce_svn && Reaches(components, level.components)) return &level;
  }
  return nullptr;
}

const TcbLevel* MatchTdxTcbLevel(const TcbInfo& info, const Components& components, std::uint16_t pce_svn,
                                 const Components& tee_tcb_svn) {
  const std::size_t from = tee_tcb_svn[1] == 0 ? 0 : 2;
  for (const TcbLevel& level : info.levels) {
    if (pce_svn >= level.pce_svn && Reaches(components, level.components) && level.tdx_components &&
        Reaches(tee_tcb_svn, *level.tdx_components, from)) {
      return &level;
    }
  }
  return nullptr;
}

const TdxModule* FindTdxModule(const TcbInfo& info, std::uint8_t major_version) {
  for (const TdxModule& module : info.tdx_modules) {
    if (module.major_version == major_version) return &module;
  }
  return nullptr;
}

const TdxModule::Level* MatchTdxModuleLevel(const TdxModule& module, std::uint8_t isv_svn) {
  for (const TdxModule::Level& level : module.levels) {
    if (level.isv_svn <= isv_svn) return &level;
  }
  return nullptr;
}

}  // namespace attestml::evidence::sgx
