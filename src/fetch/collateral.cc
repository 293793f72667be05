#include "fetch/collateral.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/hex.h"
#include "evidence/sgx/qe_identity.h"
#include "evidence/sgx/tcb_info.h"
#include "fetch/header_values.h"

namespace attestml::fetch {
namespace {

namespace sgx = evidence::sgx;
namespace snp = evidence::snp;

// What a simulated vendor issues never lies beside what is genuine.
std::string VendorFolder(const verify::TrustAnchor& anchor, std::string_view vendor) {
  if (!anchor.simulated) return std::string(vendor);
  return "simulated-" + HexEncode(anchor.key_id).substr(0, 16);
}

std::string LineFolder(snp::ProductLine line) {
  std::string out(ProductLineName(line));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Error About(const Question& question, const Error& error) { return Within(DocumentName(question.document), error); }

// One document that is on its way into the cache.
struct Pending {
  FetchedItem item;
  CacheEntry entry;
};

Pending MakePending(const Question& question, std::string name, Admitted admitted, bool asked) {
  Pending out;
  out.item = {question.document, name, asked ? question.url : "", EntryState::kCached, crypto::Sha256(admitted.bytes),
              admitted.age};
  out.entry = {std::move(name), std::move(admitted.bytes), admitted.age, {}, EntryState::kNew};
  return out;
}

Status Commit(std::vector<Pending> pending, const Cache& cache, bool allow_older, std::vector<FetchedItem>* items) {
  std::vector<CacheEntry> entries;
  for (Pending& each : pending) {
    if (!each.item.url.empty()) entries.push_back(std::move(each.entry));
  }
  ATTESTML_CHECK(cache.Commit(&entries, allow_older));
  auto entry = entries.begin();
  for (Pending& each : pending) {
    if (!each.item.url.empty()) each.item.state = (entry++)->state;
    items->push_back(std::move(each.item));
  }
  return {};
}

std::optional<Age> AgeOf(const Result<Admitted>& admitted) {
  if (!admitted.ok()) return std::nullopt;
  return admitted->age;
}

// When a document that came earlier was issued, if it can be read at all.
std::optional<Time> IssuedOf(Document document, BytesView bytes) {
  if (document == Document::kTcbInfo) {
    const auto info = sgx::ParseSignedTcbInfo(AsText(bytes));
    if (info.ok()) return info->issue_date;
  } else if (document == Document::kQeIdentity) {
    const auto identity = sgx::ParseSignedQeIdentity(AsText(bytes));
    if (identity.ok()) return identity->issue_date;
  } else if (const auto crl = crypto::Crl::FromDer(bytes); crl.ok()) {
    return crl->this_update();
  }
  return std::nullopt;
}

Result<Admitted> Admit(IntelAdmission* admission, Document document, BytesView body,
                       std::span<const std::string> chains) {
  if (document == Document::kRootCrl) return admission->RootCrl(body);
  if (document == Document::kPckCrl) return admission->PckCrl(body);
  if (document == Document::kTcbInfo) return admission->TcbInfo(body, chains);
  return admission->QeIdentity(body, chains);
}

Result<std::string> ChainOf(const HttpResponse& response, const Question& question) {
  std::string seen;
  for (const std::string_view name : question.chain_headers) {
    if (const std::string* value = response.Header(name)) return DecodeIssuerChain(*value);
    seen += (seen.empty() ? "" : ", ") + std::string(name);
  }
  return Malformed("fetch.chain", "the answer has no header with the issuer chain, or two; want one of " + seen);
}

Result<Fetched> FetchIntel(const IntelPlatform& platform, Time time, const Services& services,
                           const FetchOptions& options, Session* session, const Cache& cache) {
  IntelAdmission admission(platform, time);
  const std::string folder = VendorFolder(platform.anchor, "intel");
  const auto stored_chains = [&] {
    std::vector<std::string> out;
    for (const std::string& name : cache.List(folder, "tcb-signing-", ".pem")) {
      if (const auto bytes = cache.Read(name)) out.emplace_back(AsText(*bytes));
    }
    return out;
  };
  std::vector<Pending> pending;
  for (const Question& question : IntelQuestions(platform, services)) {
    auto response = session->Get(question.url, question.max_bytes);
    if (!response.ok()) return About(question, response.error());
    std::vector<std::string> chains;
    if (!question.chain_headers.empty()) {
      auto chain = ChainOf(*response, question);
      if (!chain.ok()) return About(question, chain.error());
      chains.push_back(std::move(chain).value());
    }
    auto admitted = Admit(&admission, question.document, response->body, chains);
    if (!admitted.ok()) return About(question, admitted.error());
    if (!admitted->chain.empty()) {
      const Bytes chain = ToBytes(AsBytes(admitted->chain));
      const std::string name = folder + "/tcb-signing-" + HexEncode(crypto::Sha256(chain)).substr(0, 16) + ".pem";
      const bool there =
          std::any_of(pending.begin(), pending.end(), [&](const Pending& p) { return p.item.name == name; });
      Question signer = question;
      signer.document = Document::kSignerChain;
      if (!there) pending.push_back(MakePending(signer, name, {chain, admitted->signer, {}, ""}, true));
    }
    pending.push_back(MakePending(question, folder + "/" + question.name, std::move(admitted).value(), true));
    pending.back().entry.age_of = [&, document = question.document](BytesView old) -> std::optional<Age> {
      const auto issued = IssuedOf(document, old);
      if (!issued) return std::nullopt;
      IntelAdmission earlier(platform, *issued);
      const auto old_chains = stored_chains();
      return AgeOf(Admit(&earlier, document, old, old_chains));
    };
  }
  Fetched out;
  ATTESTML_CHECK(Commit(std::move(pending), cache, options.allow_older, &out.items));
  return out;
}

// What of one product line the platform needs.
class LineFetch {
 public:
  LineFetch(const AmdPlatform& platform, snp::ProductLine line, std::span<const verify::TrustAnchor> anchors, Time time,
            const Cache& cache)
      : platform_(platform), line_(line), anchors_(anchors), cache_(cache), admission_(platform, line, anchors, time) {}

  Result<std::vector<Pending>> Run(const Services& services, bool refresh, Session* session) {
    for (const Question& question : AmdQuestions(platform_, line_, services)) {
      // A certificate that is good stays good, and AMD's service answers one request in ten seconds.
      if (question.document != Document::kAmdCrl && !refresh && FindCached(question)) continue;
      auto response = session->Get(question.url, question.max_bytes);
      if (!response.ok()) return About(question, response.error());
      auto admitted = Admit(question.document, response->body);
      if (!admitted.ok()) return About(question, admitted.error());
      Keep(question, std::move(admitted).value(), true);
    }
    return std::move(pending_);
  }

 private:
  Result<Admitted> Admit(Document document, BytesView body) {
    return document == Document::kAmdChain ? admission_.Chain(body)
           : document == Document::kAmdCrl ? admission_.Crl(body)
                                           : admission_.Vcek(body);
  }

  std::string FolderOf(const verify::TrustAnchor& anchor) const {
    return VendorFolder(anchor, "amd") + "/" + LineFolder(line_);
  }

  // The chain says whose folder it is: it comes first.
  bool FindCached(const Question& question) {
    std::vector<std::string> folders;
    if (admission_.anchor()) {
      folders.push_back(FolderOf(*admission_.anchor()));
    } else {
      for (const verify::TrustAnchor& anchor : anchors_) {
        const std::string folder = FolderOf(anchor);
        if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
      }
    }
    for (const std::string& folder : folders) {
      const auto bytes = cache_.Read(folder + "/" + question.name);
      if (!bytes) continue;
      auto admitted = Admit(question.document, *bytes);
      if (!admitted.ok()) continue;
      Keep(question, std::move(admitted).value(), false);
      return true;
    }
    return false;
  }

  void Keep(const Question& question, Admitted admitted, bool asked) {
    if (question.document == Document::kAmdChain) chain_ = admitted.bytes;
    const std::string name = FolderOf(*admission_.anchor()) + "/" + question.name;
    pending_.push_back(MakePending(question, name, std::move(admitted), asked));
    if (question.document != Document::kAmdCrl) return;
    pending_.back().entry.age_of = [&platform = platform_, line = line_, anchors = anchors_,
                                    chain = chain_](BytesView old) -> std::optional<Age> {
      const auto issued = IssuedOf(Document::kAmdCrl, old);
      if (!issued) return std::nullopt;
      AmdAdmission earlier(platform, line, anchors, *issued);
      if (!earlier.Chain(chain).ok()) return std::nullopt;
      return AgeOf(earlier.Crl(old));
    };
  }

  const AmdPlatform& platform_;
  snp::ProductLine line_;
  std::span<const verify::TrustAnchor> anchors_;
  const Cache& cache_;
  AmdAdmission admission_;
  Bytes chain_;
  std::vector<Pending> pending_;
};

Result<Fetched> FetchAmd(const AmdPlatform& platform, std::span<const verify::TrustAnchor> anchors, Time time,
                         const Services& services, const FetchOptions& options, Session* session, const Cache& cache) {
  const bool hidden = platform.chip_id.empty();
  const bool by_chip = platform.key == snp::SigningKey::kVcek && !hidden;
  Fetched out;
  std::vector<Pending> all;
  Error last;
  for (const snp::ProductLine line : platform.lines) {
    auto found = LineFetch(platform, line, anchors, time, cache).Run(services, options.refresh, session);
    if (!found.ok()) {
      last = found.error();
      // A report of version 2 does not say which line it is of. The other one may know its chip.
      const bool other_line =
          by_chip && line != platform.lines.back() &&
          (last.id == "fetch.not_found" || last.id == "fetch.status" || last.id == "fetch.document");
      if (other_line) continue;
      return last;
    }
    for (Pending& each : *found) all.push_back(std::move(each));
    if (by_chip) break;
  }
  if (platform.key == snp::SigningKey::kVlek) {
    out.notes.emplace_back(
        "a VLEK signed the report: its certificate is the cloud provider's to give, and AMD's service "
        "does not have it; add it with --collateral");
  } else if (hidden) {
    out.notes.emplace_back(
        "the report hides its chip, so that nobody can ask for its VCEK: the host must give it; add "
        "it with --collateral");
  }
  ATTESTML_CHECK(Commit(std::move(all), cache, options.allow_older, &out.items));
  return out;
}

}  // namespace

Result<Fetched> FetchCollateral(const Platform& platform, std::span<const verify::TrustAnchor> anchors, Time time,
                                const Services& services, const FetchOptions& options, Session* session,
                                const Cache& cache) {
  if (platform.intel) return FetchIntel(*platform.intel, time, services, options, session, cache);
  if (platform.amd) return FetchAmd(*platform.amd, anchors, time, services, options, session, cache);
  return NothingToFetch();
}

Fetched NothingToFetch() {
  Fetched out;
  out.notes.emplace_back(
      "a Nitro document holds its own chain, whose root is built in, and AWS publishes no revocation "
      "list: there is nothing to fetch");
  return out;
}

}  // namespace attestml::fetch
