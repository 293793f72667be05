// TCB info: which security version numbers (SVNs) Intel calls up to date for one family of platforms. Versions 2 and 3.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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
  std::optional<Components> tdx_components;  // of the TDX module: in documents for TDX
  std::uint16_t pce_svn = 0;
  TcbStatus status = TcbStatus::kRevoked;
  std::string date;  // as it stands there: "2024-03-13T00:00:00Z"
  std::vector<std::string> advisories;
};

// What Intel states of one major version of the TDX module, or of version 0, which has no levels of its own.
struct TdxModule {
  unsigned major_version = 0;
  std::array<std::uint8_t, 48> mr_signer{};
  std::array<std::uint8_t, 8> attributes{};
  struct Level {
    std::uint16_t isv_svn = 0;
    TcbStatus status = TcbStatus::kRevoked;
    std::string date;
    std::vector<std::string> advisories;
  };
  std::vector<Level> levels;  // highest first
};

struct TcbInfo {
  std::string id;  // "SGX" or "TDX"; version 2 has none and speaks of SGX only
  unsigned version = 0;
  Time issue_date, next_update;
  std::array<std::uint8_t, 6> fmspc{};
  std::array<std::uint8_t, 2> pce_id{};
  unsigned evaluation_number = 0;
  std::vector<TcbLevel> levels;        // highest first, whatever the order in the document
  std::vector<TdxModule> tdx_modules;  // of a document for TDX: version 0 and those with levels of their own

  // Whether all is there that a TDX platform is judged by. A document for TDX without it is passed over for SGX like
  // any other, and of no use for TDX.
  bool IsForTdx() const;
};

// ParseTcbInfo reads the body of the document: what its signature covers. Members that it does not know are passed
// over. Error ids: sgx.tcb_info.{syntax, version (unsupported), id, type, dates, levels, component, status
// (unsupported), fmspc, pce_id, evaluation_number, tdx_module}, and json.* from the JSON reader.
Result<TcbInfo> ParseTcbInfo(std::string_view body);

// ParseSignedTcbInfo splits and reads a whole document without checking its signature: for people who look, not for
// verifiers.
Result<TcbInfo> ParseSignedTcbInfo(std::string_view text);

// MatchTcbLevel returns the highest level of which no component, nor the PCESVN, is above the platform's; null when
// none.
const TcbLevel* MatchTcbLevel(const TcbInfo& info, const Components& components, std::uint16_t pce_svn);

// MatchTdxTcbLevel asks for the TDX components too: TEE_TCB_SVN of the TD report, whose first two bytes are the
// module's own and count only while its major version (the second) is 0. Null when no level matches.
const TcbLevel* MatchTdxTcbLevel(const TcbInfo& info, const Components& components, std::uint16_t pce_svn,
                                 const Components& tee_tcb_svn);

// The module of this major version, or null.
const TdxModule* FindTdxModule(const TcbInfo& info, std::uint8_t major_version);
// The highest level that the module's minor version reaches; null when none.
const TdxModule::Level* MatchTdxModuleLevel(const TdxModule& module, std::uint8_t isv_svn);

// Readers shared with the QE identity. `id` is the prefix of error ids.
Status ReadDates(JsonObject* object, const std::string& id, Time* issue_date, Time* next_update);
Status ReadEvaluationNumber(JsonObject* object, const std::string& id, unsigned* out);
Status ReadLevelVerdict(JsonObject* level, const std::string& id, TcbStatus* status, std::string* date,
                        std::vector<std::string>* advisories);

}  // namespace attestml::evidence::sgx
