// The canonical record as a reader sees it: spec/records.md, the other way round.
//
// A record that no file could hold is absent from every dataset. Whoever is told that a record is absent must therefore
// know that it is one: that its numbers, escapes and columns are written the one way in which they would stand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "statement/selection.h"

namespace attestml::statement {

// Bytes of one record, image and tensor bytes included.
inline constexpr std::size_t kMaxRecord = std::size_t{8} << 20;

// The JSON array at the start of a record; the bytes of its images and tensors follow. Error ids record.size (over
// kMaxRecord), record.text (no array, UTF-8 or nesting aside).
Result<std::string_view> RecordText(BytesView record);

// CheckRecord refuses what cannot be a record, label included, of the selection's columns: record.text (not the
// canonical text of an array of strings and nulls), record.columns (more or fewer), record.value (a number that is not
// written as records write it, a value that would be missing, a missing value where there is none), record.bytes (more
// or fewer bytes of images and tensors than their shapes say). Whether a filter or a split leaves the record out is not
// looked at.
Status CheckRecord(BytesView record, const Selection& selection);

// Whether the target of a canonical record ends in the suffix that this selection takes off: a file holds it as it
// stands in no record, so its absence would say nothing. Error id record.suffix.
Status CheckWithoutSuffix(BytesView record, const Selection& selection);

}  // namespace attestml::statement
