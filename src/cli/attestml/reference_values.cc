#include "policy/reference_values.h"

#include <algorithm>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "crypto/key.h"
#include "evidence/sgx/sigstruct.h"
#include "statement/envelope.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxSmallFile = std::size_t{1} << 20;

struct MakeOptions {
  std::string file, name, key, out = "-";
  std::vector<std::string> sigstructs, tdx, snp, nitro;
  bool simulated = false, allow_debug = false;
};

// "mrtd=00ff,rtmr1=…".
Result<policy::ReferenceProgram> ProgramOf(const std::string& tee, const std::string& name, const std::string& text) {
  policy::ReferenceProgram out{name, tee, {}, {}};
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    const auto bytes = equals == std::string::npos ? Result<Bytes>(Bytes{}) : HexDecode(item.substr(equals + 1));
    if (equals == std::string::npos || !bytes.ok()) {
      return Usage("cli.value", "--" + tee + ": \"" + item + "\" is not KEY=HEX");
    }
    out.values[item.substr(0, equals)] = HexEncode(*bytes);
    begin = end + 1;
  }
  return out;
}

Result<policy::ReferenceProgram> ProgramOfSigstruct(const std::string& path, const MakeOptions& options) {
  ATTESTML_TRY(const Bytes bytes, artifact::ReadFile(path, kMaxSmallFile));
  const auto sigstruct = evidence::sgx::ParseSigstruct(bytes);
  if (!sigstruct.ok()) return Within(path, sigstruct.error());
  if (sigstruct->may_debug() && !options.allow_debug) {
    return Usage("cli.debug", path + " is of an enclave that may run in debug mode, open to its host: want " +
                                  "sgx.debug = false in the manifest, or --allow-debug");
  }
  return policy::ReferenceProgram{
      options.name,
      "sgx",
      {{"mrenclave", HexEncode(sigstruct->mrenclave)}, {"mrsigner", HexEncode(sigstruct->mrsigner)}},
      sigstruct->isv_svn};
}

Status Make(const MakeOptions& options) {
  ATTESTML_TRY(const Bytes pem, artifact::ReadFile(options.key, kMaxSmallFile));
  auto key = crypto::PrivateKey::FromPem(AsText(pem));
  if (!key.ok()) return Within(options.key, std::move(key).error());
  policy::ReferenceValues values;
  ATTESTML_TRY(values.sha256, DigestOfPath(options.file));
  values.file = options.file.substr(options.file.rfind('/') + 1);
  for (const std::string& path : options.sigstructs) {
    ATTESTML_TRY(auto program, ProgramOfSigstruct(path, options));
    values.programs.push_back(std::move(program));
  }
  const std::pair<const char*, const std::vector<std::string>*> given[] = {
      {"tdx", &options.tdx}, {"snp", &options.snp}, {"nitro", &options.nitro}};
  for (const auto& [tee, texts] : given) {
    for (const std::string& text : *texts) {
      ATTESTML_TRY(auto program, ProgramOf(tee, options.name, text));
      values.programs.push_back(std::move(program));
    }
  }
  if (options.simulated) {
    // What simulated SGX shows of a program: spec/simulated.md.
    values.programs.push_back({options.name, "simulated", {{"mrenclave", HexEncode(values.sha256)}}, {}});
  }
  if (const Status status = policy::CheckReferenceValues(values); !status.ok()) {
    return Usage(status.error().id, status.error().message);
  }
  const std::string text = policy::WriteReferenceValues(values);
  const std::string line = statement::WriteEnvelope(statement::SignEnvelope(text, *key)) + "\n";
  return artifact::WriteFileAtomically(options.out, AsBytes(line));
}

struct ImportOptions {
  std::string file, key, root, out = "-";
};

Result<std::string> Import(const ImportOptions& options) {
  ATTESTML_TRY(const Bytes pem, artifact::ReadFile(options.key, kMaxSmallFile));
  auto key = crypto::PublicKey::FromPem(AsText(pem));
  if (!key.ok()) return Within(options.key, std::move(key).error());
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(options.file, kMaxSmallFile));
  const auto envelopes = statement::ParseBundle(AsText(text));
  if (!envelopes.ok()) return Within(options.file, envelopes.error());
  std::optional<crypto::Digest256> root;
  if (!options.root.empty()) {
    ATTESTML_TRY(const auto anchors, ReadAnchors({options.root}));
    root = anchors.back().key_id;
  }
  std::string out;
  for (const statement::Envelope& envelope : *envelopes) {
    if (!key->Verify(statement::Pae(envelope.payload), envelope.signature)) {
      return Untrusted("reference.signature", options.file + " is not signed by the key in " + options.key +
                                                  ", sha256:" + HexEncode(key->id()));
    }
    const auto values = policy::ParseReferenceValues(envelope.payload);
    if (!values.ok()) return Within(options.file, values.error());
    const bool simulated = std::any_of(values->programs.begin(), values->programs.end(),
                                       [](const auto& program) { return program.tee.starts_with("simulated"); });
    if (simulated && !root) {
      return Usage("cli.root",
                   "there are programs of simulated TEEs: want --simulated-root, as attestml tee status prints it");
    }
    out += "# " + values->file + ", sha256:" + HexEncode(values->sha256) +
           ", signed by sha256:" + HexEncode(key->id()) + "\n" + policy::ProgramTablesOf(*values, root);
  }
  return out;
}

}  // namespace

void AddReferenceValues(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<MakeOptions>();
  CLI::App* command =
      app.add_subcommand("reference-values", "Sign which measurements a release has, for policies to import");
  command->add_option("FILE", options->file, "What is released: the prover")->required();
  command->add_option("--name", options->name, "What the programs are called in reports and policies")->required();
  command->add_option("-k,--key", options->key, "Your private key (PEM)")->required();
  command->add_option("--sigstruct", options->sigstructs,
                      "SGX: an enclave's signature (NAME.sig of gramine-sgx-sign), which says what it will measure as");
  command->add_option("--tdx", options->tdx, "An image in TDX: mrtd=HEX,rtmr1=HEX,rtmr2=HEX");
  command->add_option("--snp", options->snp, "An image in SEV-SNP: measurement=HEX");
  command->add_option("--nitro", options->nitro, "An enclave image: pcr0=HEX,pcr1=HEX,pcr2=HEX");
  command->add_flag("--simulated", options->simulated, "FILE in simulated SGX");
  command->add_flag("--allow-debug", options->allow_debug, "Take enclaves that may run in debug mode");
  command->add_option("-o,--out", options->out, "Where the bundle line goes; \"-\" is standard output")
      ->capture_default_str();
  command->footer(
      "An enclave's measurement speaks for the program. In a virtual machine any process may ask for a report: there "
      "the\n"
      "program is the whole image, and its measurements come from who builds it.\n"
      "\nExample:\n  attestml reference-values attestml-prover --name \"attestml-prover 0.1.0\" --sigstruct "
      "attestml-prover.sig --key release.pem -o values.intoto.jsonl");
  command->callback([options, exit_code] {
    const Status status = Make(*options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

void AddPolicyImport(CLI::App& policy, int* exit_code) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      policy.add_subcommand("import", "Print [[program]] tables from signed reference values, to add to a policy");
  command->add_option("FILE", options->file, "What `attestml reference-values` wrote")->required();
  command->add_option("-k,--key", options->key, "The public key of who released the programs (PEM)")->required();
  command->add_option("--simulated-root", options->root, "Key id of a simulated TEE's root, for programs in such");
  command->add_option("-o,--out", options->out, "Where to write; \"-\" is standard output")->capture_default_str();
  command->footer("Example:\n  attestml policy import values.intoto.jsonl --key release.pem.pub >> policy.toml");
  command->callback([options, exit_code] {
    const auto text = Import(*options);
    const Status status =
        text.ok() ? artifact::WriteFileAtomically(options->out, AsBytes(*text)) : Status(text.error());
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

}  // namespace attestml::cli
