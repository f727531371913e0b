#include "chain/dead_man.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <limits>

namespace miner::chain {

bool DeadMan::hasTripped(std::uint64_t nowUs) noexcept {
  if (deadlineUs() > nowUs) return false;
  trippedAtKickUs_ = lastKickUs_.load(std::memory_order_relaxed);
  return true;
}

std::uint64_t DeadMan::deadlineUs() const noexcept {
  const std::uint64_t lastKickUs = lastKickUs_.load(std::memory_order_relaxed);
  const bool isWatching = limitUs_ != 0 && lastKickUs != 0 && lastKickUs != trippedAtKickUs_;
  return isWatching ? lastKickUs + limitUs_ : std::numeric_limits<std::uint64_t>::max();
}

bool ResetLine::drive(bool run) const noexcept {
  if (path_.empty()) return false;
  const int fd = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t written = ::write(fd, run ? "1\n" : "0\n", 2);
  ::close(fd);
  return written == 2;
}

}  // namespace miner::chain
