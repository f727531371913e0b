#pragma once

#include <cstdint>

/// Only in a file of its own: <asm/termbits.h> and <termios.h> cannot both be included.
namespace miner::virtual_machine {

struct LineSpeeds {
  std::uint32_t inputBaud;
  std::uint32_t outputBaud;
};

/// The speeds of a tty, rates set with BOTHER included. On a pty master these are the slave's,
/// since the pair shares one termios for them. False with errno on failure.
bool readLineSpeeds(int fd, LineSpeeds& speeds) noexcept;

/// No echo, no line editing, no signals, eight bits, 115200 baud. False with errno on failure.
bool makeRaw(int fd) noexcept;

}  // namespace miner::virtual_machine
