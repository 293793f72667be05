// Writes the seed corpora: usage: fuzz_seeds DIRECTORY. What the simulated device and our own writers produce, and
// files of this repository, one folder for each target. Keys are new each time; the shapes are what counts.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "crypto/merkle.h"
#include "crypto/pem.h"
#include "crypto/timestamp_builder.h"
#include "engine/program/archive.h"
#include "engine/program/pickle.h"
#include "evidence/package.h"
#include "model/model.h"
#include "statement/binding.h"
#include "statement/claims.h"
#include "statement/concealment.h"
#include "statement/envelope.h"
#include "statement/opening.h"
#include "statement/receipt.h"
#include "statement/record_proof.h"
#include "statement/rows.h"
#include "tee/azure_report.h"
#include "tee/nitro_authority.h"
#include "tee/simulated_authority.h"
#include "tee/snp_authority.h"
#include "tee/tdx_authority.h"

namespace {

using namespace attestml;
namespace fs = std::filesystem;

class Seeds {
 public:
  explicit Seeds(fs::path directory) : directory_(std::move(directory)) {}

  void Add(const char* target, BytesView bytes) {
    fs::create_directories(directory_ / target);
    std::ofstream out(directory_ / target / ("seed-" + std::to_string(count_++)), std::ios::binary);
    out.write(AsText(bytes).data(), static_cast<std::streamsize>(bytes.size()));
    failed_ = failed_ || !out;
  }
  void Add(const char* target, std::string_view text) { Add(target, AsBytes(text)); }

  // Every file with this extension under a folder of the repository, up to the size that mutation can do anything with.
  void AddFiles(const char* target, const char* folder, std::string_view extension) {
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(ATTESTML_SOURCE_DIR) / folder, none)) {
      if (entry.path().extension() != extension || entry.file_size() > 16384) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      Add(target, std::string(std::istreambuf_iterator<char>(in), {}));
    }
  }
  bool failed() const { return failed_; }

 private:
  fs::path directory_;
  std::size_t count_ = 0;
  bool failed_ = false;
};

void AddEvidence(Seeds* seeds) {
  const tee::SimulatedAuthority authority =
      tee::SimulatedAuthority::Create(tee::SimulatedKeys::Generate(), Time{1790000000});
  const auto package = tee::IssueEvidence(authority, {}).value();
  const auto certificates = tee::IssueCertificates(authority).value();
  seeds->Add("sgx_quote", package.evidence);
  seeds->Add("tcb_info", package.collateral[0].bytes);
  seeds->Add("tcb_info", authority.tcb_info);
  seeds->Add("qe_identity", package.collateral[1].bytes);
  seeds->Add("qe_identity", authority.qe_identity);
  const auto platform = tee::SimulatedKeys::Generate();
  for (const auto quote : {tee::TdQuote::kVersion4, tee::TdQuote::kVersion5, tee::TdQuote::kVersion5Td15}) {
    const auto td = tee::IssueTdxEvidence(tee::TdxAuthority::Create(platform, Time{1790000000}, quote), {}).value();
    seeds->Add("sgx_quote", td.evidence);
    seeds->Add("evidence", evidence::EncodeCmw(td));
    seeds->Add("tcb_info", td.collateral[0].bytes);
    seeds->Add("qe_identity", td.collateral[1].bytes);
  }
  tee::SimulatedAuthority revoking = authority;
  revoking.pck_crl.crl.revoked_serials = {{1}, {2, 3}, authority.pck.certificate.serial};
  for (const Bytes& crl : {package.collateral[2].bytes, tee::IssueCollateral(revoking).value().pck_crl}) {
    seeds->Add("crl", crl);
    seeds->Add("pem", crypto::DerToPem("X509 CRL", crl));
  }
  for (const Bytes& der : {certificates.root, certificates.platform_ca, certificates.tcb_signer, certificates.pck}) {
    seeds->Add("certificate", der);
    seeds->Add("pem", crypto::DerToPem("CERTIFICATE", der));
  }
  seeds->Add("certificate", tee::EncodeSgxExtension(*authority.platform));
  seeds->Add("pem", tee::PckChainPem(certificates));
  seeds->Add("pem", authority.pck.key.public_key().ToPem());
  seeds->Add("cmw", evidence::EncodeCmw(package));
  seeds->Add("evidence", evidence::EncodeCmw(package));
  seeds->Add("cmw", evidence::EncodeCmw({package.media_type, {1, 2, 3}, {{"a", {4}}, {"b", {}}}}));
}

void AddNitro(Seeds* seeds) {
  tee::NitroAuthority authority = tee::NitroAuthority::Create(tee::NitroKeys::Generate(), Time{1790000000});
  seeds->Add("nitro_document", tee::IssueNitroEvidence(authority).value().evidence);
  authority.tagged = true;
  authority.public_key = Bytes{1};
  authority.user_data = Bytes(64, 2);
  authority.nonce = Bytes();
  const auto package = tee::IssueNitroEvidence(authority).value();
  seeds->Add("nitro_document", package.evidence);
  seeds->Add("evidence", evidence::EncodeCmw(package));
  // As the hypervisor writes it since 2026, and small.
  Bytes payload = tee::EncodeNitroPayload(authority, Bytes{1}, {Bytes{2}});
  payload[0] = 0xbf;
  payload.push_back(0xff);
  seeds->Add("nitro_document", tee::EncodeNitroDocument(authority, payload));
}

void AddTimestamps(Seeds* seeds) {
  const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const crypto::CertificateTemplate authority{.subject = {{"CN", "TSA"}},
                                              .issuer = {{"CN", "TSA"}},
                                              .serial = {1},
                                              .not_before = Time{1780000000},
                                              .not_after = Time{1800000000},
                                              .is_ca = false,
                                              .path_length = {},
                                              .key_usage = {"digitalSignature"},
                                              .crl_url = {},
                                              .extensions = {crypto::TimeStampingUsage()}};
  const Bytes certificate = crypto::IssueCertificate(authority, key.public_key(), key).value();
  crypto::TimestampTemplate stamp;
  stamp.time = Time{1790000000};
  stamp.fraction = ".25";
  stamp.nonce = Bytes{1, 2};
  stamp.extensions = {{"1.2.3.4", false, {0x05, 0x00}}};
  const Bytes token = crypto::IssueTimestamp(stamp, {certificate, key, {certificate}, {}}).value();
  seeds->Add("timestamp", token);
  seeds->Add("timestamp", crypto::WrapTimestamp(0, token));
  seeds->Add("timestamp", crypto::WrapTimestamp(2, {}));
}

void AddSnpEvidence(Seeds* seeds) {
  const tee::SnpKeys keys = tee::SnpKeys::Generate();
  for (const tee::SnpProduct product : {tee::SnpProduct::kMilan, tee::SnpProduct::kTurin}) {
    for (const tee::SnpEndorsement endorsement : {tee::SnpEndorsement::kVcek, tee::SnpEndorsement::kVlek}) {
      const auto authority = tee::SnpAuthority::Create(keys, product, endorsement, Time{1790000000});
      const auto package = tee::IssueSnpEvidence(authority, {}).value();
      seeds->Add("snp_report", package.evidence);
      seeds->Add("azure_report", tee::EncodeAzureReport({.hardware_report = package.evidence, .padding = 9}));
      evidence::EvidencePackage azure = package;
      azure.evidence = tee::EncodeAzureReport({.hardware_report = package.evidence});
      seeds->Add("evidence", azure.evidence);
      seeds->Add("evidence", evidence::EncodeCmw(azure));
      seeds->Add("certificate", package.collateral[0].bytes);
      seeds->Add("crl", package.collateral[2].bytes);
      seeds->Add("evidence", evidence::EncodeCmw(package));
    }
  }
}

statement::Run SeedRun() {
  statement::Run run;
  run.program = "attestml-prover 0.1.0";
  run.job = Json{{"version", 1}};
  run.engine = "torch";
  run.engine_details = Json{{"version", "1.13"}};
  run.libraries = {{"libtorch_cpu.so", "00ff"}};
  run.seeds = {{"training", "7", "job"}};
  run.nonce = "00ff";
  return run;
}

statement::DatasetUse SeedDataset(const char* role) {
  statement::DatasetUse use;
  use.file = {"train.csv", {crypto::Sha256({}), false}};
  use.selection.emplace();
  use.selection->columns = {{"age", statement::ColumnType::kNumeric, true},
                            {"income", statement::ColumnType::kCategorical, true}};
  use.selection->target = statement::Target{"income", ">50K", "."};
  use.selection->sensitive = {"age"};
  use.selection->filter = {{"age", statement::Comparison::kGreater, {"18"}}};
  use.selection->split = statement::Split{7, true, {{"train", "0.8"}, {"test", "0.2"}}, "train"};
  use.selection_id = {crypto::Sha256(AsBytes(DumpJson(statement::SelectionToJson(*use.selection)))), false};
  use.records = {8, crypto::Sha256({})};
  use.role = role;
  return use;
}

void AddStatements(Seeds* seeds) {
  const statement::ArtifactRef file = {"a", crypto::Sha256({})};
  statement::TrainingClaim training;
  training.model = file;
  training.run = SeedRun();
  training.datasets = {SeedDataset("train")};
  training.byproducts = {{"a", {crypto::Sha256({}), false}}};
  training.steps = 10;
  training.epochs = 1;
  statement::PropertyClaim property;
  property.property = "accuracy";
  property.parameters = Json::object();
  property.run = SeedRun();
  property.model = file;
  property.dataset = SeedDataset("");
  property.predictions = "model";
  property.implementation = "accuracy/1";
  statement::MetricResult result;
  result.metric = "accuracy";
  result.value = "0.5";
  result.count = 8;
  result.interval = statement::Interval{"wilson", "0.95", "0.4", "0.6"};
  property.results = {result};
  property.series = {{"roc", {"0", "1"}, {"0", "1"}}};
  statement::RowsReading rows;
  rows.selection = statement::RowsOf(*SeedDataset("").selection);
  rows.selection_id.digest = statement::SelectionDigest(*rows.selection);
  statement::InferenceClaim inference{file, file, file, rows, Json::object(), SeedRun(), 4, crypto::Sha256({})};
  const auto key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  statement::CertificationClaim certification{file, "model", "m", key.public_key().spki(), {}};
  const auto package = evidence::EncodeCmw({std::string(evidence::kSgxQuoteMediaType), {1}, {}});
  statement::EvidenceClaim evidence{false, key.public_key().id(), key.public_key().spki(), package, "00ff"};
  std::string bundle;
  for (const statement::Claim& claim :
       std::initializer_list<statement::Claim>{training, property, inference, certification, evidence}) {
    const std::string text = statement::WriteStatement(claim);
    const std::string line = statement::WriteEnvelope(statement::SignEnvelope(text, key));
    seeds->Add("statement", text);
    seeds->Add("envelope", line);
    seeds->Add("json", text);
    bundle += line + "\n";
  }
  seeds->Add("bundle", bundle);
  seeds->Add("selection", DumpJson(statement::SelectionToJson(*SeedDataset("").selection)));
  statement::Claim concealed = training;
  statement::Concealer concealer(crypto::Sha256({}));
  concealer.SetSaltedRoot(crypto::Sha256({}), crypto::Sha256({}));
  static_cast<void>(concealer.Conceal(&concealed));
  seeds->Add("statement", statement::WriteStatement(concealed));
  seeds->Add("opening", statement::WriteOpening(concealer.items()));
  seeds->Add("receipt", statement::WriteReceipt({1, 2, {}, {}, {}, {}, {crypto::Sha256({})}}));
  const Bytes record = ToBytes(AsBytes(R"(["39","Male"])"));
  std::vector<crypto::Digest256> leaves;
  for (const char* text : {"a", "b", "c"}) leaves.push_back(crypto::LeafHash(AsBytes(text)));
  const auto absent = statement::ProveLeaf(leaves, crypto::LeafHash(record), false);
  leaves.resize(5, crypto::LeafHash(record));
  seeds->Add("record_proof",
             statement::WriteRecordProof({record, {absent, statement::ProveLeaf(leaves, leaves.back(), true)}}));
}

void AddModel(Seeds* seeds) {
  model::Model model;
  model.architecture = {.inputs = 3, .hidden = {2}, .activation = model::Activation::kRelu, .outputs = 2};
  model.encoding.inputs = {{"age", statement::ColumnType::kNumeric, 0.5, 2, {}, false},
                           {"sex", statement::ColumnType::kCategorical, 0, 1, {"f", "m"}, false}};
  model.encoding.classes = {"no", "yes"};
  model.encoding.target = "label";
  model.parameters = model::InitialWeights(model.architecture, 1);
  seeds->Add("safetensors", model.Serialize());
  seeds->Add("selection", DumpJson(statement::EncodingToJson(model.encoding)));
}

// As torch.jit.save writes them, by hand: a module with one tensor, no constants, and its source.
bool AddProgram(Seeds* seeds) {
  using std::string_literals::operator""s;
  const std::string object =
      "\x80\x02"
      "c__torch__\nM\nq\0)\x81}(X\6\0\0\0weightctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storage"
      "ctorch\nFloatStorage\nX\1\0\0\0"
      "0X\3\0\0\0cpuK\6tQK\0K\2K\3\x86K\3K\1\x86\x89"
      "ccollections\nOrderedDict\n)RtRX\x8\0\0\0trainingq\1\x88ub."s;
  const std::string constants = "\x80\x02)."s;
  const std::string text =
      "class M(Module):\n  __parameters__ = [\"weight\", ]\n  weight : Tensor\n  training : bool\n"
      "  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    weight = self.weight\n"
      "    return torch.relu(torch.matmul(x, weight))\n";
  const Bytes storage(24);
  seeds->Add("program_pickle", "\1" + object);
  seeds->Add("program_pickle", "\0"s + constants);
  seeds->Add("program_text", text);
  seeds->Add("program_archive", engine::WriteArchive({{"data.pkl", AsBytes(object)},
                                                      {"constants.pkl", AsBytes(constants)},
                                                      {"code/__torch__.py", AsBytes(text)},
                                                      {"data/0", storage},
                                                      {"version", AsBytes("3\n")}}));
  // A seed that is refused at once teaches the fuzzer nothing.
  std::set<std::string> classes;
  const auto size = [](const std::string&) { return std::optional<std::uint64_t>(24); };
  return engine::CheckPickle(AsBytes(object), {size, &classes, true}).ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: fuzz_seeds DIRECTORY\n"), 2;
  Seeds seeds(argv[1]);
  AddEvidence(&seeds);
  AddNitro(&seeds);
  AddTimestamps(&seeds);
  AddSnpEvidence(&seeds);
  AddStatements(&seeds);
  AddModel(&seeds);
  if (!AddProgram(&seeds)) return std::fprintf(stderr, "fuzz_seeds: the pickle is not one\n"), 3;
  seeds.AddFiles("json", "vectors", ".json");
  seeds.AddFiles("policy", "examples", ".toml");
  seeds.AddFiles("policy", "vectors", ".toml");
  seeds.AddFiles("job", "examples", ".toml");
  seeds.AddFiles("job", "vectors", ".toml");
  for (const char* text : {"MDEyMw==", "-_8", "00ffAB", "====", ""}) seeds.Add("base64", text);
  for (const char* text : {"2025-07-04T10:28:44Z", "2025-07-04", "0.8473", "-1e-09", "15060", "9999-12-31T23:59:59Z"}) {
    seeds.Add("scalars", text);
  }
  for (const char* text : {"\x01"
                           "a,b,c\n1,x,yes\n2,\"y\"\"z\",no\n",
                           "\x0a"
                           " 1 , ? ,yes.\n",
                           "\x35"
                           "skip\na;b;c\n1e3;;no\r\n"}) {
    seeds.Add("csv", text);
  }
  for (const char* text : {">= 0.80", "0.30..0.35", "= 0", "< 1e-3"}) seeds.Add("policy", text);
  for (const char* text : {"120", "Sun, 06 Nov 1994 08:49:37 GMT", "Thu, 31 Dec 2099 23:59:60 GMT",
                           "-----BEGIN%20CERTIFICATE-----%0AMAA%3D%0A-----END%20CERTIFICATE-----%0A"}) {
    seeds.Add("header_values", text);
  }
  for (const char first : {'\x80', '\x85', '\x8a', '\x8f', '\x90', '\x02'}) {
    seeds.Add("admission", std::string{first, 1, 1});
    seeds.Add("admission", std::string{first});
  }
  if (seeds.failed()) return std::fprintf(stderr, "fuzz_seeds: cannot write %s\n", argv[1]), 7;
  return 0;
}
