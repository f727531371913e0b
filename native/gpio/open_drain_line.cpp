#include "gpio/open_drain_line.hpp"

#include <unistd.h>

#include <string_view>

namespace miner::gpio {

SysfsOpenDrainLine::~SysfsOpenDrainLine() {
  ::close(directionFd_);
  ::close(valueFd_);
}

bool SysfsOpenDrainLine::pull(bool low) noexcept {
  const std::string_view text = low ? "low" : "in";
  return ::pwrite(directionFd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

int SysfsOpenDrainLine::level() noexcept {
  char text = 0;
  if (::pread(valueFd_, &text, 1, 0) != 1) return -1;
  return text == '1' ? 1 : 0;
}

}  // namespace miner::gpio
