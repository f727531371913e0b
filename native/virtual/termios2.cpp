#include "virtual/termios2.hpp"

#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace miner::virtual_machine {

namespace {

constexpr std::uint32_t kStartBaud = 115'200;

}  // namespace

bool readLineSpeeds(int fd, LineSpeeds& speeds) noexcept {
  termios2 settings{};
  if (::ioctl(fd, TCGETS2, &settings) != 0) return false;
  speeds = {settings.c_ispeed, settings.c_ospeed};
  return true;
}

bool makeRaw(int fd) noexcept {
  termios2 settings{};
  if (::ioctl(fd, TCGETS2, &settings) != 0) return false;
  settings.c_iflag = 0;
  settings.c_oflag = 0;
  settings.c_lflag = 0;
  settings.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;
  settings.c_ispeed = kStartBaud;
  settings.c_ospeed = kStartBaud;
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  return ::ioctl(fd, TCSETS2, &settings) == 0;
}

}  // namespace miner::virtual_machine
