// How a process ends that has no memory left. Every module of it, the program included, may have a C++ library of its
// own, and each library a handler of its own: so the program sets this one, and so does each engine.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

#include "base/result.h"

namespace attestml::engine {

[[noreturn]] inline void EndForMemory(std::string_view text) {
  static_cast<void>(!write(2, text.data(), text.size()));
  _exit(ExitCode(ErrorKind::kUnavailable));
}

// For std::set_terminate. Memory that ran out in some thread ends here, and so does room for a thread. Any other reason
// is a bug in us, and dumps core.
[[noreturn]] inline void EndOnTerminate() {
  const std::exception_ptr error = std::current_exception();
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
      EndForMemory("attestml: there is not enough memory for this [memory]\n");
    } catch (const std::system_error& e) {
      const bool room =
          e.code() == std::errc::resource_unavailable_try_again || e.code() == std::errc::not_enough_memory;
      if (room) EndForMemory("attestml: there is not enough memory for one more thread [memory]\n");
    } catch (...) {
    }
  }
  std::abort();
}

}  // namespace attestml::engine
