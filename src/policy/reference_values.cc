#include "policy/reference_values.h"

#include <algorithm>

#include "base/hex.h"
#include "base/json.h"
#include "policy/describe.h"
#include "policy/tee_vocabulary.h"
#include "policy/toml_text.h"

namespace attestml::policy {
namespace {

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::size_t kMaxPrograms = 64;
constexpr std::size_t kMaxText = 256;
constexpr std::size_t kMaxValue = 1024;  // bytes
constexpr std::size_t kMaxStatement = std::size_t{1} << 20;
constexpr unsigned kMaxSecurityVersion = 65'535;

bool IsPlain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxText &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status CheckValue(const TeeVocabulary& tee, const std::string& key, const std::string& text) {
  const bool measurement = key == tee.measurement;
  if (!measurement && !Contains(tee.registers, key)) {
    return Malformed("reference.value", std::string(tee.tee) + " has no value \"" + key.substr(0, 100) + "\"");
  }
  const auto value = HexDecode(text);
  const bool right =
      value.ok() && HexEncode(*value) == text &&
      (measurement ? value->size() == tee.measurement_size : !value->empty() && value->size() <= kMaxValue);
  if (right) return {};
  return Malformed("reference.value",
                   key + " is \"" + text.substr(0, 100) + "\", want " +
                       (measurement ? std::to_string(2 * tee.measurement_size) : std::string("some")) +
                       " lower-case hexadecimal digits");
}

Status CheckProgram(const ReferenceProgram& program) {
  if (!IsPlain(program.name)) return Malformed("reference.program", "a program's name is no printable ASCII text");
  const TeeVocabulary* tee = FindTee(program.tee);
  if (tee == nullptr) return Malformed("reference.program", "no TEE is called \"" + program.tee.substr(0, 100) + "\"");
  for (const auto& [key, text] : program.values) ATTESTML_CHECK(CheckValue(*tee, key, text));
  if (!program.values.contains(std::string(tee->measurement))) {
    return Malformed("reference.value",
                     program.name + " in " + program.tee + " has no " + std::string(tee->measurement));
  }
  for (std::string_view name : tee->required) {
    if (program.values.contains(std::string(name))) continue;
    return Malformed("reference.value", std::string(tee->measurement) + " alone does not name a program: want " +
                                            std::string(name) + " too");
  }
  if (program.security_version && (tee->tee != "sgx" || *program.security_version > kMaxSecurityVersion)) {
    return Malformed("reference.value", "a security version is SGX's, and at most 65535");
  }
  return {};
}

Result<ReferenceProgram> ReadProgram(const Json& value) {
  JsonObject object(value, "reference.member", "program");
  ReferenceProgram program;
  ATTESTML_TRY(program.name, object.String("name"));
  ATTESTML_TRY(program.tee, object.String("tee"));
  ATTESTML_TRY(const Json* values, object.Object("values"));
  for (const auto& [key, text] : values->items()) {
    if (!text.is_string()) return Malformed("reference.member", "\"" + key + "\" is not text");
    program.values[key] = text.get<std::string>();
  }
  if (object.Has("securityVersion")) {
    ATTESTML_TRY(const std::uint64_t version, object.Unsigned("securityVersion"));
    program.security_version = static_cast<unsigned>(std::min<std::uint64_t>(version, kMaxSecurityVersion + 1));
  }
  ATTESTML_CHECK(object.Finish());
  return program;
}

Status ReadSubject(const Json& subjects, ReferenceValues* out) {
  if (subjects.size() != 1) return Malformed("reference.subject", "want one subject, the file that is released");
  JsonObject subject(subjects[0], "reference.member", "subject");
  ATTESTML_TRY(out->file, subject.String("name"));
  ATTESTML_TRY(const Json* digests, subject.Object("digest"));
  ATTESTML_CHECK(subject.Finish());
  JsonObject digest(*digests, "reference.member", "digest");
  ATTESTML_TRY(const std::string hex, digest.String("sha256"));
  ATTESTML_CHECK(digest.Finish());
  if (HexDecodeInto(hex, out->sha256) && HexEncode(out->sha256) == hex) return {};
  return Malformed("reference.subject", "the subject's sha256 is not 64 lower-case hexadecimal digits");
}

}  // namespace

Status CheckReferenceValues(const ReferenceValues& values) {
  if (!IsPlain(values.file)) return Malformed("reference.subject", "the subject's name is no printable ASCII text");
  if (values.programs.empty() || values.programs.size() > kMaxPrograms) {
    return Malformed("reference.program",
                     std::to_string(values.programs.size()) + " programs, want 1 to " + std::to_string(kMaxPrograms));
  }
  for (const ReferenceProgram& program : values.programs) ATTESTML_CHECK(CheckProgram(program));
  return {};
}

std::string WriteReferenceValues(const ReferenceValues& values) {
  Json programs = Json::array();
  for (const ReferenceProgram& program : values.programs) {
    Json each = {{"name", program.name}, {"tee", program.tee}, {"values", program.values}};
    if (program.security_version) each["securityVersion"] = *program.security_version;
    programs.push_back(std::move(each));
  }
  return DumpJson({{"_type", kStatementType},
                   {"subject", {{{"name", values.file}, {"digest", {{"sha256", HexEncode(values.sha256)}}}}}},
                   {"predicateType", kReferenceValuesType},
                   {"predicate", {{"programs", std::move(programs)}}}});
}

Result<ReferenceValues> ParseReferenceValues(std::string_view statement) {
  ATTESTML_TRY(const Json value, ParseJson(statement, {.max_bytes = kMaxStatement, .max_depth = 8}));
  JsonObject object(value, "reference.member", "statement");
  ATTESTML_TRY(const std::string type, object.String("_type"));
  ATTESTML_TRY(const std::string predicate_type, object.String("predicateType"));
  if (type != kStatementType || predicate_type != kReferenceValuesType) {
    return Unsupported("reference.type", "the statement is of type \"" + predicate_type.substr(0, 100) + "\", want " +
                                             std::string(kReferenceValuesType));
  }
  ATTESTML_TRY(const Json* subjects, object.Array("subject"));
  ATTESTML_TRY(const Json* predicate, object.Object("predicate"));
  ATTESTML_CHECK(object.Finish());
  ReferenceValues out;
  ATTESTML_CHECK(ReadSubject(*subjects, &out));
  JsonObject inner(*predicate, "reference.member", "predicate");
  ATTESTML_TRY(const Json* programs, inner.Array("programs"));
  ATTESTML_CHECK(inner.Finish());
  for (const Json& each : *programs) {
    ATTESTML_TRY(ReferenceProgram program, ReadProgram(each));
    out.programs.push_back(std::move(program));
  }
  ATTESTML_CHECK(CheckReferenceValues(out));
  return out;
}

std::string ProgramTablesOf(const ReferenceValues& values, const std::optional<crypto::Digest256>& root) {
  std::string out;
  for (const ReferenceProgram& program : values.programs) {
    const TeeVocabulary& tee = *FindTee(program.tee);
    out += "[[program]]\nname = " + TomlString(program.name) + "\ntee = " + TomlString(program.tee) + "\n";
    out += std::string(tee.measurement) + " = " + TomlString(program.values.at(std::string(tee.measurement))) + "\n";
    for (const auto& [key, text] : program.values) {
      if (key != tee.measurement) out += key + " = " + TomlString(text) + "\n";
    }
    if (program.security_version) out += "min-security-version = " + std::to_string(*program.security_version) + "\n";
    if (!tee.security_versions.empty()) {
      out += "# AMD publishes no TCB levels: say what is enough.\nmin-tcb = { ";
      for (std::string_view name : tee.security_versions) {
        out += std::string(name == tee.security_versions.front() ? "" : ", ") + std::string(name) + " = 255";
      }
      out += " }\n";
    }
    if (root && program.tee.starts_with("simulated")) out += "root = " + TomlString(DigestText(*root)) + "\n";
    out += "may-state = [\"training\", \"property\", \"inference\"]\n\n";
  }
  return out;
}

}  // namespace attestml::policy
