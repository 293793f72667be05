// VerifiedEvidence cannot be made by anybody but VerifyEvidence.
#include "verify/evidence.h"

attestml::verify::VerifiedEvidence Take(const attestml::verify::VerifiedEvidence& real) {
#ifdef WRONG
  static_cast<void>(real);
  attestml::verify::VerifiedEvidence forged;
  return forged;
#else
  return real;
#endif
}
