#include "policy/describe.h"

#include "base/hex.h"
#include "policy/reading.h"

namespace attestml::policy {
namespace {

// The length of the UTF-8 character that starts `text`, or 0 when there is none.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  if (byte < 0x80) {
    length = 1;
  } else if (byte >= 0xc2 && byte <= 0xdf) {
    length = 2;
  } else if (byte >= 0xe0 && byte <= 0xef) {
    length = 3;
  } else if (byte >= 0xf0 && byte <= 0xf4) {
    length = 4;
  }
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// Control characters of both blocks, line separators, zero-width and bidirectional marks, the byte order mark, tags.
bool Hides(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() == 3 && byte(0) == 0xe2 && byte(1) == 0x80) {
    return (byte(2) >= 0x8b && byte(2) <= 0x8f) || (byte(2) >= 0xa8 && byte(2) <= 0xae);
  }
  if (character.size() == 3 && byte(0) == 0xe2 && byte(1) == 0x81) return byte(2) >= 0xa0 && byte(2) <= 0xaf;
  if (character.size() == 3 && byte(0) == 0xef) return byte(1) == 0xbb && byte(2) == 0xbf;
  return character.size() == 4 && byte(0) == 0xf3 && byte(1) == 0xa0;
}

std::string Pairs(const std::map<std::string, std::string>& pairs) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : pairs) parts.push_back(Printable(column) + "=" + Printable(value));
  return Join(parts, ", ");
}

struct Summary {
  std::string operator()(const statement::TrainingClaim& claim) const {
    std::vector<std::string> uses;
    for (const auto& use : claim.datasets) uses.push_back(DatasetText(use) + " as " + Printable(use.role));
    std::string text = ArtifactText(claim.model) + " trained on " + Join(uses, "; ");
    if (claim.checkpoint) {
      text +=
          "; resumed at step " + std::to_string(claim.checkpoint_steps) + " from " + ArtifactText(*claim.checkpoint);
    }
    if (claim.initial_model) text += "; from initial model " + ArtifactText(*claim.initial_model);
    return text + "; " + std::to_string(claim.steps) + " steps, " + std::to_string(claim.epochs) + " epochs";
  }
  std::string operator()(const statement::PropertyClaim& claim) const {
    std::string text = Printable(claim.property);
    if (claim.model) text += " of " + ArtifactText(*claim.model);
    if (claim.predictions.starts_with("column:")) text += " of " + Printable(claim.predictions);
    if (claim.dataset)
      text += (claim.model || !claim.predictions.empty() ? " on " : " of ") + DatasetText(*claim.dataset);
    for (const auto& reference : claim.references) text += " against " + DatasetText(reference);
    // The first result over everything is the headline.
    for (const auto& result : claim.results) {
      if (!result.slice.empty() || !result.across.empty() || result.value == "undefined") continue;
      text += ": " + ResultText(result) + (result.bound.empty() ? " = " : " ") + ValueText(result);
      break;
    }
    return text + " (" + std::to_string(claim.results.size()) + " results)";
  }
  std::string operator()(const statement::InferenceClaim& claim) const {
    std::string text = "output " + ArtifactText(claim.output) + " of " + ArtifactText(claim.model) + " for input " +
                       ArtifactText(claim.input) + ", rows read as " + (claim.rows.selection ? "" : "concealed ") +
                       "selection " + ShortDigest(claim.rows.selection_id);
    if (claim.tree_size) text += ", " + std::to_string(*claim.tree_size) + " rows with receipts";
    return text + (claim.run.nonce.empty() ? "" : ", for a nonce");
  }
  std::string operator()(const statement::CertificationClaim& claim) const {
    return Printable(claim.kind) + " " + ArtifactText(claim.subject) + " certified as \"" + Printable(claim.name) +
           "\"";
  }
  std::string operator()(const statement::EvidenceClaim& claim) const {
    return std::string("evidence for ") + (claim.for_statement ? "statement " : "session key ") +
           ShortDigest(claim.target);
  }
  std::string operator()(const statement::UnknownClaim& claim) const {
    return "predicate type " + Printable(claim.predicate_type) + ", not one of ours";
  }
};

}  // namespace

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string Printable(std::string_view text, std::size_t max) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (out.size() + character.size() > max) return out + "…";
    if (length == 0 || Hides(character)) {
      out += '?';
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::string DigestText(const crypto::Digest256& digest) { return "sha256:" + HexEncode(digest); }

std::string ShortDigest(const crypto::Digest256& digest) {
  return "sha256:" + HexEncode(BytesView(digest).first(6)) + "…";
}

std::string DigestText(const statement::DataId& id) {
  return id.concealed ? "commitment:" + HexEncode(id.digest) : DigestText(id.digest);
}

std::string ShortDigest(const statement::DataId& id) {
  return id.concealed ? "commitment:" + HexEncode(BytesView(id.digest).first(6)) + "…" : ShortDigest(id.digest);
}

statement::DataId JobId(const statement::Run& run) {
  if (run.concealed_job) return {*run.concealed_job, true};
  return {statement::JobDigest(run.job), false};
}

std::string JobText(const statement::Run& run) { return DigestText(JobId(run)); }
std::string ShortJob(const statement::Run& run) { return ShortDigest(JobId(run)); }

std::string ValueText(const statement::MetricResult& result) {
  if (result.bound.empty()) return result.value;
  if (result.bound_on == "interval.lower") return "lower end " + result.bound;
  if (result.bound_on == "interval.upper") return "upper end " + result.bound;
  return result.bound;
}

std::string ArtifactText(const statement::DataRef& data) {
  if (data.id.concealed) return "a concealed dataset (" + ShortDigest(data.id) + ")";
  return Printable(data.name) + " (" + ShortDigest(data.id) + ")";
}

std::string ArtifactText(const statement::ArtifactRef& artifact) {
  return Printable(artifact.name) + " (" + ShortDigest(artifact.sha256) + ")";
}

std::string DatasetText(const statement::DatasetUse& use) {
  const std::string records = std::to_string(use.records.count) + " records of " + ArtifactText(use.file);
  if (!use.selection) return records + ", concealed selection " + ShortDigest(use.selection_id);
  const statement::Selection& selection = *use.selection;
  std::string text = (selection.Whole() ? "all " : "") + records;
  if (selection.split) text += ", part " + Printable(selection.split->part) + " of a seeded split";
  if (!selection.filter.empty()) text += ", filtered";
  if (selection.missing == statement::MissingPolicy::kDrop) text += ", without missing values";
  if (const std::string reading = ReadingText(selection); !reading.empty()) text += ", " + reading;
  return selection.Whole() ? text : text + ", selection " + ShortDigest(use.selection_id);
}

std::string ResultText(const statement::MetricResult& result) {
  std::string text;
  if (result.metric == "proportion" && !result.where.empty()) {
    text = "P(" + Pairs(result.where) + (result.given.empty() ? "" : " | " + Pairs(result.given)) + ")";
  } else {
    text = Printable(result.metric);
    if (!result.where.empty()) text += " of " + Pairs(result.where);
    if (!result.given.empty()) text += " given " + Pairs(result.given);
  }
  if (!result.column.empty()) text += " of " + Printable(result.column);
  if (!result.label.empty()) text += " of class " + Printable(result.label);
  if (!result.at.empty()) text += " at " + Printable(result.at);
  if (!result.across.empty()) {
    std::vector<std::string> names;
    for (const auto& name : result.across) names.push_back(Printable(name));
    text += " across " + Join(names, " and ");
  }
  if (!result.slice.empty()) text += " where " + Pairs(result.slice);
  return text;
}

std::string ClaimText(const statement::Claim& claim) { return std::visit(Summary(), claim); }

}  // namespace attestml::policy
