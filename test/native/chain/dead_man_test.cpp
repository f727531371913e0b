#include "chain/dead_man.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <vector>

using miner::chain::DeadMan;
using miner::chain::ResetLine;

namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("a dead man trips once for each kick that was the last") {
  DeadMan deadMan(1'000);
  CHECK(deadMan.deadlineUs() == kNever);
  CHECK(!deadMan.hasTripped(1'000'000));
  deadMan.kick(5'000);
  CHECK(deadMan.deadlineUs() == 6'000);
  CHECK(!deadMan.hasTripped(5'999));
  CHECK(deadMan.hasTripped(6'000));
  CHECK(!deadMan.hasTripped(7'000));
  CHECK(deadMan.deadlineUs() == kNever);
  deadMan.kick(8'000);
  CHECK(deadMan.deadlineUs() == 9'000);
  CHECK(deadMan.hasTripped(9'000));
}

TEST_CASE("a disarmed dead man waits for the next kick") {
  DeadMan deadMan(1'000);
  deadMan.kick(5'000);
  deadMan.disarm();
  CHECK(!deadMan.hasTripped(1'000'000));
  deadMan.kick(1'000'000);
  CHECK(deadMan.hasTripped(1'001'000));
}

TEST_CASE("a dead man with a limit of 0 is off") {
  DeadMan deadMan(0);
  deadMan.kick(5'000);
  CHECK(deadMan.deadlineUs() == kNever);
  CHECK(!deadMan.hasTripped(kNever - 1));
}

TEST_CASE("a reset line may be a FIFO; without a reader it says so and does not block") {
  std::string folder = "/tmp/reset-fifo-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/reset";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const ResetLine line(path);
  CHECK(!line.drive(false));
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  CHECK(line.drive(false));
  CHECK(line.drive(true));
  std::array<char, 8> text{};
  CHECK(::read(reader, text.data(), text.size()) == 4);
  CHECK(std::string(text.data()) == "0\n1\n");
  ::close(reader);
  ::unlink(path.c_str());
  ::rmdir(folder.c_str());
}

TEST_CASE("a chain without a reset line cannot be reset") {
  CHECK(!ResetLine("").drive(false));
  CHECK(!ResetLine("/nonexistent/reset").drive(false));
}

namespace {

/// Notes the levels that lines get, whatever file holds them.
class NotingKernel final : public miner::gpio::Kernel {
 public:
  std::vector<bool> levels;
  bool refuses = false;

  int ioctl(int, unsigned long request, void* argument) noexcept override {
    if (refuses || request != GPIO_V2_LINE_SET_VALUES_IOCTL) {
      errno = EIO;
      return -1;
    }
    levels.push_back((static_cast<gpio_v2_line_values*>(argument)->bits & 1U) != 0);
    return 0;
  }
  ssize_t read(int, void*, std::size_t) noexcept override { return -1; }
  int makeNonBlocking(int) noexcept override { return -1; }
  void close(int) noexcept override {}
};

}  // namespace

TEST_CASE("a reset line may be a held GPIO line, and works on when its owner lets go") {
  NotingKernel kernel;
  const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  REQUIRE(fd >= 0);
  const ResetLine line("", fd, kernel);
  ::close(fd);
  CHECK(line.drive(true));
  CHECK(line.drive(false));
  CHECK(kernel.levels == std::vector{true, false});
  kernel.refuses = true;
  CHECK(!line.drive(false));
}

TEST_CASE("a GPIO line that is not held cannot be driven") {
  NotingKernel kernel;
  CHECK(!ResetLine("", 1'000'000, kernel).drive(false));
  CHECK(kernel.levels.empty());
}
