// The in-toto Statement v1 around the predicates (spec/predicates.md 3).
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxStatement = std::size_t{24} << 20;

template <typename... T>
struct Overloaded : T... {
  using T::operator()...;
};
template <typename... T>
Overloaded(T...) -> Overloaded<T...>;

std::string Write(std::string_view predicate_type, StatementParts parts) {
  Json out = Json::object();
  out["_type"] = kStatementType;
  out["subject"] = Json::array({std::move(parts.subject)});
  out["predicateType"] = predicate_type;
  out["predicate"] = std::move(parts.predicate);
  return DumpJson(out);
}

// Strings and member names of statements are short, but for the documents that evidence carries.
Status CheckTexts(const JsonDocument& document) {
  if (document.LongestString() > kMaxText) {
    return Malformed("statement.text", "a string or member name is longer than " + std::to_string(kMaxText) + " bytes");
  }
  return {};
}

template <typename T>
Result<Claim> AsClaim(Result<T> result) {
  if (!result.ok()) return std::move(result).error();
  return Claim(std::move(result).value());
}

}  // namespace

std::string WriteStatement(const Claim& claim) {
  return std::visit(Overloaded{
                        [](const TrainingClaim& c) { return Write(kTrainingType, WriteTraining(c)); },
                        [](const PropertyClaim& c) { return Write(kPropertyType, WriteProperty(c)); },
                        [](const InferenceClaim& c) { return Write(kInferenceType, WriteInference(c)); },
                        [](const CertificationClaim& c) { return Write(kCertificationType, WriteCertification(c)); },
                        [](const EvidenceClaim& c) { return Write(kScaiType, WriteEvidence(c)); },
                        [](const UnknownClaim&) { return std::string(); },
                    },
                    claim);
}

Result<Claim> ParseStatement(std::string_view json) {
  JsonLimits limits;
  limits.max_bytes = kMaxStatement;
  ATTESTML_TRY(const JsonDocument document, JsonDocument::Parse(json, limits));
  JsonFields object(document.root(), "statement", "statement");
  ATTESTML_TRY(const std::string_view type, object.String("_type"));
  ATTESTML_TRY(const JsonView subjects, object.Array("subject"));
  ATTESTML_TRY(const std::string_view predicate_type, object.String("predicateType"));
  if (type != kStatementType) {
    return Malformed("statement.type",
                     "_type is \"" + Cut(type, 128) + "\", want \"" + std::string(kStatementType) + "\"");
  }

  const bool training = predicate_type == kTrainingType;
  const bool evidence = predicate_type == kScaiType;
  const bool named_by_us =
      predicate_type == kPropertyType || predicate_type == kInferenceType || predicate_type == kCertificationType;
  const JsonView body = object.Optional("predicate");
  if (!named_by_us && !(training && (!body || IsOurTraining(body))) && !(evidence && (!body || IsOurEvidence(body)))) {
    if (predicate_type.empty() || predicate_type.size() > kMaxName) {
      return Malformed("statement.predicate_type", "predicateType is empty or too long");
    }
    return Claim(UnknownClaim{std::string(predicate_type)});
  }

  ATTESTML_TRY(const JsonView predicate, object.Object("predicate"));
  ATTESTML_CHECK(object.Finish());
  if (subjects.size() != 1) {
    return Malformed("statement.subject", std::to_string(subjects.size()) + " subjects, want exactly one");
  }
  const JsonView subject = subjects.Front();
  if (evidence) return AsClaim(ParseEvidence(subject, predicate));
  if (predicate_type == kCertificationType) return AsClaim(ParseCertification(subject, predicate));
  ATTESTML_CHECK(CheckTexts(document));
  if (training) return AsClaim(ParseTraining(subject, predicate));
  if (predicate_type == kPropertyType) return AsClaim(ParseProperty(subject, predicate));
  return AsClaim(ParseInference(subject, predicate));
}

std::string_view ClaimKind(const Claim& claim) {
  return std::visit(Overloaded{
                        [](const TrainingClaim&) -> std::string_view { return "training"; },
                        [](const PropertyClaim&) -> std::string_view { return "property"; },
                        [](const InferenceClaim&) -> std::string_view { return "inference"; },
                        [](const CertificationClaim&) -> std::string_view { return "certification"; },
                        [](const EvidenceClaim&) -> std::string_view { return "evidence"; },
                        [](const UnknownClaim&) -> std::string_view { return "unknown"; },
                    },
                    claim);
}

}  // namespace attestml::statement
