// TCB info and QE identity, field by field: what a document that Intel signed could still get wrong.
#include <gtest/gtest.h>

#include <functional>

#include "evidence/sgx/qe_identity.h"
#include "evidence/sgx/tcb_info.h"

namespace attestml::evidence::sgx {
namespace {

using Change = std::function<void(Json&)>;

Json SixteenOf(unsigned svn) {
  Json out = Json::array();
  for (int i = 0; i < 16; ++i) out.push_back({{"svn", svn}});
  return out;
}
Json Level(unsigned svn) {
  return {{"tcb", {{"sgxtcbcomponents", SixteenOf(svn)}, {"pcesvn", 13}}},
          {"tcbDate", "2024-01-01T00:00:00Z"},
          {"tcbStatus", "UpToDate"}};
}
Json TcbInfoOf(std::string_view id) {
  return {{"id", std::string(id)},
          {"version", 3},
          {"issueDate", "2025-01-01T00:00:00Z"},
          {"nextUpdate", "2025-02-01T00:00:00Z"},
          {"fmspc", "00906ED50000"},
          {"pceId", "0000"},
          {"tcbType", 0},
          {"tcbEvaluationDataNumber", 17},
          {"tcbLevels", Json::array({Level(2), Level(1)})}};
}
Json ModuleIdentity(const std::string& id) {
  const Json level = {{"tcb", {{"isvsvn", 4}}}, {"tcbDate", "2024-01-01T00:00:00Z"}, {"tcbStatus", "UpToDate"}};
  return {{"id", id},
          {"mrsigner", std::string(96, '0')},
          {"attributes", std::string(16, '0')},
          {"attributesMask", std::string(16, 'F')},
          {"tcbLevels", Json::array({level})}};
}
Json Tdx() {
  Json out = TcbInfoOf("TDX");
  for (Json& level : out["tcbLevels"]) level["tcb"]["tdxtcbcomponents"] = SixteenOf(1);
  out["tdxModule"] = {{"mrsigner", std::string(96, '0')},
                      {"attributes", std::string(16, '0')},
                      {"attributesMask", std::string(16, 'F')}};
  out["tdxModuleIdentities"] = Json::array({ModuleIdentity("TDX_01"), ModuleIdentity("TDX_03")});
  return out;
}
Json VersionTwo() {
  Json out = TcbInfoOf("SGX");
  out.erase("id");
  out["version"] = 2;
  for (Json& level : out["tcbLevels"]) {
    Json tcb = {{"pcesvn", 13}};
    for (int i = 1; i <= 16; ++i) {
      tcb[std::string("sgxtcbcomp") + (i < 10 ? "0" : "") + std::to_string(i) + "svn"] =
          level["tcb"]["sgxtcbcomponents"][0]["svn"];
    }
    level["tcb"] = tcb;
  }
  return out;
}

template <typename Document>
std::string Refusal(const Result<Document>& document) {
  return document.ok() ? "" : document.error().id + ": " + document.error().message;
}
std::string OfTcbInfo(Json document, const Change& change = {}) {
  if (change) change(document);
  return Refusal(ParseTcbInfo(document.dump()));
}
std::string Sgx(const Change& change) { return OfTcbInfo(TcbInfoOf("SGX"), change); }
std::string OfTdx(const Change& change) { return OfTcbInfo(Tdx(), change); }

TEST(TcbInfo, Versions) {
  EXPECT_EQ(OfTcbInfo(TcbInfoOf("SGX")), "");
  EXPECT_EQ(OfTcbInfo(Tdx()), "");
  EXPECT_EQ(OfTcbInfo(VersionTwo()), "");
  EXPECT_EQ(ParseTcbInfo(VersionTwo().dump())->id, "SGX");
  EXPECT_EQ(OfTcbInfo(VersionTwo(), [](Json& d) { d["id"] = "SGX"; }), "");
  EXPECT_EQ(OfTcbInfo(VersionTwo(), [](Json& d) { d["id"] = "TDX"; }),
            "sgx.tcb_info.id: TCB info for TDX has version 2, want 3");
  EXPECT_EQ(OfTcbInfo(VersionTwo(), [](Json& d) { d["id"] = "TPM"; }),
            "sgx.tcb_info.id: TCB info is for \"TPM\", want \"SGX\" or \"TDX\"");
  EXPECT_EQ(Sgx([](Json& d) { d["version"] = 1; }), "sgx.tcb_info.version: TCB info version is 1, want 2 or 3");
  EXPECT_EQ(Sgx([](Json& d) { d["version"] = 4; }), "sgx.tcb_info.version: TCB info version is 4, want 2 or 3");
  EXPECT_EQ(Sgx([](Json& d) { d["id"] = "QE"; }), "sgx.tcb_info.id: TCB info is for \"QE\", want \"SGX\" or \"TDX\"");
  EXPECT_NE(Sgx([](Json& d) { d.erase("id"); }), "");
  EXPECT_EQ(Sgx([](Json& d) { d["tcbType"] = 1; }), "sgx.tcb_info.type: tcbType is 1, want 0");
}

TEST(TcbInfo, IsForTdxWhenAllOfItIs) {
  const auto is_for_tdx = [](Json document, const Change& change) {
    change(document);
    const auto info = ParseTcbInfo(document.dump());
    EXPECT_TRUE(info.ok());
    return info.ok() && info->IsForTdx();
  };
  EXPECT_TRUE(is_for_tdx(Tdx(), [](Json&) {}));
  EXPECT_FALSE(is_for_tdx(Tdx(), [](Json& d) { d.erase("tdxModule"); }));
  EXPECT_FALSE(is_for_tdx(Tdx(), [](Json& d) { d["tcbLevels"][0]["tcb"].erase("tdxtcbcomponents"); }));
  // The members of a document for TDX under the id of SGX.
  EXPECT_FALSE(is_for_tdx(Tdx(), [](Json& d) { d["id"] = "SGX"; }));
  TcbInfo renamed = ParseTcbInfo(Tdx().dump()).value();
  EXPECT_TRUE(renamed.IsForTdx());
  renamed.id = "SGX";
  EXPECT_FALSE(renamed.IsForTdx());
}

TEST(TcbInfo, DatesAndNumbers) {
  const std::string dates = "sgx.tcb_info.dates: issueDate or nextUpdate is not a time";
  EXPECT_EQ(Sgx([](Json& d) { d["issueDate"] = "yesterday"; }), dates);
  EXPECT_EQ(Sgx([](Json& d) { d["nextUpdate"] = "2025-02-30T00:00:00Z"; }), dates);
  EXPECT_EQ(Sgx([](Json& d) { d["nextUpdate"] = "2024-12-31T23:59:59Z"; }),
            "sgx.tcb_info.dates: nextUpdate lies before issueDate");
  EXPECT_EQ(Sgx([](Json& d) { d["tcbEvaluationDataNumber"] = 0x7fffffff; }), "");
  EXPECT_EQ(Sgx([](Json& d) { d["tcbEvaluationDataNumber"] = 0x80000000; }),
            "sgx.tcb_info.evaluation_number: tcbEvaluationDataNumber is out of range");
  EXPECT_EQ(Sgx([](Json& d) { d["fmspc"] = "00906ED5000"; }), "sgx.tcb_info.fmspc: fmspc is not 12 hexadecimal digits");
  EXPECT_EQ(Sgx([](Json& d) { d["fmspc"] = "00906ED5000G"; }),
            "sgx.tcb_info.fmspc: fmspc is not 12 hexadecimal digits");
  EXPECT_EQ(Sgx([](Json& d) { d["pceId"] = "00"; }), "sgx.tcb_info.pce_id: pceId is not 4 hexadecimal digits");
}

TEST(TcbInfo, Levels) {
  EXPECT_EQ(Sgx([](Json& d) { d["tcbLevels"] = Json::array(); }), "sgx.tcb_info.levels: 0 TCB levels, want 1 to 256");
  EXPECT_EQ(Sgx([](Json& d) {
              while (d["tcbLevels"].size() < 257) d["tcbLevels"].push_back(Level(0));
            }),
            "sgx.tcb_info.levels: 257 TCB levels, want 1 to 256");
  EXPECT_EQ(Sgx([](Json& d) { d["tcbLevels"][1] = d["tcbLevels"][0]; }),
            "sgx.tcb_info.levels: two TCB levels have the same SVNs");
  const auto level = [](const Change& change) { return Sgx([&](Json& d) { change(d["tcbLevels"][0]); }); };
  EXPECT_EQ(level([](Json& l) { l["tcb"]["sgxtcbcomponents"][15]["svn"] = 255; }), "");
  EXPECT_EQ(level([](Json& l) { l["tcb"]["sgxtcbcomponents"][15]["svn"] = 256; }),
            "sgx.tcb_info.component: component SVN svn is 256, want at most 255");
  EXPECT_EQ(level([](Json& l) { l["tcb"]["sgxtcbcomponents"][3] = Json::object(); }).substr(0, 23),
            "sgx.tcb_info.component:");
  EXPECT_EQ(level([](Json& l) { l["tcb"]["sgxtcbcomponents"].erase(15); }),
            "sgx.tcb_info.component: 15 component SVNs, want 16");
  EXPECT_EQ(level([](Json& l) {
              l["tcb"]["sgxtcbcomponents"].push_back({{"svn", 0}});
            }),
            "sgx.tcb_info.component: 17 component SVNs, want 16");
  EXPECT_EQ(level([](Json& l) { l["tcb"]["pcesvn"] = 65536; }),
            "sgx.tcb_info.component: pcesvn is 65536, want at most 65535");
  EXPECT_EQ(level([](Json& l) { l["tcbDate"] = "2024-13-01T00:00:00Z"; }), "sgx.tcb_info.dates: tcbDate is not a time");
  EXPECT_EQ(level([](Json& l) { l["tcbStatus"] = "Fine"; }), "sgx.tcb_info.status: TCB status \"Fine\" is not known");
  // Appraisal makes it, no document may state it.
  EXPECT_EQ(level([](Json& l) { l["tcbStatus"] = "TDRelaunchAdvised"; }),
            "sgx.tcb_info.status: TCB status \"TDRelaunchAdvised\" is not known");
  const auto advisories = [&](const Json& value) { return level([&](Json& l) { l["advisoryIDs"] = value; }); };
  EXPECT_EQ(advisories(Json::array({"INTEL-SA-00001", std::string(64, 'a')})), "");
  EXPECT_EQ(advisories(std::vector<std::string>(256, "a")), "");
  EXPECT_EQ(advisories("INTEL-SA-00001"), "sgx.tcb_info.levels: advisoryIDs is not an array");
  EXPECT_EQ(advisories(std::vector<std::string>(257, "a")), "sgx.tcb_info.levels: advisoryIDs is not an array");
  EXPECT_EQ(advisories(Json::array({1})), "sgx.tcb_info.levels: an advisory id is not a string");
  EXPECT_EQ(advisories(Json::array({std::string(65, 'a')})), "sgx.tcb_info.levels: an advisory id is not a string");
  const auto old = [](const Change& change) {
    return OfTcbInfo(VersionTwo(), [&](Json& d) { change(d["tcbLevels"][0]["tcb"]); });
  };
  EXPECT_EQ(old([](Json& tcb) { tcb["sgxtcbcomp16svn"] = 256; }),
            "sgx.tcb_info.component: component SVN sgxtcbcomp16svn is 256, want at most 255");
  EXPECT_NE(old([](Json& tcb) { tcb.erase("sgxtcbcomp16svn"); }), "");
}

TEST(TcbInfo, TdxModules) {
  const auto identity = [](const Change& change) {
    return OfTdx([&](Json& d) { change(d["tdxModuleIdentities"][0]); });
  };
  const std::string id = "sgx.tcb_info.tdx_module: ";
  for (const char* name : {"TDX_00", "TDX_1", "TDX_001", "TDX_0g", "TDY_01", "01", "TDX_", ""}) {
    EXPECT_EQ(identity([&](Json& i) { i["id"] = name; }),
              id + "identity of a TDX module is \"" + name + "\", want \"TDX_\" and two hexadecimal digits");
  }
  // Six characters of which the last two are a version.
  EXPECT_NE(identity([](Json& i) { i["id"] = "SGX_01"; }), "");
  EXPECT_EQ(identity([](Json& i) { i["id"] = "TDX_03"; }), id + "two identities of one version of the TDX module");
  EXPECT_EQ(identity([](Json& i) { i["mrsigner"] = "00"; }), id + "mrsigner is not 96 hexadecimal digits");
  EXPECT_EQ(identity([](Json& i) { i["attributes"] = "00"; }), id + "attributes is not 16 hexadecimal digits");
  EXPECT_EQ(identity([](Json& i) { i["attributesMask"] = "00"; }), id + "attributesMask is not 16 hexadecimal digits");
  EXPECT_EQ(identity([](Json& i) { i["tcbLevels"] = Json::array(); }), id + "0 levels of a TDX module, want 1 to 256");
  EXPECT_EQ(identity([](Json& i) {
              while (i["tcbLevels"].size() < 257) i["tcbLevels"].push_back(i["tcbLevels"][0]);
            }),
            id + "257 levels of a TDX module, want 1 to 256");
  EXPECT_EQ(identity([](Json& i) { i["tcbLevels"].push_back(i["tcbLevels"][0]); }),
            id + "two levels of a TDX module have one ISVSVN");
  EXPECT_EQ(identity([](Json& i) { i["tcbLevels"][0]["tcb"]["isvsvn"] = 255; }), "");
  EXPECT_EQ(identity([](Json& i) { i["tcbLevels"][0]["tcb"]["isvsvn"] = 256; }),
            id + "isvsvn is 256, want at most 255");
  EXPECT_EQ(OfTdx([](Json& d) { d["tdxModuleIdentities"] = std::vector<Json>(257, ModuleIdentity("TDX_01")); }),
            id + "more than 256 TDX module identities");
  EXPECT_EQ(OfTdx([](Json& d) { d["tdxModule"]["mrsigner"] = "00"; }), id + "mrsigner is not 96 hexadecimal digits");
}

Json Qe() {
  const auto level = [](unsigned svn) {
    return Json{{"tcb", {{"isvsvn", svn}}}, {"tcbDate", "2024-01-01T00:00:00Z"}, {"tcbStatus", "UpToDate"}};
  };
  return {{"id", "QE"},
          {"version", 2},
          {"issueDate", "2025-01-01T00:00:00Z"},
          {"nextUpdate", "2025-02-01T00:00:00Z"},
          {"tcbEvaluationDataNumber", 17},
          {"miscselect", std::string(8, '0')},
          {"miscselectMask", std::string(8, 'F')},
          {"attributes", std::string(32, '0')},
          {"attributesMask", std::string(32, 'F')},
          {"mrsigner", std::string(64, '0')},
          {"isvprodid", 1},
          {"tcbLevels", Json::array({level(8), level(6)})}};
}
std::string OfQe(const Change& change) {
  Json document = Qe();
  change(document);
  return Refusal(ParseQeIdentity(document.dump()));
}

TEST(QeIdentity, Fields) {
  EXPECT_EQ(OfQe([](Json&) {}), "");
  for (const char* id : {"TD_QE", "QVE"}) EXPECT_EQ(OfQe([&](Json& d) { d["id"] = id; }), "");
  EXPECT_EQ(OfQe([](Json& d) { d["id"] = "PCE"; }),
            "sgx.qe_identity.id: identity is of \"PCE\", want \"QE\", \"TD_QE\" or \"QVE\"");
  EXPECT_EQ(OfQe([](Json& d) { d["version"] = 3; }), "sgx.qe_identity.version: QE identity version is 3, want 2");
  EXPECT_EQ(OfQe([](Json& d) { d["issueDate"] = ""; }), "sgx.qe_identity.dates: issueDate or nextUpdate is not a time");
  EXPECT_EQ(OfQe([](Json& d) { d["nextUpdate"] = ""; }),
            "sgx.qe_identity.dates: issueDate or nextUpdate is not a time");
  const std::pair<const char*, int> hex[] = {
      {"miscselect", 8}, {"miscselectMask", 8}, {"attributes", 32}, {"attributesMask", 32}, {"mrsigner", 64}};
  for (const auto& [name, digits] : hex) {
    EXPECT_EQ(
        OfQe([&, field = name](Json& d) { d[field] = "00"; }),
        std::string("sgx.qe_identity.field: ") + name + " is not " + std::to_string(digits) + " hexadecimal digits");
  }
  EXPECT_EQ(OfQe([](Json& d) { d["isvprodid"] = 65536; }), "sgx.qe_identity.field: isvprodid is out of range");
  EXPECT_EQ(OfQe([](Json& d) { d["tcbLevels"][0]["tcb"]["isvsvn"] = 65536; }),
            "sgx.qe_identity.field: isvsvn is out of range");
  EXPECT_EQ(OfQe([](Json& d) { d["tcbLevels"] = Json::array(); }),
            "sgx.qe_identity.levels: 0 TCB levels, want 1 to 256");
  EXPECT_EQ(OfQe([](Json& d) { d["tcbLevels"] = std::vector<Json>(257, d["tcbLevels"][0]); }),
            "sgx.qe_identity.levels: 257 TCB levels, want 1 to 256");
  EXPECT_EQ(OfQe([](Json& d) { d["tcbLevels"][1] = d["tcbLevels"][0]; }),
            "sgx.qe_identity.levels: two levels have one ISVSVN");
  EXPECT_EQ(OfQe([](Json& d) { d["tcbLevels"][0]["tcbDate"] = ""; }), "sgx.qe_identity.dates: tcbDate is not a time");
}

}  // namespace
}  // namespace attestml::evidence::sgx
