// A small PKI and quoting enclave for tests: everything that Intel signs, with any part of it wrong on purpose.
//
// Written apart from the simulated device on purpose, so that two writers must agree with one reader.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "base/hex.h"
#include "crypto/certificate.h"
#include "crypto/certificate_builder.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "crypto/pem.h"
#include "evidence/package.h"
#include "verify/evidence.h"

namespace attestml::verify::test {

using Name = std::vector<std::pair<std::string, std::string>>;

inline Name NameOf(const std::string& common_name) { return {{"CN", common_name}, {"O", "Test"}}; }

inline Time TestTime() { return Time{1'800'000'000}; }  // 2027-01-15T08:00:00Z
inline Time Days(int days) { return Time{TestTime().unix_seconds + std::int64_t{86400} * days}; }

// DER with content of less than 64 KiB.
inline Bytes Der(std::uint8_t tag, BytesView content) {
  ByteWriter out;
  out.WriteU8(tag);
  if (content.size() < 128) {
    out.WriteU8(static_cast<std::uint8_t>(content.size()));
  } else if (content.size() < 256) {
    out.WriteU8(0x81);
    out.WriteU8(static_cast<std::uint8_t>(content.size()));
  } else {
    out.WriteU8(0x82);
    out.WriteU8(static_cast<std::uint8_t>(content.size() >> 8));
    out.WriteU8(static_cast<std::uint8_t>(content.size()));
  }
  out.WriteBytes(content);
  return std::move(out).Take();
}

inline Bytes Member(std::vector<std::uint8_t> suffix, const Bytes& value) {
  Bytes oid = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
  oid.insert(oid.end(), suffix.begin(), suffix.end());
  Bytes content = Der(0x06, oid);
  content.insert(content.end(), value.begin(), value.end());
  return Der(0x30, content);
}

inline Bytes Number(unsigned value) {
  Bytes content;
  if (value > 0xff) content.push_back(static_cast<std::uint8_t>(value >> 8));
  content.push_back(static_cast<std::uint8_t>(value));
  if ((content[0] & 0x80) != 0) content.insert(content.begin(), 0);
  return Der(0x02, content);
}

struct Level {
  std::vector<unsigned> components = std::vector<unsigned>(16, 5);
  unsigned pce_svn = 10;
  std::string status = "UpToDate";
  std::string advisories = "[]";
  std::vector<unsigned> tdx_components = std::vector<unsigned>(16, 3);  // written into documents for TDX
};

struct QeLevelText {
  unsigned isv_svn = 8;
  std::string status = "UpToDate";
  std::string advisories = "[]";
};

// One major version of the TDX module, and its levels as ISVSVN and status.
struct ModuleText {
  std::string id;  // "TDX_01"; "" for the module of version 0
  std::uint8_t signer = 0, attributes = 0;
  std::vector<std::pair<unsigned, std::string>> levels;
};

// What a trust domain's report says, where it is not filler.
struct Td {
  Bytes tee_tcb_svn = Bytes(16, 3);    // module version 3, as its own second byte says
  std::optional<Bytes> tee_tcb_svn_2;  // with it the report is of version 1.5
  std::uint64_t attributes = 0x10000000;
  std::uint8_t signer_seam = 0, seam_attributes = 0, service_td = 0;
  unsigned quote_version = 4;
};

// Platform: change a member, then Make. Every default is right.
struct Platform {
  crypto::PrivateKey root = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  crypto::PrivateKey ca = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  crypto::PrivateKey pck = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  crypto::PrivateKey tcb = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  crypto::PrivateKey attestation = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);

  // Called on each certificate's template ("root", "ca", "pck", "tcb") before it is issued.
  std::function<void(const std::string&, crypto::CertificateTemplate*)> edit = [](const std::string&, auto*) {};
  std::vector<unsigned> components = std::vector<unsigned>(16, 5);
  unsigned pce_svn = 10;
  std::string fmspc = "001122334455";
  std::string pce_id = "0000";

  std::string tcb_id = "SGX", qe_id = "QE";
  std::vector<Level> levels = {Level{}};
  std::vector<QeLevelText> qe_levels = {QeLevelText{}};
  std::string info_fmspc = "001122334455", info_pce_id = "0000";
  Time info_from = Days(-10), info_until = Days(20);
  Time qe_from = Days(-9), qe_until = Days(21);
  Time root_crl_from = Days(-100), root_crl_until = Days(200);
  Time pck_crl_from = Days(-8), pck_crl_until = Days(22);
  std::vector<Bytes> root_revoked, pck_revoked;

  std::uint8_t qe_attributes = 0x11, app_attributes = 0x05;
  unsigned qe_isv_svn = 8, qe_prod_id = 1;
  std::uint8_t qe_signer = 0x8c;
  std::uint8_t app_enclave = 0x77;
  Bytes auth_data = Bytes(32, 0x20);

  std::optional<Td> td;  // a quote of a trust domain instead of an enclave's
  std::vector<ModuleText> modules = {{"", 0, 0, {}}, {"TDX_03", 0, 0, {{3, "UpToDate"}}}};

  // The same platform with a trust domain on it, and Intel's documents for TDX.
  static Platform WithTd() {
    Platform out;
    out.td.emplace();
    out.tcb_id = "TDX";
    out.qe_id = "TD_QE";
    return out;
  }

  TrustAnchor Anchor(bool simulated = true) const { return {"test root", root.public_key().id(), simulated}; }

  Bytes Certificate(const std::string& role) const {
    crypto::CertificateTemplate t;
    t.not_before = Days(-365);
    t.not_after = Days(365);
    const crypto::PrivateKey* key = &root;
    const crypto::PrivateKey* signer = &root;
    t.issuer = NameOf("Intel SGX Root CA");
    if (role == "root") {
      t.subject = NameOf("Intel SGX Root CA");
      t.serial = {1};
      t.is_ca = true;
      t.path_length = 1;
      t.key_usage = {"keyCertSign", "cRLSign"};
    } else if (role == "ca") {
      key = &ca;
      t.subject = NameOf("Intel SGX PCK Platform CA");
      t.serial = {2};
      t.is_ca = true;
      t.path_length = 0;
      t.key_usage = {"keyCertSign", "cRLSign"};
    } else if (role == "tcb") {
      key = &tcb;
      t.subject = NameOf("Intel SGX TCB Signing");
      t.serial = {3};
      t.key_usage = {"digitalSignature"};
    } else {
      key = &pck;
      signer = &ca;
      t.subject = NameOf("Intel SGX PCK Certificate");
      t.issuer = NameOf("Intel SGX PCK Platform CA");
      t.serial = {0x70, 4};
      t.key_usage = {"digitalSignature"};
      t.extensions.push_back({"1.2.840.113741.1.13.1", false, Extension()});
    }
    edit(role, &t);
    auto der = crypto::IssueCertificate(t, key->public_key(), *signer);
    return der.ok() ? *der : Bytes{};
  }

  Bytes Extension() const {
    Bytes tcb_value;
    for (std::uint8_t i = 0; i < 16; ++i) {
      const Bytes member = Member({2, static_cast<std::uint8_t>(i + 1)}, Number(components[i]));
      tcb_value.insert(tcb_value.end(), member.begin(), member.end());
    }
    for (const Bytes& member : {Member({2, 17}, Number(pce_svn)), Member({2, 18}, Der(0x04, Bytes(16, 9)))}) {
      tcb_value.insert(tcb_value.end(), member.begin(), member.end());
    }
    Bytes value;
    for (const Bytes& member : {Member({1}, Der(0x04, Bytes(16, 0xaa))), Member({2}, Der(0x30, tcb_value)),
                                Member({3}, Der(0x04, *HexDecode(pce_id))), Member({4}, Der(0x04, *HexDecode(fmspc))),
                                Member({5}, Der(0x0a, Bytes{0}))}) {
      value.insert(value.end(), member.begin(), member.end());
    }
    return Der(0x30, value);
  }

  std::string SignedDocument(const std::string& member, const std::string& body) const {
    return "{\"" + member + "\":" + body + ",\"signature\":\"" + HexEncode(tcb.SignRaw(AsBytes(body))) + "\"}";
  }

  std::string TcbInfoBody() const {
    std::string out = "{\"id\":\"" + tcb_id + "\",\"version\":3,\"issueDate\":\"" + FormatTime(info_from) +
                      "\",\"nextUpdate\":\"" + FormatTime(info_until) + "\",\"fmspc\":\"" + info_fmspc +
                      "\",\"pceId\":\"" + info_pce_id +
                      "\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,\"tcbLevels\":[";
    for (std::size_t i = 0; i < levels.size(); ++i) {
      out += std::string(i == 0 ? "" : ",") + "{\"tcb\":{\"sgxtcbcomponents\":[";
      for (std::size_t j = 0; j < levels[i].components.size(); ++j) {
        out += std::string(j == 0 ? "" : ",") + "{\"svn\":" + std::to_string(levels[i].components[j]) + "}";
      }
      out += "]";
      for (std::size_t j = 0; td && j < levels[i].tdx_components.size(); ++j) {
        out += std::string(j == 0 ? ",\"tdxtcbcomponents\":[" : ",") +
               "{\"svn\":" + std::to_string(levels[i].tdx_components[j]) + "}" +
               (j + 1 == levels[i].tdx_components.size() ? "]" : "");
      }
      out += ",\"pcesvn\":" + std::to_string(levels[i].pce_svn) +
             "},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"" + levels[i].status +
             "\",\"advisoryIDs\":" + levels[i].advisories + "}";
    }
    return out + "]" + (td ? ModulesText() : "") + "}";
  }

  std::string ModulesText() const {
    std::string version_0, identities;
    for (const ModuleText& module : modules) {
      std::string text = "\"mrsigner\":\"" + HexEncode(Bytes(48, module.signer)) + "\",\"attributes\":\"" +
                         HexEncode(Bytes(8, module.attributes)) + "\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
      if (module.id.empty()) {
        version_0 = text;
        continue;
      }
      text = "{\"id\":\"" + module.id + "\"," + text + ",\"tcbLevels\":[";
      for (std::size_t i = 0; i < module.levels.size(); ++i) {
        text += std::string(i == 0 ? "" : ",") + "{\"tcb\":{\"isvsvn\":" + std::to_string(module.levels[i].first) +
                "},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"" + module.levels[i].second + "\"}";
      }
      identities += (identities.empty() ? "" : ",") + text + "]}";
    }
    return ",\"tdxModule\":{" + version_0 + "},\"tdxModuleIdentities\":[" + identities + "]";
  }

  Bytes TdReport() const {
    ByteWriter out;
    out.WriteBytes(td->tee_tcb_svn);
    out.WriteBytes(Bytes(48, 0x5e));
    out.WriteBytes(Bytes(48, td->signer_seam));
    out.WriteBytes(Bytes(8, td->seam_attributes));
    for (int i = 0; i < 8; ++i) out.WriteU8(static_cast<std::uint8_t>(td->attributes >> (8 * i)));
    out.WriteBytes(Bytes(8, 0xe7));
    for (std::uint8_t i = 0; i < 8; ++i) out.WriteBytes(Bytes(48, static_cast<std::uint8_t>(0xa0 + i)));
    out.WriteBytes(Bytes(64, 0x42));
    if (td->tee_tcb_svn_2) {
      out.WriteBytes(*td->tee_tcb_svn_2);
      out.WriteBytes(Bytes(48, td->service_td));
    }
    return std::move(out).Take();
  }

  std::string QeIdentityBody() const {
    std::string out = "{\"id\":\"" + qe_id + "\",\"version\":2,\"issueDate\":\"" + FormatTime(qe_from) +
                      "\",\"nextUpdate\":\"" + FormatTime(qe_until) +
                      "\",\"tcbEvaluationDataNumber\":16,\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
                      "\"attributes\":\"11000000000000000000000000000000\","
                      "\"attributesMask\":\"F9FFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"" +
                      HexEncode(Bytes(32, 0x8c)) + "\",\"isvprodid\":1,\"tcbLevels\":[";
    for (std::size_t i = 0; i < qe_levels.size(); ++i) {
      out += std::string(i == 0 ? "" : ",") + "{\"tcb\":{\"isvsvn\":" + std::to_string(qe_levels[i].isv_svn) +
             "},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"" + qe_levels[i].status +
             "\",\"advisoryIDs\":" + qe_levels[i].advisories + "}";
    }
    return out + "]}";
  }

  Bytes RootCrl() const { return Crl("Intel SGX Root CA", root, root_crl_from, root_crl_until, root_revoked); }
  Bytes PckCrl() const { return Crl("Intel SGX PCK Platform CA", ca, pck_crl_from, pck_crl_until, pck_revoked); }

  static Bytes Crl(const std::string& issuer, const crypto::PrivateKey& key, Time from, Time until,
                   const std::vector<Bytes>& revoked,
                   std::vector<crypto::CertificateTemplate::Extension> extensions = {}) {
    crypto::CrlTemplate t;
    t.issuer = NameOf(issuer);
    t.this_update = from;
    t.next_update = until;
    t.revoked_serials = revoked;
    t.extensions = std::move(extensions);
    auto der = crypto::IssueCrl(t, key);
    return der.ok() ? *der : Bytes{};
  }

  static Bytes Point(const crypto::PrivateKey& key) {
    const Bytes& spki = key.public_key().spki();
    return Bytes(spki.end() - 64, spki.end());
  }

  static Bytes Report(std::uint8_t attributes, std::uint8_t enclave, std::uint8_t signer, unsigned prod_id,
                      unsigned svn, const Bytes& report_data) {
    ByteWriter out;
    out.WriteZeros(48);
    out.WriteU8(attributes);
    out.WriteZeros(15);
    out.WriteBytes(Bytes(32, enclave));
    out.WriteZeros(32);
    out.WriteBytes(Bytes(32, signer));
    out.WriteZeros(96);
    out.WriteU16Le(static_cast<std::uint16_t>(prod_id));
    out.WriteU16Le(static_cast<std::uint16_t>(svn));
    out.WriteZeros(60);
    out.WriteBytes(report_data);
    return std::move(out).Take();
  }

  Bytes Quote() const { return Quote({Certificate("pck"), Certificate("ca"), Certificate("root")}); }

  Bytes Quote(const std::vector<Bytes>& chain) const {
    ByteWriter header;
    header.WriteU16Le(static_cast<std::uint16_t>(td ? td->quote_version : 3));
    header.WriteU16Le(2);
    header.WriteU32Le(td ? 0x81 : 0);
    header.WriteU16Le(8);
    header.WriteU16Le(10);
    header.WriteBytes(*HexDecode("939a7233f79c4ca9940a0db3957f0607"));
    header.WriteZeros(20);
    if (td && td->quote_version == 5) {
      header.WriteU16Le(td->tee_tcb_svn_2 ? 3 : 2);
      header.WriteU32Le(td->tee_tcb_svn_2 ? 648 : 584);
    }
    header.WriteBytes(td ? TdReport() : Report(app_attributes, app_enclave, 0x11, 3, 4, Bytes(64, 0x42)));
    const Bytes signed_bytes = ToBytes(header.view());

    const Bytes key = Point(attestation);
    Bytes bound = key;
    bound.insert(bound.end(), auth_data.begin(), auth_data.end());
    const auto digest = crypto::Sha256(bound);
    Bytes report_data(digest.begin(), digest.end());
    report_data.resize(64);
    const Bytes qe = Report(qe_attributes, 0x66, qe_signer, qe_prod_id, qe_isv_svn, report_data);

    std::string pem;
    for (const Bytes& der : chain) pem += crypto::DerToPem("CERTIFICATE", der);
    ByteWriter auth;
    auth.WriteBytes(attestation.SignRaw(signed_bytes));
    auth.WriteBytes(key);
    if (td) {
      auth.WriteU16Le(6);
      auth.WriteU32Le(static_cast<std::uint32_t>(384 + 64 + 2 + auth_data.size() + 2 + 4 + pem.size()));
    }
    auth.WriteBytes(qe);
    auth.WriteBytes(pck.SignRaw(qe));
    auth.WriteU16Le(static_cast<std::uint16_t>(auth_data.size()));
    auth.WriteBytes(auth_data);
    auth.WriteU16Le(5);
    auth.WriteU32Le(static_cast<std::uint32_t>(pem.size()));
    auth.WriteText(pem);

    header.WriteU32Le(static_cast<std::uint32_t>(auth.size()));
    header.WriteBytes(auth.view());
    return std::move(header).Take();
  }

  std::vector<evidence::CollateralItem> Collateral() const {
    return {{"tcb_info", ToBytes(AsBytes(SignedDocument("tcbInfo", TcbInfoBody())))},
            {"qe_identity", ToBytes(AsBytes(SignedDocument("enclaveIdentity", QeIdentityBody())))},
            {"root_crl", RootCrl()},
            {"pck_crl", PckCrl()},
            {"tcb_chain", ToBytes(AsBytes(crypto::DerToPem("CERTIFICATE", Certificate("tcb"))))}};
  }

  evidence::EvidencePackage Package() const {
    return {.media_type = std::string(evidence::kSgxQuoteMediaType), .evidence = Quote(), .collateral = Collateral()};
  }
};

}  // namespace attestml::verify::test
