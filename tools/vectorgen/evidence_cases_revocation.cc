// Revocation lists: present, whose, of when, and what they revoke.
#include <utility>

#include "base/hex.h"
#include "crypto/pem.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SimulatedAuthority;
using List = tee::SimulatedAuthority::RevocationList;

void Erase(EvidenceCase& c, Item item) {
  c.package.collateral.erase(c.package.collateral.begin() + static_cast<std::ptrdiff_t>(item));
}

// A list as the authority would issue it `days` later, revoking `serial`.
evidence::CollateralItem Revoking(const List& list, std::int64_t days, const Bytes& serial) {
  List later = list;
  later.crl.this_update = Later(days);
  later.crl.next_update = Later(days + 30);
  later.crl.number += 1;
  later.crl.revoked_serials = {serial};
  return {"newer CRL", crypto::IssueCrl(later.crl, later.issuer).value()};
}

void AddRevoked(CaseBuilder* b) {
  b->Add("crl_revokes_pck", "untrusted sgx.revocation.pck", "a platform whose key leaked would pass",
         [](SimulatedAuthority& a) {
           a.pck_crl.crl.revoked_serials = {{5}, a.pck.certificate.serial, {6}};
         });
  b->Add("crl_revokes_intermediate", "untrusted sgx.revocation.authority", "an authority whose key leaked would pass",
         [](SimulatedAuthority& a) { a.root_crl.crl.revoked_serials = {a.platform_ca.certificate.serial}; });
  b->Add("crl_revokes_tcb_signer", "untrusted sgx.revocation.tcb_signer", "a signer whose key leaked would pass",
         [](SimulatedAuthority& a) { a.root_crl.crl.revoked_serials = {a.tcb_signer.certificate.serial}; });
  b->Add("crl_of_root_names_serial_of_pck", "verified UpToDate", "serial numbers belong to their issuer",
         [](SimulatedAuthority& a) { a.root_crl.crl.revoked_serials = {a.pck.certificate.serial}; });
  b->Add("crl_of_intermediate_names_serial_of_tcb_signer", "verified UpToDate", "serial numbers belong to their issuer",
         [](SimulatedAuthority& a) { a.pck_crl.crl.revoked_serials = {a.tcb_signer.certificate.serial}; });

  // The relying party brings a newer list, and asks about a time before it.
  b->Add("crl_newer_revokes_pck", "untrusted sgx.revocation.pck",
         "a revoked platform would pass by asking about the time before", {},
         [a = b->Authority()](EvidenceCase& c) { c.extra = {Revoking(a.pck_crl, 90, a.pck.certificate.serial)}; });
  b->Add("crl_newer_revokes_intermediate", "untrusted sgx.revocation.authority",
         "a revoked authority would pass by asking about the time before", {}, [a = b->Authority()](EvidenceCase& c) {
           c.extra = {Revoking(a.root_crl, 90, a.platform_ca.certificate.serial)};
         });
  b->Add("crl_newer_revokes_tcb_signer", "untrusted sgx.revocation.tcb_signer",
         "a revoked signer would pass by asking about the time before", {}, [a = b->Authority()](EvidenceCase& c) {
           c.extra = {Revoking(a.root_crl, 90, a.tcb_signer.certificate.serial)};
         });
  b->Add("crl_older_revokes_pck", "untrusted sgx.revocation.pck", "what was revoked once would come back", {},
         [a = b->Authority()](EvidenceCase& c) { c.extra = {Revoking(a.pck_crl, -60, a.pck.certificate.serial)}; });
  b->Add("crl_of_the_prover_first", "untrusted sgx.revocation.pck", "the first list found would win", {},
         [a = b->Authority()](EvidenceCase& c) { c.extra = {Revoking(a.pck_crl, -1, a.pck.certificate.serial)}; });
  b->Add("crl_of_a_stranger_revokes_pck", "verified UpToDate", "anyone could revoke anything", {},
         [a = b->Authority(), k = b->stranger_keys().platform_ca](EvidenceCase& c) {
           List forged = a.pck_crl;
           forged.issuer = k;
           c.extra = {Revoking(forged, 1, a.pck.certificate.serial)};
         });
}

void AddLists(CaseBuilder* b) {
  const struct {
    const char* name;
    Item item;
    List SimulatedAuthority::*where;
  } lists[] = {{"root_crl", kRootCrl, &SimulatedAuthority::root_crl},
               {"pck_crl", kPckCrl, &SimulatedAuthority::pck_crl}};
  for (const auto& l : lists) {
    const std::string id = std::string("sgx.crl.") + (l.item == kRootCrl ? "root" : "pck");
    const auto add = [&](const char* what, const std::string& expect, const char* why, const CaseBuilder::Bend& bend,
                         const CaseBuilder::Edit& edit = {}) {
      b->Add(std::string(l.name) + "_" + what, expect, why, bend, edit);
    };
    add("missing", "unavailable sgx.collateral." + std::string(l.name), "revocation would not be checked", {},
        [l](EvidenceCase& c) { Erase(c, l.item); });
    add("expired", "untrusted " + id + ".expired", "an old list hides what was revoked since",
        [l](SimulatedAuthority& a) { (a.*l.where).crl.next_update = Time{kIssued.unix_seconds - 1}; });
    add("future", "untrusted " + id + ".not_yet_valid", "a list from the future is a lie about one of two clocks",
        [l](SimulatedAuthority& a) { (a.*l.where).crl.this_update = Time{kIssued.unix_seconds + 1}; });
    add("signed_by_another_key", "untrusted " + id + ".signature", "anyone could issue an empty list",
        [l, k = b->stranger_keys().root](SimulatedAuthority& a) { (a.*l.where).issuer = k; });
    add("delta", "unsupported crl.extension", "a list of changes would be taken for the whole list",
        [l](SimulatedAuthority& a) {
          (a.*l.where).crl.extensions = {{"2.5.29.27", true, {0x02, 0x01, 0x01}}};
        });
    add("indirect", "unsupported crl.extension", "a list with a narrower scope would be taken for the whole list",
        [l](SimulatedAuthority& a) {
          // IssuingDistributionPoint { onlyContainsCACerts TRUE }
          (a.*l.where).crl.extensions = {{"2.5.29.28", true, {0x30, 0x03, 0x82, 0x01, 0xff}}};
        });
    add("unknown_critical", "unsupported crl.extension", "a restriction that we do not understand would be ignored",
        [l](SimulatedAuthority& a) {
          (a.*l.where).crl.extensions = {{"1.3.6.1.4.1.55555.2", true, {0x05, 0x00}}};
        });
    add("signature_flipped", "untrusted " + id + ".signature", "the list would not be checked", {},
        [l](EvidenceCase& c) { c.package.collateral[l.item].bytes.back() ^= 1; });
    add("as_pem", "verified UpToDate", "caches hand out PEM", {}, [l](EvidenceCase& c) {
      Bytes& bytes = c.package.collateral[l.item].bytes;
      bytes = ToBytes(AsBytes(crypto::DerToPem("X509 CRL", bytes)));
    });
  }
  b->Add("pck_crl_of_another_authority", "untrusted sgx.crl.pck.issuer",
         "the other authority's empty list would hide revocations", [](SimulatedAuthority& a) {
           a.pck_crl.crl.issuer[0].second = "Intel SGX PCK Processor CA";
           a.pck_crl.issuer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
         });
  b->Add("pck_crl_is_the_root_crl", "unavailable sgx.collateral.pck_crl", "the root's list would stand in", {},
         [](EvidenceCase& c) { c.package.collateral[kPckCrl] = c.package.collateral[kRootCrl]; });
  b->Add("pck_crl_signed_by_root_for_intermediate", "untrusted sgx.crl.pck.signature",
         "a list must be signed by the authority that it speaks for",
         [](SimulatedAuthority& a) { a.pck_crl.issuer = a.root.key; });
}

// Signed by the right key, beside a list that can be read: what we cannot read may be what revokes.
void AddUnreadable(CaseBuilder* b) {
  const struct {
    const char* name;
    List SimulatedAuthority::*where;
    crypto::PrivateKey stranger;
  } lists[] = {{"root_crl", &SimulatedAuthority::root_crl, b->stranger_keys().root},
               {"pck_crl", &SimulatedAuthority::pck_crl, b->stranger_keys().platform_ca}};
  const crypto::CertificateTemplate::Extension unknown = {"1.3.6.1.4.1.55555.2", true, {0x05, 0x00}};
  const crypto::CertificateTemplate::Extension delta = {"2.5.29.27", true, {0x02, 0x01, 0x01}};
  const crypto::CertificateTemplate::Extension large = {"1.3.6.1.4.1.55555.3", false, Bytes(std::size_t{1} << 20, 5)};
  for (const auto& l : lists) {
    const std::string id = std::string("sgx.crl.") + (l.where == &SimulatedAuthority::root_crl ? "root" : "pck");
    const List honest = b->Authority().*l.where;
    const auto crl = [&](std::int64_t days, const crypto::CertificateTemplate::Extension& extension,
                         const crypto::PrivateKey& key) {
      List list = honest;
      list.issuer = key;
      list.crl.extensions = {extension};
      return Revoking(list, days, {0x66});
    };
    const auto add = [&](const char* what, const std::string& expect, const char* why, evidence::CollateralItem item) {
      b->Add(std::string(l.name) + "_beside_" + what, expect, why, {},
             [item = std::move(item)](EvidenceCase& c) { c.extra = {item}; });
    };
    const char* passed_over = "what is revoked in a list that we do not understand would pass";
    add("unknown_critical", "unsupported crl.extension", passed_over, crl(0, unknown, honest.issuer));
    add("newer_unknown_critical", "unsupported crl.extension", passed_over, crl(90, unknown, honest.issuer));
    add("older_unknown_critical", "unsupported crl.extension", passed_over, crl(-90, unknown, honest.issuer));
    add("delta", "unsupported crl.extension", passed_over, crl(0, delta, honest.issuer));
    add("unknown_critical_of_a_stranger", "verified UpToDate", "anyone could make any platform fail",
        crl(0, unknown, l.stranger));
    const evidence::CollateralItem too_large = crl(0, large, honest.issuer);
    add("too_large", "malformed " + id + ".size", "what is revoked in a large list would pass", too_large);
    add("too_large_as_hex", "malformed " + id + ".size", "what is revoked in a large list would pass",
        {"CRL", ToBytes(AsBytes(HexEncode(too_large.bytes)))});
    List other = honest;
    other.crl.issuer[0].second = "Somebody Else's CA";
    other.crl.extensions = {large};
    add("too_large_of_another_issuer", "verified UpToDate", "a folder may hold other authorities' lists",
        Revoking(other, 0, {0x66}));
  }
  const auto bundle = [a = b->Authority()](std::uint64_t count) {
    std::string pem;
    for (std::uint64_t i = 0; i < count; ++i) {
      List list = a.pck_crl;
      list.crl.number += i;
      pem += crypto::DerToPem("X509 CRL", i + 1 < count ? crypto::IssueCrl(list.crl, list.issuer).value()
                                                        : Revoking(list, 0, a.pck.certificate.serial).bytes);
    }
    return evidence::CollateralItem{"CRLs", ToBytes(AsBytes(pem))};
  };
  b->Add("crl_last_of_many_in_one_file", "untrusted sgx.revocation.pck", "a long file of lists would be left aside", {},
         [item = bundle(40)](EvidenceCase& c) { c.extra = {item}; });
  b->Add("crl_too_many_in_one_file", "malformed sgx.collateral.count", "a long file of lists would be left aside", {},
         [item = bundle(129)](EvidenceCase& c) { c.extra = {item}; });
}

// The list names one serial number; the same key is certified under another, too.
void AddKeys(CaseBuilder* b) {
  using Certified = SimulatedAuthority::Certified;
  const struct {
    const char* name;
    Certified SimulatedAuthority::*member;
    List SimulatedAuthority::*list;
  } members[] = {
      {"pck", &SimulatedAuthority::pck, &SimulatedAuthority::pck_crl},
      {"authority", &SimulatedAuthority::platform_ca, &SimulatedAuthority::root_crl},
      {"tcb_signer", &SimulatedAuthority::tcb_signer, &SimulatedAuthority::root_crl},
  };
  for (const auto& m : members) {
    const Certified honest = b->Authority().*m.member;
    const auto add = [&](const char* what, bool refused, const char* why, const auto& change) {
      Certified twin = honest;
      twin.certificate.serial = {0x66};
      change(twin);
      const Bytes der = crypto::IssueCertificate(twin.certificate, twin.key.public_key(), twin.issuer).value();
      b->Add(
          std::string("revoked_key_of_") + m.name + what,
          refused ? std::string("untrusted sgx.revocation.") + m.name : "verified UpToDate", why,
          [m](SimulatedAuthority& a) { (a.*m.list).crl.revoked_serials = {{0x66}}; },
          [der](EvidenceCase& c) {
            c.extra = {{"revoked certificate", der}};
          });
    };
    const char* leaked = "the key leaked, whatever certificate it is shown with";
    add("_under_another_serial", true, leaked, [](Certified&) {});
    add("_under_another_name", true, leaked, [](Certified& t) { t.certificate.subject[0].second = "Spare"; });
    add("_expired", true, leaked, [](Certified& t) { t.certificate.not_after = Time{kIssued.unix_seconds - 1}; });
    add("_forged", false, "anyone could bar any key", [k = b->stranger_keys().root](Certified& t) { t.issuer = k; });
    add("_of_another_issuer", false, "serial numbers belong to their issuer",
        [k = b->stranger_keys().root](Certified& t) {
          t.issuer = k;
          t.certificate.issuer[0].second = "Somebody Else's CA";
        });
    add("_is_another_key", false, "only the key that was revoked is",
        [k = b->stranger_keys().pck](Certified& t) { t.key = k; });
  }
}

}  // namespace

void AddRevocationCases(CaseBuilder* b) {
  AddRevoked(b);
  AddLists(b);
  AddUnreadable(b);
  AddKeys(b);
}

}  // namespace attestml::vectorgen
