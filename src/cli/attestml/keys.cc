#include <filesystem>
#include <system_error>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "crypto/certificate.h"
#include "crypto/key.h"
#include "statement/claims.h"
#include "statement/envelope.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;

// A key that is written over is gone for ever, and with it all that was signed, or concealed, in its name.
Status GenerateKey(const std::string& type, const std::string& path) {
  for (const std::string& name : {path, path + ".pub"}) {
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(name, error))) {
      return Usage("keygen.exists", name + " is there already, and a key is never written over");
    }
  }
  if (type == "owner-secret") {
    return artifact::WriteFileAtomically(path, AsBytes(HexEncode(crypto::RandomSecret()) + "\n"), 0600);
  }
  const auto key =
      crypto::PrivateKey::Generate(type == "ed25519" ? crypto::KeyType::kEd25519 : crypto::KeyType::kEcdsaP256);
  ATTESTML_CHECK(artifact::WriteFileAtomically(path, AsBytes(key.ToPem()), 0600));
  ATTESTML_CHECK(artifact::WriteFileAtomically(path + ".pub", AsBytes(key.public_key().ToPem())));
  return Print("sha256:" + HexEncode(key.public_key().id()) + "\n");
}

struct CertifyOptions {
  std::string file, name, key, chain, out = "-", kind = "model";
};

Status Certify(const CertifyOptions& options) {
  ATTESTML_TRY(const Bytes pem, artifact::ReadFile(options.key, kMaxKeyFile));
  auto key = crypto::PrivateKey::FromPem(AsText(pem));
  if (!key.ok()) return Within(options.key, std::move(key).error());
  statement::CertificationClaim claim;
  ATTESTML_TRY(const auto digest, DigestOfPath(options.file));
  claim.subject = {options.name, digest};
  claim.kind = options.kind;
  claim.name = options.name;
  claim.certifier_key = key->public_key().spki();
  if (!options.chain.empty()) {
    ATTESTML_TRY(const Bytes chain, artifact::ReadFile(options.chain, kMaxKeyFile));
    auto certificates = crypto::Certificate::FromPem(AsText(chain));
    if (!certificates.ok()) return Within(options.chain, std::move(certificates).error());
    if (certificates->front().key_id() != key->public_key().id()) {
      return Usage("certify.chain", "the first certificate of " + options.chain + " is not of this key");
    }
    for (const auto& certificate : *certificates) claim.certifier_chain.push_back(certificate.der());
  }
  const std::string text = statement::WriteStatement(claim);
  const auto readable = statement::ParseStatement(text);
  if (!readable.ok()) return Usage(readable.error().id, readable.error().message);
  const std::string line = statement::WriteEnvelope(statement::SignEnvelope(text, *key)) + "\n";
  return artifact::WriteFileAtomically(options.out, AsBytes(line));
}

}  // namespace

void AddKeys(CLI::App& app, int* exit_code) {
  struct Options {
    std::string type = "p256";
    std::string path;
    CertifyOptions certify;
  };
  auto options = std::make_shared<Options>();

  CLI::App* keygen = app.add_subcommand("keygen", "Make a certifier's key: FILE (private, mode 0600) and FILE.pub");
  keygen->add_option("FILE", options->path, "Where the private key goes")->required();
  keygen->add_option("--type", options->type, "p256 or ed25519; owner-secret for what conceals")
      ->check(CLI::IsMember({"p256", "ed25519", "owner-secret"}))
      ->capture_default_str();
  keygen->footer(
      "Prints the key's id, as a policy names it.\nExample:\n  attestml keygen certifier.pem --type ed25519");
  keygen->callback([options, exit_code] {
    const Status status = GenerateKey(options->type, options->path);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });

  CLI::App* certify = app.add_subcommand("certify", "State that a model or dataset is yours, and its name");
  CertifyOptions& c = options->certify;
  certify->add_option("FILE", c.file, "The file, or the folder, that is certified")->required();
  certify->add_option("--as", c.name, "What you call it")->required();
  certify->add_option("-k,--key", c.key, "Your private key (PEM)")->required();
  certify->add_option("--cert", c.chain, "Certificates of that key (PEM, leaf first)");
  certify->add_option("--kind", c.kind, "model or dataset")
      ->check(CLI::IsMember({"model", "dataset"}))
      ->capture_default_str();
  certify->add_option("-o,--out", c.out, "Where the bundle line goes; \"-\" is standard output")->capture_default_str();
  certify->footer(
      "Example:\n  attestml certify model.safetensors --as \"Example Bank scoring 3\" --key certifier.pem -o "
      "certified.intoto.jsonl");
  certify->callback([options, exit_code] {
    const Status status = Certify(options->certify);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

}  // namespace attestml::cli
