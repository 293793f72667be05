// A Result that nobody looks at is an error that nobody sees.
#include "base/result.h"

attestml::Status Check();

void Use() {
#ifdef WRONG
  Check();
#else
  static_cast<void>(Check());
#endif
}
