#include <algorithm>
#include <array>
#include <set>

#include "base/hex.h"
#include "base/toml.h"
#include "policy/policy.h"
#include "policy/requirement_parser.h"
#include "policy/roots.h"
#include "policy/tee_vocabulary.h"
#include "policy/time_authorities.h"

namespace attestml::policy {
namespace {

constexpr std::size_t kMaxEntries = 1024;
constexpr std::array<std::string_view, 3> kStatements = {"training", "property", "inference"};
constexpr std::array<std::string_view, 2> kSubjects = {"model", "dataset"};
// Revoked and unmatched platforms are nobody's to accept.
constexpr std::array<std::string_view, 8> kStatuses = {"UpToDate",
                                                       "SWHardeningNeeded",
                                                       "ConfigurationNeeded",
                                                       "ConfigurationAndSWHardeningNeeded",
                                                       "OutOfDate",
                                                       "OutOfDateConfigurationNeeded",
                                                       "TDRelaunchAdvised",
                                                       "TDRelaunchAdvisedConfigurationNeeded"};

constexpr std::array<std::string_view, 2> kNeverAccepted = {"Revoked", "NoMatchingTcbLevel"};

Result<std::vector<std::string>> ReadWords(TomlTable& table, std::string_view key,
                                           std::span<const std::string_view> names) {
  ATTESTML_TRY(auto words, table.Strings(key));
  for (const std::string& word : words) ATTESTML_CHECK(CheckName(table, key, word, names));
  return words;
}

Result<std::vector<std::string>> ReadPlatforms(TomlTable& table, std::string_view key) {
  ATTESTML_TRY(const auto texts, table.Strings(key));
  std::vector<std::string> platforms;
  for (const std::string& text : texts) {
    const auto bytes = HexDecode(text);
    if (!bytes.ok() || (bytes->size() != 6 && bytes->size() != 16 && bytes->size() != 64)) {
      return table.At(key, "policy.value", "want an FMSPC (12 hex digits), a PPID (32) or a CHIP_ID (128)");
    }
    platforms.push_back(HexEncode(*bytes));
  }
  return platforms;
}

Result<std::vector<crypto::Digest256>> ReadDigests(TomlTable& table, std::string_view key) {
  ATTESTML_TRY(const auto texts, table.Strings(key));
  std::vector<crypto::Digest256> out(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].starts_with("sha256:") || !HexDecodeInto(std::string_view(texts[i]).substr(7), out[i])) {
      return table.At(key, "policy.value", "is \"" + texts[i].substr(0, 80) + "\", want \"sha256:\" and 64 hex digits");
    }
  }
  return out;
}

const verify::TrustAnchor* FindRoot(std::span<const verify::TrustAnchor> roots, const crypto::Digest256& key_id) {
  const auto it = std::find_if(roots.begin(), roots.end(), [&](const auto& root) { return root.key_id == key_id; });
  return it == roots.end() ? nullptr : &*it;
}

Status ReadTrust(TomlTable& table, Policy* policy) {
  ATTESTML_TRY(policy->tcb_status, table.Strings("tcb-status"));
  for (const std::string& status : policy->tcb_status) {
    if (std::find(kNeverAccepted.begin(), kNeverAccepted.end(), status) != kNeverAccepted.end()) {
      return table.At("tcb-status", "policy.unknown_name", "\"" + status + "\" cannot be accepted, by any policy");
    }
    ATTESTML_CHECK(CheckName(table, "tcb-status", status, kStatuses));
  }
  ATTESTML_TRY(policy->as_of, ReadAsOf(table));
  ATTESTML_TRY(policy->allow_unrequired, table.Bool("allow-unrequired", true));
  if (table.Has("min-evaluation-number")) {
    ATTESTML_TRY(const auto number, table.Integer("min-evaluation-number", 0, 0, 1'000'000));
    policy->min_evaluation_number = static_cast<unsigned>(number);
  }
  if (table.Has("max-collateral-age-days")) {
    ATTESTML_TRY(policy->max_collateral_age_days, table.Integer("max-collateral-age-days", 0, 0, 36'500));
  }
  if (table.Has("platforms")) {
    ATTESTML_TRY(policy->platforms, ReadPlatforms(table, "platforms"));
  }
  ATTESTML_TRY(policy->banned_platforms, ReadPlatforms(table, "banned-platforms"));
  ATTESTML_TRY(policy->banned_certificates, ReadDigests(table, "banned-certificates"));
  ATTESTML_TRY(policy->removed_roots, ReadDigests(table, "removed-roots"));
  for (const crypto::Digest256& removed : policy->removed_roots) {
    if (FindRoot(verify::VendorAnchors(), removed) == nullptr) {
      return table.At("removed-roots", "policy.value", "sha256:" + HexEncode(removed) + " is no root that is built in");
    }
  }
  table.Allow("min-evaluation-number");
  table.Allow("max-collateral-age-days");
  table.Allow("platforms");
  return table.Finish();
}

// rtmr1 = "5fee…"; "any" says in so many words that the register may hold anything.
Status ReadRegisters(TomlTable& table, const TeeVocabulary& tee, Program* program) {
  for (std::string_view name : tee.registers) {
    const bool required = std::find(tee.required.begin(), tee.required.end(), name) != tee.required.end();
    ATTESTML_TRY(const auto text, table.String(name));
    if (!text) {
      if (!required) continue;
      return table.At("tee", "policy.missing",
                      std::string(tee.measurement) + " alone does not name a program: want " + std::string(name) +
                          " too, in hexadecimal or \"any\"");
    }
    if (*text == "any") continue;
    auto value = HexDecode(*text);
    if (!value.ok() || value->empty() || value->size() > 1024) {
      return table.At(name, "policy.value", "is \"" + text->substr(0, 100) + "\", want hexadecimal digits or \"any\"");
    }
    program->registers.push_back({std::string(name), std::move(value).value()});
  }
  return {};
}

// min-tcb = { bootloader = 3, tee = 0, snp = 20, microcode = 213 }: the vendor publishes no levels, so the policy must
// say what is enough, zeros included.
Status ReadMinTcb(TomlTable& table, const TeeVocabulary& tee, Program* program) {
  if (tee.security_versions.empty()) return {};
  ATTESTML_TRY(auto levels, table.Table("min-tcb"));
  if (!levels) {
    return table.At("tee", "policy.missing",
                    "want min-tcb = { bootloader = …, tee = …, snp = …, microcode = … }: AMD publishes no TCB levels");
  }
  for (std::string_view name : tee.security_versions) {
    if (!levels->Has(name)) return levels->At(name, "policy.missing", "want the least version that is accepted");
    ATTESTML_TRY(const auto value, levels->Integer(name, 0, 0, 255));
    program->min_tcb.push_back({std::string(name), static_cast<unsigned>(value)});
  }
  if (levels->Has("fmc")) {
    ATTESTML_TRY(const auto value, levels->Integer("fmc", 0, 0, 255));
    program->min_tcb.push_back({"fmc", static_cast<unsigned>(value)});
  }
  return levels->Finish();
}

Result<Program> ReadProgram(TomlTable& table, std::span<const verify::TrustAnchor> roots) {
  Program program;
  ATTESTML_TRY(program.name, table.RequiredString("name"));
  ATTESTML_TRY(program.tee, table.RequiredString("tee"));
  ATTESTML_CHECK(CheckName(table, "tee", program.tee, TeeNames()));
  const TeeVocabulary& tee = *FindTee(program.tee);
  ATTESTML_TRY(const std::string measurement, table.RequiredString(tee.measurement));
  program.measurement.resize(tee.measurement_size);
  if (!HexDecodeInto(measurement, program.measurement)) {
    return table.At(
        tee.measurement, "policy.value",
        "is \"" + measurement.substr(0, 100) + "\", want " + std::to_string(2 * tee.measurement_size) + " hex digits");
  }
  ATTESTML_CHECK(ReadRegisters(table, tee, &program));
  ATTESTML_CHECK(ReadMinTcb(table, tee, &program));
  if (table.Has("allow")) {
    ATTESTML_TRY(program.allowed, ReadWords(table, "allow", tee.hazards));
  }
  ATTESTML_TRY(program.root, ReadDigest(table, "root"));
  const bool simulated = program.tee.starts_with("simulated");
  if (simulated && !program.root) {
    return table.At("tee", "policy.missing",
                    "a simulated program needs root = \"sha256:…\", the key id of its authority");
  }
  // A removed root is a vendor's still: no program, simulated or not, may name it.
  const bool usable = program.root && FindRoot(roots, *program.root) != nullptr;
  const bool vendors = usable || (program.root && FindRoot(verify::VendorAnchors(), *program.root) != nullptr);
  if (program.root && (simulated ? vendors : !usable)) {
    return table.At("root", "policy.value",
                    simulated ? "is the root of a vendor, not of a simulated TEE"
                              : "is no vendor's root that this build knows or the policy adds, or one that it removes");
  }
  ATTESTML_TRY(program.may_state, ReadWords(table, "may-state", kStatements));
  ATTESTML_TRY(program.allow_debug, table.Bool("allow-debug", false));
  if (table.Has("min-security-version")) {
    ATTESTML_TRY(const auto version, table.Integer("min-security-version", 0, 0, 65'535));
    program.min_security_version = static_cast<unsigned>(version);
  }
  table.Allow("min-security-version");
  table.Allow("allow");
  ATTESTML_CHECK(table.Finish());
  return program;
}

Result<Certifier> ReadCertifier(TomlTable& table) {
  Certifier certifier;
  ATTESTML_TRY(certifier.name, table.RequiredString("name"));
  ATTESTML_TRY(certifier.key, ReadDigest(table, "key"));
  ATTESTML_TRY(certifier.root, ReadDigest(table, "root"));
  ATTESTML_TRY(certifier.subject, table.String("subject", ""));
  ATTESTML_TRY(certifier.may_certify, ReadWords(table, "may-certify", kSubjects));
  ATTESTML_CHECK(table.Finish());
  if (certifier.key.has_value() == certifier.root.has_value()) {
    return table.At("name", "policy.value", "want either key (a bare key) or root and subject (a certificate chain)");
  }
  if (certifier.root.has_value() == certifier.subject.empty()) {
    return table.At("name", "policy.value", "root and subject, the leaf's common name, go together");
  }
  return certifier;
}

// Two entries for one measurement could contradict each other; the roots tell entries of one measurement apart.
bool SameProgram(const Program& a, const Program& b) {
  const auto same = [](const verify::Register& x, const verify::Register& y) {
    return x.name == y.name && x.value == y.value;
  };
  return a.tee == b.tee && a.measurement == b.measurement &&
         std::equal(a.registers.begin(), a.registers.end(), b.registers.begin(), b.registers.end(), same) &&
         (!a.root || !b.root || *a.root == *b.root);
}

// The roots of simulated programs are no vendor's.
void AddSimulatedAnchors(Policy* policy) {
  for (const Program& program : policy->programs) {
    if (!program.tee.starts_with("simulated")) continue;
    const bool known = std::any_of(policy->anchors.begin(), policy->anchors.end(),
                                   [&](const auto& anchor) { return anchor.key_id == *program.root; });
    if (!known) policy->anchors.push_back({"simulated", *program.root, true});
  }
}

Status CheckSize(const TomlTable& root, std::string_view key, std::size_t size) {
  if (size <= kMaxEntries) return {};
  return root.At(key, "policy.size", std::to_string(size) + " entries, want at most " + std::to_string(kMaxEntries));
}

}  // namespace

Result<Policy> ParsePolicy(std::string_view toml, std::string_view file_name) {
  ATTESTML_TRY(const TomlDocument document, TomlDocument::Parse(toml, std::string(file_name), "policy"));
  TomlTable root(document);
  Policy policy;
  policy.digest = crypto::Sha256(AsBytes(toml));

  ATTESTML_TRY(auto trust, root.Table("trust"));
  if (trust) ATTESTML_CHECK(ReadTrust(*trust, &policy));

  ATTESTML_TRY(auto roots, root.Tables("root"));
  ATTESTML_CHECK(CheckSize(root, "root", roots.size()));
  ATTESTML_TRY(policy.anchors, ReadRoots(roots, policy.removed_roots));

  ATTESTML_TRY(auto programs, root.Tables("program"));
  ATTESTML_CHECK(CheckSize(root, "program", programs.size()));
  for (TomlTable& table : programs) {
    ATTESTML_TRY(Program program, ReadProgram(table, policy.anchors));
    for (const Program& other : policy.programs) {
      if (SameProgram(program, other)) {
        return table.At(FindTee(program.tee)->measurement, "policy.duplicate",
                        "the same program as \"" + other.name + "\"");
      }
    }
    policy.programs.push_back(std::move(program));
  }

  ATTESTML_TRY(auto certifiers, root.Tables("certifier"));
  ATTESTML_CHECK(CheckSize(root, "certifier", certifiers.size()));
  std::set<std::string> names;
  for (TomlTable& table : certifiers) {
    ATTESTML_TRY(Certifier certifier, ReadCertifier(table));
    if (!names.insert(certifier.name).second) {
      return table.At("name", "policy.duplicate", "\"" + certifier.name + "\" stands twice");
    }
    policy.certifiers.push_back(std::move(certifier));
  }

  ATTESTML_TRY(auto time_authorities, root.Tables("time-authority"));
  ATTESTML_CHECK(CheckSize(root, "time-authority", time_authorities.size()));
  ATTESTML_TRY(policy.time_authorities, ReadTimeAuthorities(time_authorities));

  ATTESTML_TRY(auto requirements, root.Tables("require"));
  ATTESTML_CHECK(CheckSize(root, "require", requirements.size()));
  std::set<std::string> ids;
  for (TomlTable& table : requirements) {
    ATTESTML_TRY(Requirement requirement, ReadRequirement(table, policy.requirements.size() + 1, policy.certifiers));
    if (!ids.insert(requirement.id).second) {
      return table.At(table.Has("id") ? "id" : "claim", "policy.duplicate",
                      "id \"" + requirement.id + "\" stands twice");
    }
    policy.requirements.push_back(std::move(requirement));
  }
  ATTESTML_CHECK(root.Finish());
  AddSimulatedAnchors(&policy);
  return policy;
}

}  // namespace attestml::policy
