#pragma once

// The kernel's own header: glibc's <termios.h> knows no BOTHER and clashes with it.
#include <asm/termbits.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace miner::test {

/// The far side of a real serial line. Keeps a descriptor of the near side, so that nobody there is
/// no hang-up.
class Pty {
 public:
  /// Generous: only a broken program waits that long.
  static constexpr int kDeadlineMs = 20'000;

  Pty() {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(master_ >= 0);
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    std::array<char, 64> name{};
    REQUIRE(::ptsname_r(master_, name.data(), name.size()) == 0);
    path_ = name.data();
    slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(slave_ >= 0);
    // Raw from the start: no echo of what is written before the host comes.
    termios2 settings{};
    REQUIRE(::ioctl(slave_, TCGETS2, &settings) == 0);
    settings.c_iflag = 0;
    settings.c_oflag = 0;
    settings.c_lflag = 0;
    REQUIRE(::ioctl(slave_, TCSETS2, &settings) == 0);
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty() { close(); }

  /// The host sees a hang-up.
  void close() {
    if (slave_ >= 0) ::close(slave_);
    if (master_ >= 0) ::close(master_);
    slave_ = master_ = -1;
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int master() const { return master_; }
  [[nodiscard]] int slave() const { return slave_; }

  [[nodiscard]] termios2 settings() const {
    termios2 now{};
    REQUIRE(::ioctl(master_, TCGETS2, &now) == 0);
    return now;
  }

  [[nodiscard]] bool isExclusive() const {
    int isSet = 0;
    REQUIRE(::ioctl(slave_, TIOCGEXCL, &isSet) == 0);
    return isSet != 0;
  }

  /// Exactly `size` bytes from the host.
  std::vector<std::uint8_t> read(std::size_t size) {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
      pollfd fd{master_, POLLIN, 0};
      if (::poll(&fd, 1, kDeadlineMs) != 1) FAIL("the host sends nothing");
      std::array<std::uint8_t, 256> part;
      const ssize_t count =
          ::read(master_, part.data(), std::min(part.size(), size - bytes.size()));
      REQUIRE(count > 0);
      bytes.insert(bytes.end(), part.begin(), part.begin() + count);
    }
    return bytes;
  }

  /// What has come so far.
  std::vector<std::uint8_t> readAll() {
    std::vector<std::uint8_t> bytes;
    std::array<std::uint8_t, 4096> part;
    for (ssize_t count = 1; (count = ::read(master_, part.data(), part.size())) > 0;)
      bytes.insert(bytes.end(), part.begin(), part.begin() + count);
    return bytes;
  }

  void write(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
      pollfd fd{master_, POLLOUT, 0};
      if (::poll(&fd, 1, kDeadlineMs) != 1) FAIL("the host reads nothing");
      const ssize_t count = ::write(master_, bytes.data(), bytes.size());
      REQUIRE(count > 0);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

 private:
  int master_ = -1;
  int slave_ = -1;
  std::string path_;
};

}  // namespace miner::test
