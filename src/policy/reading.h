// How a file becomes values, where a policy names the file and not the selection: as it stands, but for what it says.
#pragma once

#include <string>

#include "base/json.h"
#include "policy/policy.h"
#include "statement/claims.h"

namespace attestml::policy {

// The reading of a selection, in the words of a policy.
Reading ReadingOf(const statement::Selection& selection);

// ReadingObjection says what of the selection's reading is not as wanted, and the reading of a policy that wants it;
// "" when all of it is.
std::string ReadingObjection(const Reading& wanted, const statement::Selection& selection);

// "{ missing-mark = \"?\", trim = true }": what is not as it stands in a file; "" when nothing is.
std::string ReadingToml(const Reading& reading);

// WholeFileObjection says why the selection is not every record of its file under the names that the file itself gives
// its columns, read so; "" when it is. Where only a file is named, this is all that keeps the prover from choosing what
// its columns and values mean.
std::string WholeFileObjection(const Reading& wanted, const statement::Selection& selection);

// What of a reading can make other values of the file's own: labels without "+" at their end, "Female" read as missing.
// "" when there is no such thing; what is commonly written for a missing value is not told.
std::string ReadingText(const statement::Selection& selection);

}  // namespace attestml::policy
