#include "tee/ioctl.h"

#include <sys/ioctl.h>

namespace attestml::tee {

Ioctl KernelIoctl() {
  return [](int fd, unsigned long request, void* argument) { return ioctl(fd, request, argument); };
}

}  // namespace attestml::tee
