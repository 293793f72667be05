// TCB info: which security version numbers (SVNs) Intel calls up to date for one family of platforms. Versions 2 and 3.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "evidence/sgx/pck.h"
#include "evidence/sgx/signed_json.h"
#include "evidence/sgx/tcb_status.h"

namespace attestml::evidence::sgx {

struct TcbLevel {
  Components components{};
  std::uint16_t pce_svn = 0;
  TcbStatus status = TcbStatus::kRevoked;
  std::string date;  // as it stands there: "2024-03-13T00:00:00Z"
  std::vector<std::string> advisories;
};

struct TcbInfo {
  std::string id;  // "SGX" or "TDX"; version 2 has none and speaks of SGX only
  unsigned version = 0;
  Time issue_date, next_update;
  std::array<std::uint8_t, 6> fmspc{};
  std::array<std::uint8_t, 2> pce_id{};
  unsigned evaluation_number = 0;
  std::vector<TcbLevel> levels;  // highest first, whatever the order in the document
};

// ParseTcbInfo reads the body of the document: what its signature covers. Members that it does not know are passed
// over. What a document for TDX says beyond the SGX part is not read, and there two levels may have the same SGX part.
// Error ids: sgx.tcb_info.{syntax, version (unsupported), id, type, dates, levels, component, status
// (unsupported), fmspc, pce_id, evaluation_number}, and json.* from the JSON reader.
Result<TcbInfo> ParseTcbInfo(std::string_view body);

// ParseSignedTcbInfo splits and reads a whole document without checking its signature: for people who look, not for
// verifiers.
Result<TcbInfo> ParseSignedTcbInfo(std::string_view text);

// MatchTcbLevel returns the highest level of which no component, nor the PCESVN, is above the platform's; null when
// none.
const TcbLevel* MatchTcbLevel(const TcbInfo& info, const Components& components, std::uint16_t pce_svn);

// Readers shared with the QE identity. `id` is the prefix of error ids.
Status ReadDates(JsonObject* object, const std::string& id, Time* issue_date, Time* next_update);
Status ReadEvaluationNumber(JsonObject* object, const std::string& id, unsigned* out);
Status ReadLevelVerdict(JsonObject* level, const std::string& id, TcbStatus* status, std::string* date,
                        std::vector<std::string>* advisories);

}  // namespace attestml::evidence::sgx
