// VerifiedBundle cannot be made by anybody but VerifyBundle.
#include "verify/bundle.h"

attestml::verify::VerifiedBundle Take(const attestml::verify::VerifiedBundle& real) {
#ifdef WRONG
  static_cast<void>(real);
  return attestml::verify::VerifiedBundle{};
#else
  return real;
#endif
}
