// Words of the sentence: numbers as people say them. The exact ones stand in checks and claims.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "statement/claims.h"

namespace attestml::policy {

// Four significant digits: "0.8453", "38.58"; whole numbers stay whole. What would become 0 or 1 without being it is
// left as it is, and so is text that is no number.
std::string RoundedText(std::string_view decimal);
// The same as a percentage: "47.2 %".
std::string PercentText(std::string_view decimal);

// A name that others chose, in quotation marks where it could be taken for words of the sentence.
std::string Quoted(std::string_view name);

// "accuracy 0.845 (95 % interval 0.826 to 0.863)", "47.2 % sex=female", "demographic parity difference across sex
// 0.136".
std::string NumberText(const statement::PropertyClaim& claim, const statement::MetricResult& result);

// Names artifacts: with the digest the first time, by name afterwards, and with the digest again where two artifacts of
// the sentence share a name.
class Namer {
 public:
  std::string Name(const statement::ArtifactRef& artifact);
  std::string Name(const statement::DataRef& data);
  bool Told(const crypto::Digest256& digest) const { return Told(statement::DataId{digest, false}); }
  bool Told(const statement::DataId& id) const { return names_.contains(id); }

 private:
  std::map<statement::DataId, std::string> names_;
  std::map<std::string, std::set<statement::DataId>> holders_;
};

// "a", "a and b", "a, b and c".
std::string List(const std::vector<std::string>& parts);

}  // namespace attestml::policy
