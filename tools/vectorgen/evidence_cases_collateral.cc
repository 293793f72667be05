// TCB info and QE identity: windows, whose, about what, and the exact bytes that are signed.
#include <utility>

#include "base/hex.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SgxQeIdentity;
using tee::SgxTcbInfo;
using tee::SimulatedAuthority;

template <typename Change>
CaseBuilder::Bend TcbInfo(Change change) {
  return [change](SimulatedAuthority& a) {
    SgxTcbInfo info = tee::SimulatedTcbInfo(kIssued);
    change(info);
    a.tcb_info = tee::WriteTcbInfo(info);
  };
}

template <typename Change>
CaseBuilder::Bend QeIdentity(Change change) {
  return [change](SimulatedAuthority& a) {
    SgxQeIdentity identity = tee::SimulatedQeIdentity(kIssued);
    change(identity);
    a.qe_identity = tee::WriteQeIdentity(identity);
  };
}

// The signed text itself, changed before it is signed.
CaseBuilder::Bend TcbText(std::string from, std::string to) {
  return [from, to](SimulatedAuthority& a) { Replace(&a.tcb_info, from, to); };
}
CaseBuilder::Bend QeText(std::string from, std::string to) {
  return [from, to](SimulatedAuthority& a) { Replace(&a.qe_identity, from, to); };
}

// The document, changed after it was signed.
CaseBuilder::Edit AfterSigning(Item item, std::string from, std::string to) {
  return [item, from, to](EvidenceCase& c) { Replace(&c.package.collateral[item].bytes, from, to); };
}

evidence::CollateralItem SignedTcbInfo(const SimulatedAuthority& a, const SgxTcbInfo& info) {
  return {"newer TCB info", ToBytes(AsBytes(tee::SignDocument("tcbInfo", tee::WriteTcbInfo(info), a.document_key)))};
}

void AddWindows(CaseBuilder* b) {
  b->Add("tcb_info_expired", "untrusted sgx.tcb_info.expired", "an old document hides what was found since",
         TcbInfo([](SgxTcbInfo& i) { i.next_update = Time{kIssued.unix_seconds - 1}; }));
  b->Add("tcb_info_future", "untrusted sgx.tcb_info.not_yet_valid", "a document from the future lies about a clock",
         TcbInfo([](SgxTcbInfo& i) { i.issue_date = Time{kIssued.unix_seconds + 1}; }));
  b->Add("tcb_info_last_second", "verified UpToDate", "windows include both ends",
         TcbInfo([](SgxTcbInfo& i) { i.issue_date = i.next_update = kIssued; }));
  b->Add("qe_identity_expired", "untrusted sgx.qe_identity.expired", "an old document hides what was found since",
         QeIdentity([](SgxQeIdentity& i) { i.next_update = Time{kIssued.unix_seconds - 1}; }));
  b->Add("qe_identity_future", "untrusted sgx.qe_identity.not_yet_valid",
         "a document from the future lies about a clock",
         QeIdentity([](SgxQeIdentity& i) { i.issue_date = Time{kIssued.unix_seconds + 1}; }));
  b->Add("tcb_info_and_qe_identity_do_not_overlap", "untrusted sgx.qe_identity.not_yet_valid",
         "documents of two moments would be mixed", [](SimulatedAuthority& a) {
           TcbInfo([](SgxTcbInfo& i) { i.next_update = Later(1); })(a);
           QeIdentity([](SgxQeIdentity& i) { i.issue_date = Later(2); })(a);
         });
  b->Add("tcb_info_window_backwards", "malformed sgx.tcb_info.dates", "a window without time in it would contain some",
         TcbInfo([](SgxTcbInfo& i) { std::swap(i.issue_date, i.next_update); }));
}

void AddNewer(CaseBuilder* b) {
  const auto newer = [a = b->Authority()](std::int64_t days, const char* status) {
    SgxTcbInfo info = tee::SimulatedTcbInfo(Later(days));
    info.levels[0].status = status;
    return SignedTcbInfo(a, info);
  };
  b->Add("tcb_info_newer_wins", "verified OutOfDate", "the prover would choose which document counts", {},
         [newer](EvidenceCase& c) {
           c.time = Later(2);
           c.extra = {newer(1, "OutOfDate")};
         });
  b->Add("tcb_info_newer_of_the_prover_wins", "verified UpToDate", "a stale document of the relying party would win",
         {}, [newer](EvidenceCase& c) { c.extra = {newer(-5, "OutOfDate")}; });
  b->Add("tcb_info_newer_unsigned", "verified UpToDate", "anyone could put a platform out of date", {},
         [newer](EvidenceCase& c) {
           c.time = Later(2);
           c.extra = {newer(1, "OutOfDate")};
           Replace(&c.extra[0].bytes, "OutOfDate\"}", "OutOfDate\" }");
         });
  b->Add("tcb_info_of_another_platform_beside", "verified UpToDate", "another platform's document would count", {},
         [a = b->Authority()](EvidenceCase& c) {
           c.time = Later(2);
           SgxTcbInfo info = tee::SimulatedTcbInfo(Later(1));
           info.fmspc[5] = 9;
           info.levels[0].status = "Revoked";
           c.extra = {SignedTcbInfo(a, info)};
         });
}

// Signed by the right key, beside documents that can be read: what we cannot read may be what counts.
void AddUnreadable(CaseBuilder* b) {
  const auto info = [a = b->Authority()](std::int64_t days, auto change) {
    SgxTcbInfo out = tee::SimulatedTcbInfo(Later(days));
    change(out);
    return SignedTcbInfo(a, out);
  };
  const auto identity = [a = b->Authority()](std::int64_t days, auto change) {
    SgxQeIdentity out = tee::SimulatedQeIdentity(Later(days));
    change(out);
    return evidence::CollateralItem{
        "QE identity",
        ToBytes(AsBytes(tee::SignDocument("enclaveIdentity", tee::WriteQeIdentity(out), a.document_key)))};
  };
  const auto unknown_status = [](auto& document) { document.levels[0].status = "WithdrawnByVendor"; };
  const auto add = [b](const char* name, const char* expect, const char* why, evidence::CollateralItem item) {
    b->Add(name, expect, why, {}, [item = std::move(item)](EvidenceCase& c) {
      c.time = Later(2);
      c.extra = {item};
    });
  };
  add("tcb_info_newer_unreadable", "unsupported sgx.tcb_info.status",
      "the older document would win because it is the one we understand", info(1, unknown_status));
  add("tcb_info_older_unreadable", "unsupported sgx.tcb_info.status",
      "dates in a document that cannot be read would decide", info(-5, unknown_status));
  add("tcb_info_newer_of_unknown_version", "unsupported sgx.tcb_info.version",
      "the older document would win because it is the one we understand",
      info(1, [](SgxTcbInfo& i) { i.version = 4; }));
  add("tcb_info_newer_without_levels", "malformed sgx.tcb_info.levels", "the older document would win",
      info(1, [](SgxTcbInfo& i) { i.levels.clear(); }));
  add("qe_identity_newer_unreadable", "unsupported sgx.qe_identity.status",
      "the older document would win because it is the one we understand", identity(1, unknown_status));
  add("qe_identity_newer_of_unknown_version", "unsupported sgx.qe_identity.version", "the older document would win",
      identity(1, [](SgxQeIdentity& i) { i.version = 3; }));
  b->Add("tcb_info_newer_unreadable_of_the_prover", "unsupported sgx.tcb_info.status",
         "it would matter who brings a document", {}, [item = info(1, unknown_status)](EvidenceCase& c) {
           c.time = Later(2);
           c.package.collateral.insert(c.package.collateral.begin(), item);
         });
  SgxTcbInfo strange = tee::SimulatedTcbInfo(Later(1));
  unknown_status(strange);
  add("tcb_info_unreadable_of_a_stranger", "verified UpToDate", "anyone could make any platform fail",
      SignedTcbInfo(b->Stranger(), strange));
  add("tcb_info_of_tdx_beside", "verified UpToDate", "one folder of collateral could not serve SGX and TDX",
      info(1, [](SgxTcbInfo& i) {
        i.id = "TDX";
        i.levels[1] = i.levels[0];  // they differ in SVNs of the TDX module
        i.levels[0].status = "OutOfDate";
      }));
  add("qe_identity_of_tdx_beside", "verified UpToDate", "one folder of collateral could not serve SGX and TDX",
      identity(1, [](SgxQeIdentity& i) {
        i.id = "TD_QE";
        i.levels[0].status = "Revoked";
      }));

  // A document with `size` bytes in all, signed.
  const auto sized = [a = b->Authority()](std::size_t size) {
    SgxTcbInfo out = tee::SimulatedTcbInfo(Later(1));
    out.levels[0].status = "OutOfDate";
    std::string body = tee::WriteTcbInfo(out);
    const auto sign = [&](std::size_t padding) {
      std::string padded = body;
      padded.insert(padded.size() - 1, ",\"note\":\"" + std::string(padding, 'x') + "\"");
      return ToBytes(AsBytes(tee::SignDocument("tcbInfo", padded, a.document_key)));
    };
    return evidence::CollateralItem{"large TCB info", sign(size - sign(0).size())};
  };
  constexpr std::size_t kLargest = std::size_t{1} << 20;
  add("tcb_info_newer_large", "verified OutOfDate", "a large document would be dropped, and the older one win",
      sized(100'000));
  add("tcb_info_newer_largest", "verified OutOfDate", "a large document would be dropped, and the older one win",
      sized(kLargest));
  add("tcb_info_newer_too_large", "malformed sgx.collateral.size",
      "a document that is too large would be dropped, and the older one win", sized(kLargest + 1));
  b->Add("tcb_info_too_large_of_the_prover", "malformed sgx.collateral.size", "it would matter who brings a document",
         {}, [item = sized(kLargest + 1)](EvidenceCase& c) { c.package.collateral.push_back(item); });
  evidence::CollateralItem other = sized(kLargest + 1);
  Replace(&other.bytes, "\"tcbInfo\"", "\"report\"");
  add("large_json_of_another_kind", "verified UpToDate", "a folder may hold other formats' documents", other);
}

void AddAbout(CaseBuilder* b) {
  b->Add("tcb_info_fmspc", "untrusted sgx.tcb_info.fmspc", "a platform would be judged by another family's document",
         TcbInfo([](SgxTcbInfo& i) { i.fmspc[0] ^= 1; }));
  b->Add("tcb_info_pceid", "untrusted sgx.tcb_info.pce_id", "a platform would be judged by another's document",
         TcbInfo([](SgxTcbInfo& i) { i.pceid[1] = 1; }));
  b->Add("tcb_info_of_tdx", "untrusted sgx.tcb_info.id", "TDX levels do not speak for SGX",
         TcbInfo([](SgxTcbInfo& i) { i.id = "TDX"; }));
  b->Add("tcb_info_id_unknown", "malformed sgx.tcb_info.id", "an unknown kind would be read as a known one",
         TcbInfo([](SgxTcbInfo& i) { i.id = "sgx"; }));
  b->Add("tcb_info_version_4", "unsupported sgx.tcb_info.version", "an unknown version would be read as a known one",
         TcbInfo([](SgxTcbInfo& i) { i.version = 4; }));
  b->Add("tcb_info_type_1", "malformed sgx.tcb_info.type",
         "an unknown composition of SVNs would be read as a known one", TcbInfo([](SgxTcbInfo& i) { i.tcb_type = 1; }));
  b->Add("tcb_info_missing", "unavailable sgx.collateral.tcb_info", "the platform would not be judged", {},
         [](EvidenceCase& c) { c.package.collateral.erase(c.package.collateral.begin() + kTcbInfo); });
  b->Add("qe_identity_missing", "unavailable sgx.collateral.qe_identity", "the QE would not be judged", {},
         [](EvidenceCase& c) { c.package.collateral.erase(c.package.collateral.begin() + kQeIdentity); });
  b->Add("tcb_info_in_the_slot_of_qe_identity", "malformed sgx.qe_identity.id",
         "one signed document would stand in for another", [](SimulatedAuthority& a) {
           a.qe_identity = a.tcb_info;
           Replace(&a.qe_identity, "\"version\":3", "\"version\":2");
         });
  b->Add("collateral_missing", "unavailable sgx.collateral.root_crl", "nothing would be judged", {},
         [](EvidenceCase& c) { c.package.collateral.clear(); });
}

void AddText(CaseBuilder* b) {
  b->Add("tcb_info_status_edited", "untrusted sgx.tcb_info.signature", "levels could be edited", {},
         AfterSigning(kTcbInfo, "\"OutOfDate\"", "\"UpToDate\""));
  b->Add("tcb_info_reformatted", "untrusted sgx.tcb_info.signature", "signed bytes would be a matter of taste", {},
         AfterSigning(kTcbInfo, "\"tcbLevels\":", "\"tcbLevels\": "));
  b->Add("tcb_info_text_after", "malformed sgx.tcb_info.syntax", "unsigned text would travel along", {},
         [](EvidenceCase& c) { c.package.collateral[kTcbInfo].bytes.push_back('x'); });
  b->Add("tcb_info_second_body", "malformed sgx.tcb_info.duplicate_member", "two bodies, one signature", {},
         AfterSigning(kTcbInfo, "{\"tcbInfo\":", "{\"tcbInfo\":{},\"tcbInfo\":"));
  b->Add("tcb_info_unsigned_member", "malformed sgx.tcb_info.unknown_member", "unsigned members would be read", {},
         AfterSigning(kTcbInfo, "{\"tcbInfo\":", "{\"note\":{},\"tcbInfo\":"));
  b->Add("tcb_info_signature_short", "malformed sgx.tcb_info.signature", "half a signature would be a signature", {},
         AfterSigning(kTcbInfo, "\"signature\":\"", "\"signature\":\"0"));
  b->Add("tcb_info_signature_zero", "untrusted sgx.tcb_info.signature", "r = s = 0 would verify", {},
         [](EvidenceCase& c) {
           std::string text(AsText(c.package.collateral[kTcbInfo].bytes));
           const std::size_t at = text.find("\"signature\":\"") + 13;
           text.replace(at, 128, std::string(128, '0'));
           c.package.collateral[kTcbInfo].bytes = ToBytes(AsBytes(text));
         });
  b->Add("qe_identity_edited", "untrusted sgx.qe_identity.signature", "the QE's identity could be edited", {},
         AfterSigning(kQeIdentity, "\"isvsvn\":6", "\"isvsvn\":5"));

  // What a signer would never write, signed all the same: parsers must not depend on signers' care.
  b->Add("tcb_info_duplicate_member", "malformed json.duplicate_key", "readers would disagree on what was signed",
         TcbText("\"tcbType\":0", "\"tcbType\":0,\"tcbType\":0"));
  b->Add("tcb_info_duplicate_fmspc", "malformed json.duplicate_key", "readers would disagree on what was signed",
         TcbText("\"pceId\":\"0000\"", "\"pceId\":\"0000\",\"fmspc\":\"00906ed50000\""));
  b->Add("tcb_info_float", "malformed json.number", "13.9 would be read as 13",
         TcbText("\"pcesvn\":13", "\"pcesvn\":13.0"));
  b->Add("tcb_info_exponent", "malformed json.number", "readers disagree on what an exponent means",
         TcbText("\"pcesvn\":13", "\"pcesvn\":13e0"));
  b->Add("tcb_info_negative", "malformed sgx.tcb_info.component", "-1 would be read as 65535 or 0",
         TcbText("\"pcesvn\":13", "\"pcesvn\":-1"));
  b->Add("tcb_info_pcesvn_65536", "malformed sgx.tcb_info.component", "65536 would be read as 0",
         TcbText("\"pcesvn\":13", "\"pcesvn\":65536"));
  b->Add("tcb_info_number_overflow", "malformed json.number", "2^64 would be read as 0",
         TcbText("\"pcesvn\":13", "\"pcesvn\":18446744073709551616"));
  b->Add("tcb_info_component_256", "malformed sgx.tcb_info.component", "256 would be read as 0",
         TcbText("[{\"svn\":4},{\"svn\":4}", "[{\"svn\":256},{\"svn\":4}"));
  b->Add("tcb_info_15_components", "malformed sgx.tcb_info.component", "a component would not be compared",
         TcbText("[{\"svn\":4},{\"svn\":4}", "[{\"svn\":4}"));
  b->Add("tcb_info_17_components", "malformed sgx.tcb_info.component", "a component would not be compared",
         TcbText("[{\"svn\":4},{\"svn\":4}", "[{\"svn\":0},{\"svn\":4},{\"svn\":4}"));
  b->Add("tcb_info_svn_text", "malformed sgx.tcb_info.component", "text would be read as a number",
         TcbText("\"pcesvn\":13", "\"pcesvn\":\"13\""));
  b->Add("tcb_info_no_levels", "malformed sgx.tcb_info.levels", "no level would mean: any",
         TcbInfo([](SgxTcbInfo& i) { i.levels.clear(); }));
  b->Add("tcb_info_two_equal_levels", "malformed sgx.tcb_info.levels", "one of two statuses would be believed",
         TcbInfo([](SgxTcbInfo& i) {
           i.levels[1] = i.levels[0];
           i.levels[1].status = "Revoked";
         }));
  b->Add("tcb_info_status_unknown", "unsupported sgx.tcb_info.status", "a status that we do not know would pass",
         TcbInfo([](SgxTcbInfo& i) { i.levels[0].status = "ProbablyFine"; }));
  b->Add("tcb_info_status_case", "unsupported sgx.tcb_info.status", "statuses are exact words",
         TcbInfo([](SgxTcbInfo& i) { i.levels[0].status = "uptodate"; }));
  b->Add("qe_identity_status_unknown", "unsupported sgx.qe_identity.status", "a status that we do not know would pass",
         QeIdentity([](SgxQeIdentity& i) { i.levels[0].status = "ProbablyFine"; }));
  b->Add("qe_identity_float", "malformed json.number", "8.9 would be read as 8",
         QeText("{\"isvsvn\":8}", "{\"isvsvn\":8.5}"));
  b->Add("qe_identity_duplicate_member", "malformed json.duplicate_key", "readers would disagree on what was signed",
         QeText("\"isvprodid\":1", "\"isvprodid\":1,\"isvprodid\":2"));
  b->Add("qe_identity_short_mask", "malformed sgx.qe_identity.field", "bytes beyond the mask would not be compared",
         QeText("\"miscselectMask\":\"FFFFFFFF\"", "\"miscselectMask\":\"FFFFFF\""));
  b->Add("qe_identity_version_3", "unsupported sgx.qe_identity.version",
         "an unknown version would be read as a known one", QeIdentity([](SgxQeIdentity& i) { i.version = 3; }));
}

}  // namespace

void AddCollateralCases(CaseBuilder* b) {
  AddWindows(b);
  AddNewer(b);
  AddUnreadable(b);
  AddAbout(b);
  AddText(b);
}

}  // namespace attestml::vectorgen
