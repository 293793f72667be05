#include "verify/sgx_collateral.h"

#include <algorithm>

#include "base/hex.h"
#include "evidence/sgx/signed_json.h"

namespace attestml::verify {
namespace {

namespace sgx = evidence::sgx;

constexpr std::size_t kMaxDocuments = 128;  // of each kind

Status TooMany() { return Malformed("sgx.collateral.count", "more than 128 documents of one kind"); }

Status AddText(std::vector<std::string_view>* list, std::string_view text) {
  if (std::find(list->begin(), list->end(), text) != list->end()) return {};
  if (list->size() == kMaxDocuments) return TooMany();
  list->push_back(text);
  return {};
}

std::string_view Trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

// How far a document came before it was refused; the error of the furthest is the one worth reading.
struct Refusal {
  int stage = 0;
  Error error;
  void Offer(int new_stage, Error new_error) {
    if (new_stage > stage) *this = {new_stage, std::move(new_error)};
  }
};

// A text as it was read under one key: not of the form {member, signature}, or not signed by the key, or signed, and
// then the document or why it cannot be read.
template <typename Document>
struct Reading {
  std::optional<Error> shape;
  std::optional<Result<Document>> document;
};

template <typename Document, typename Parse>
Reading<Document> Read(std::string_view text, std::string_view member, const std::string& id,
                       const crypto::PublicKey& key, Parse parse) {
  const auto split = sgx::SplitSignedJson(text, member, id);
  if (!split.ok()) return {split.error(), std::nullopt};
  if (!key.VerifyRaw(AsBytes(split->body), split->signature)) return {};
  return {std::nullopt, parse(split->body)};
}

// The text as one of the signers signed it; what no signer signed is parsed no further. Null without signers.
template <typename Document, typename Parse>
std::shared_ptr<const Reading<Document>> ReadSigned(Memo* memo, std::string_view text, std::string_view member,
                                                    const std::string& id, std::span<const TcbSigner> signers,
                                                    Parse parse, const TcbSigner** signer) {
  std::shared_ptr<const Reading<Document>> reading;
  for (const TcbSigner& candidate : signers) {
    reading = Recall<Reading<Document>>(memo, id, {AsBytes(text), candidate.key.id()},
                                        [&] { return Read<Document>(text, member, id, candidate.key, parse); });
    *signer = &candidate;
    if (reading->shape || reading->document) break;
  }
  return reading;
}

Error Unreadable(Error error) {
  // It may be newer than what can be read, and say that what can be read holds no more.
  error.message = "a document of the TCB signer cannot be read: " + error.message;
  return error;
}

template <typename Document>
bool Older(const Document& a, const Document& b) {
  return a.issue_date != b.issue_date ? a.issue_date < b.issue_date : a.evaluation_number < b.evaluation_number;
}

template <typename Document, typename Parse, typename Judge>
Result<std::optional<Document>> NewestAfter(Memo* memo, std::span<const std::string_view> texts,
                                            std::string_view member, const std::string& id,
                                            std::span<const TcbSigner> signers, Time time, Parse parse, Judge judge) {
  std::optional<Document> best;
  for (std::string_view text : texts) {
    const TcbSigner* signer = nullptr;
    const auto reading = ReadSigned<Document>(memo, text, member, id, signers, parse, &signer);
    if (reading == nullptr || !reading->document) continue;
    const Result<Document>& document = *reading->document;
    if (!document.ok()) return Unreadable(document.error());
    if (judge(*document) || document->issue_date <= time) continue;
    if (!best || Older(*best, *document)) best = *document;
  }
  return best;
}

// The newest of the documents that pass. `judge` gives nothing, or a stage and the error, once the signature is good
// and the document could be read.
template <typename Document, typename Parse, typename Judge>
Result<SignedDocument<Document>> Newest(Memo* memo, std::span<const std::string_view> texts, std::string_view member,
                                        const std::string& id, Error missing, std::span<const TcbSigner> signers,
                                        Time time, Parse parse, Judge judge) {
  Refusal refusal{0, std::move(missing)};
  std::optional<SignedDocument<Document>> best;
  for (std::string_view text : texts) {
    const TcbSigner* signer = nullptr;
    const auto reading = ReadSigned<Document>(memo, text, member, id, signers, parse, &signer);
    if (reading != nullptr && reading->shape) {
      refusal.Offer(1, *reading->shape);
      continue;
    }
    if (reading == nullptr || !reading->document) {
      refusal.Offer(2, Untrusted(id + ".signature", "the signature is not of Intel SGX TCB Signing"));
      continue;
    }
    const Result<Document>& document = *reading->document;
    if (!document.ok()) return Unreadable(document.error());
    if (auto objection = judge(*document)) {
      refusal.Offer(objection->stage, std::move(objection->error));
      continue;
    }
    if (time < document->issue_date) {
      refusal.Offer(8, Untrusted(id + ".not_yet_valid",
                                 "issued on " + FormatTime(document->issue_date) + ", checked at " + FormatTime(time)));
      continue;
    }
    if (document->next_update < time) {
      refusal.Offer(8, Untrusted(id + ".expired", "was to be replaced by " + FormatTime(document->next_update) +
                                                      ", checked at " + FormatTime(time)));
      continue;
    }
    if (!best || Older(*best->document, *document)) {
      best = SignedDocument<Document>{std::shared_ptr<const Document>(reading, &document.value()), signer->window};
    }
  }
  if (best) return *std::move(best);
  return refusal.error;
}

// Why a document that was signed is not about this platform; nothing when it is.
std::optional<Refusal> Objection(const sgx::TcbInfo& info, const sgx::PckExtension& platform, std::string_view tee) {
  if (info.id != tee) {
    return Refusal{
        4, Untrusted("sgx.tcb_info.id", "TCB info is for \"" + info.id + "\", want \"" + std::string(tee) + "\"")};
  }
  if (tee == "TDX" && !info.IsForTdx()) {
    return Refusal{4, Untrusted("sgx.tcb_info.id", "TCB info for TDX says nothing of the TDX module")};
  }
  if (info.fmspc != platform.fmspc) {
    return Refusal{5, Untrusted("sgx.tcb_info.fmspc", "TCB info is for FMSPC " + HexEncode(info.fmspc) + ", want " +
                                                          HexEncode(platform.fmspc))};
  }
  if (info.pce_id != platform.pce_id) {
    return Refusal{6, Untrusted("sgx.tcb_info.pce_id", "TCB info is for PCEID " + HexEncode(info.pce_id) + ", want " +
                                                           HexEncode(platform.pce_id))};
  }
  return std::nullopt;
}

std::optional<Refusal> Objection(const sgx::QeIdentity& identity, std::string_view tee) {
  const std::string wanted = tee == "TDX" ? "TD_QE" : "QE";
  if (identity.id == wanted) return std::nullopt;
  return Refusal{4, Untrusted("sgx.qe_identity.id", "identity is of \"" + identity.id + "\", want \"" + wanted + "\"")};
}

}  // namespace

Status SgxDocuments::Add(const evidence::CollateralItem& item) {
  const std::string_view text = Trim(AsText(item.bytes));
  if (!text.starts_with('{')) return x509_.Add(item);
  const bool is_tcb_info = sgx::LooksLikeSignedJson(text, "tcbInfo");
  if (!is_tcb_info && !sgx::LooksLikeSignedJson(text, "enclaveIdentity")) return {};
  if (text.size() > sgx::kMaxSignedJson) {
    return Malformed("sgx.collateral.size", std::string(is_tcb_info ? "TCB info" : "QE identity") + " of " +
                                                std::to_string(text.size()) + " bytes, want at most " +
                                                std::to_string(sgx::kMaxSignedJson));
  }
  return AddText(is_tcb_info ? &tcb_infos_ : &qe_identities_, text);
}

Result<CrlSet> FindCrls(const SgxDocuments& documents, const Bytes& name, std::span<const Bytes> others,
                        const crypto::PublicKey& key, Time time, const std::string& id, const std::string& missing_id) {
  return FindCrls(documents.crls(), documents.memo(), name, others, key, time, id, missing_id);
}

Result<SignedDocument<sgx::TcbInfo>> FindTcbInfo(const SgxDocuments& documents, std::span<const TcbSigner> signers,
                                                 const sgx::PckExtension& platform, std::string_view tee, Time time) {
  const auto judge = [&](const sgx::TcbInfo& info) { return Objection(info, platform, tee); };
  return Newest<sgx::TcbInfo>(
      documents.memo(), documents.tcb_infos(), "tcbInfo", "sgx.tcb_info",
      Unavailable("sgx.collateral.tcb_info",
                  "no TCB info among the collateral, want one for FMSPC " + HexEncode(platform.fmspc)),
      signers, time, sgx::ParseTcbInfo, judge);
}

Result<SignedDocument<sgx::QeIdentity>> FindQeIdentity(const SgxDocuments& documents,
                                                       std::span<const TcbSigner> signers, std::string_view tee,
                                                       Time time) {
  const auto judge = [&](const sgx::QeIdentity& identity) { return Objection(identity, tee); };
  return Newest<sgx::QeIdentity>(documents.memo(), documents.qe_identities(), "enclaveIdentity", "sgx.qe_identity",
                                 Unavailable("sgx.collateral.qe_identity", "no QE identity among the collateral"),
                                 signers, time, sgx::ParseQeIdentity, judge);
}

Result<std::optional<sgx::TcbInfo>> FindLaterTcbInfo(const SgxDocuments& documents, std::span<const TcbSigner> signers,
                                                     const sgx::PckExtension& platform, std::string_view tee,
                                                     Time time) {
  return NewestAfter<sgx::TcbInfo>(
      documents.memo(), documents.tcb_infos(), "tcbInfo", "sgx.tcb_info", signers, time, sgx::ParseTcbInfo,
      [&](const sgx::TcbInfo& info) { return Objection(info, platform, tee).has_value(); });
}

Result<std::optional<sgx::QeIdentity>> FindLaterQeIdentity(const SgxDocuments& documents,
                                                           std::span<const TcbSigner> signers, std::string_view tee,
                                                           Time time) {
  return NewestAfter<sgx::QeIdentity>(
      documents.memo(), documents.qe_identities(), "enclaveIdentity", "sgx.qe_identity", signers, time,
      sgx::ParseQeIdentity, [&](const sgx::QeIdentity& identity) { return Objection(identity, tee).has_value(); });
}

}  // namespace attestml::verify
