// ioctl(2) as drivers are called, so that a test can stand in for a driver that no machine here has.
#pragma once

#include <functional>

namespace attestml::tee {

// The result of ioctl(2), errno set where it is negative.
using Ioctl = std::function<int(int fd, unsigned long request, void* argument)>;
Ioctl KernelIoctl();

}  // namespace attestml::tee
