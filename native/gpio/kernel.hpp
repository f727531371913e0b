#pragma once

#include <sys/types.h>

#include <cstddef>

namespace miner::gpio {

/// The system calls behind a GPIO line: those of the running kernel, or of a test that stands in
/// for one. All fail as the system's own do: -1, and errno tells why. Any thread.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  virtual int ioctl(int fd, unsigned long request, void* argument) noexcept = 0;
  virtual ssize_t read(int fd, void* into, std::size_t size) noexcept = 0;
  /// Reads of this file give EAGAIN instead of waiting.
  virtual int makeNonBlocking(int fd) noexcept = 0;
  virtual void close(int fd) noexcept = 0;
};

/// The running kernel.
Kernel& systemKernel() noexcept;

}  // namespace miner::gpio
