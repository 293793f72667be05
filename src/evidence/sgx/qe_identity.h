// QE identity: which quoting enclaves Intel vouches for, and how up to date each version is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "evidence/sgx/quote.h"
#include "evidence/sgx/tcb_status.h"

namespace attestml::evidence::sgx {

struct QeLevel {
  std::uint16_t isv_svn = 0;
  TcbStatus status = TcbStatus::kRevoked;
  std::string date;
  std::vector<std::string> advisories;
};

struct QeIdentity {
  std::string id;  // "QE" for SGX; "TD_QE" and "QVE" are of other enclaves
  Time issue_date, next_update;
  unsigned evaluation_number = 0;
  std::array<std::uint8_t, 4> misc_select{}, misc_select_mask{};
  std::array<std::uint8_t, 16> attributes{}, attributes_mask{};
  std::array<std::uint8_t, 32> mr_signer{};
  std::uint16_t isv_prod_id = 0;
  std::vector<QeLevel> levels;  // highest first
};

// ParseQeIdentity reads the body that the signature covers, version 2. Error ids: sgx.qe_identity.{syntax, version
// (unsupported), id, dates, levels, status (unsupported), field, evaluation_number}, and json.*.
Result<QeIdentity> ParseQeIdentity(std::string_view body);
Result<QeIdentity> ParseSignedQeIdentity(std::string_view text);  // the whole document, its signature unchecked

// MatchQeIdentity compares a QE report with the identity: MISCSELECT and ATTRIBUTES under their masks, MRSIGNER,
// ISVPRODID, and no DEBUG. The empty string is a match; otherwise what differs.
std::string MatchQeIdentity(const QeIdentity& identity, const ReportBody& qe);

// MatchQeLevel returns the highest level not above the report's ISVSVN; null when none.
const QeLevel* MatchQeLevel(const QeIdentity& identity, std::uint16_t isv_svn);

}  // namespace attestml::evidence::sgx
