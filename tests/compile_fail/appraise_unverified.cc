// Appraise takes what VerifyBundle made, not what somebody parsed.
#include "policy/report.h"

attestml::policy::Report Judge(const attestml::verify::VerifiedBundle& verified,
                               const std::vector<attestml::statement::Envelope>& parsed,
                               const attestml::policy::Policy& policy) {
#ifdef WRONG
  static_cast<void>(verified);
  return attestml::policy::Appraise(parsed, policy, {});
#else
  static_cast<void>(parsed);
  return attestml::policy::Appraise(verified, policy, {});
#endif
}
