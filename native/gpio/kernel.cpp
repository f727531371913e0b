#include "gpio/kernel.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace miner::gpio {

namespace {

class SystemKernel final : public Kernel {
 public:
  int ioctl(int fd, unsigned long request, void* argument) noexcept override {
    return ::ioctl(fd, request, argument);
  }
  ssize_t read(int fd, void* into, std::size_t size) noexcept override {
    return ::read(fd, into, size);
  }
  int makeNonBlocking(int fd) noexcept override {
    const int flags = ::fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  }
  void close(int fd) noexcept override { ::close(fd); }
};

}  // namespace

Kernel& systemKernel() noexcept {
  static SystemKernel kernel;
  return kernel;
}

}  // namespace miner::gpio
