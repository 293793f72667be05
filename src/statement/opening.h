// The opening of a concealed bundle: a file of its owner's, for whom it likes (spec/concealment.md section 5).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "statement/concealment.h"

namespace attestml::statement {

inline constexpr std::size_t kMaxOpening = std::size_t{64} << 20;  // bytes
inline constexpr std::size_t kMaxOpeningItems = 65536;

// One JSON object, canonical. Error ids opening.*.
std::string WriteOpening(const std::vector<OpeningItem>& items);
Result<std::vector<OpeningItem>> ParseOpening(std::string_view json);

// Opens claims. It believes nothing but that what has a commitment is what was committed to.
class Opener {
 public:
  void Add(const std::vector<OpeningItem>& items);
  bool empty() const { return items_.empty(); }

  // Puts in whatever of a verified claim can be opened. Malformed, with opening.value or opening.reading, when what was
  // committed to could not stand in a statement.
  Status Open(Claim* claim) const;

 private:
  const Json* Find(ConcealedKind kind, const crypto::Digest256& commitment) const;
  Status OpenData(DatasetUse* use, std::map<std::string, std::string>* roots) const;
  Status OpenRows(RowsReading* rows) const;
  Status OpenRun(Run* run) const;
  // What was opened and what stayed concealed must say the same of how records are read.
  Status CheckReading(const crypto::Digest256& reading, const Selection& selection) const;

  std::map<std::pair<ConcealedKind, crypto::Digest256>, Json> items_;
};

}  // namespace attestml::statement
