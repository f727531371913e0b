#include "chain/dead_man.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <limits>
#include <utility>

#include "gpio/char_line.hpp"

namespace miner::chain {

bool DeadMan::hasTripped(std::uint64_t nowUs) noexcept {
  // Read once: a kick that comes in between must not be taken for the one that was missed.
  const std::uint64_t kickUs = lastKickUs_.load(std::memory_order_relaxed);
  if (deadlineAfter(kickUs) > nowUs) return false;
  trippedAtKickUs_ = kickUs;
  return true;
}

std::uint64_t DeadMan::deadlineUs() const noexcept {
  return deadlineAfter(lastKickUs_.load(std::memory_order_relaxed));
}

std::uint64_t DeadMan::deadlineAfter(std::uint64_t kickUs) const noexcept {
  const bool isWatching = limitUs_ != 0 && kickUs != 0 && kickUs != trippedAtKickUs_;
  return isWatching ? kickUs + limitUs_ : std::numeric_limits<std::uint64_t>::max();
}

ResetLine::ResetLine(std::string path, int lineFd, gpio::Kernel& kernel)
    : path_(std::move(path)),
      lineFd_(lineFd < 0 ? -1 : ::fcntl(lineFd, F_DUPFD_CLOEXEC, 0)),
      kernel_(kernel) {}

ResetLine::~ResetLine() {
  if (lineFd_ >= 0) ::close(lineFd_);
}

bool ResetLine::drive(bool run) const noexcept {
  if (lineFd_ >= 0) return gpio::writeLineLevel(kernel_, lineFd_, run);
  if (path_.empty()) return false;
  const int fd = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t written = ::write(fd, run ? "1\n" : "0\n", 2);
  ::close(fd);
  return written == 2;
}

}  // namespace miner::chain
