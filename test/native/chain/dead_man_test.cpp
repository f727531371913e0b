#include "chain/dead_man.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <string>

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
