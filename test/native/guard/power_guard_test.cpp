#include "guard/power_guard.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>

#include "guard/companion.hpp"
#include "guard/fatal_signals.hpp"
#include "guard_files.hpp"
#include "util/monotonic_clock.hpp"

using miner::guard::OffAction;
using miner::guard::PowerGuard;
using miner::test::GuardFiles;
using State = miner::guard::PowerGuard::State;

namespace {

constexpr std::uint64_t kMs = 1000;
constexpr std::uint64_t kLimit = 450 * kMs;
constexpr std::uint64_t kStart = 5000 * kMs;

std::vector<OffAction> actionsOn(const std::string& path) {
  return {*miner::guard::parseOffAction("file\t" + path + "\t1")};
}

std::string packetOf(int socket) {
  std::array<char, 64> packet{};
  const ssize_t size = ::recv(socket, packet.data(), packet.size(), MSG_DONTWAIT);
  return {packet.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
}

std::array<int, 2> socketPair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return ends;
}

/// Looks until it is so, far longer than it takes.
template <typename Look>
bool becomes(Look look) {
  for (int i = 0; i < 5000; ++i) {
    if (look()) return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

/// How a process ended in which `body` ran.
template <typename Body>
int statusOf(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    // The sanitizers' own handlers would report what is meant to happen.
    for (const int number : {SIGSEGV, SIGABRT, SIGBUS}) std::signal(number, SIG_DFL);
    body();
    std::exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a guard cuts when it was not fed for its limit, and not before") {
  const GuardFiles files;
  PowerGuard guard({kLimit, 0}, actionsOn(files.line("enable")));
  guard.step(kStart);
  CHECK(guard.state() == State::disarmed);
  guard.arm(kStart);
  guard.step(kStart + kLimit - 1);
  CHECK(guard.state() == State::armed);
  guard.feed(kStart + 20 * kMs);
  guard.step(kStart + kLimit);
  CHECK(guard.state() == State::armed);
  CHECK(files.text("enable") == "0");
  guard.step(kStart + 20 * kMs + kLimit);
  CHECK(guard.state() == State::tripped);
  CHECK(guard.cause() == PowerGuard::Cause::unfed);
  CHECK(guard.trippedUnixMs() > 1'600'000'000'000);
  CHECK(files.text("enable") == "1");
}

TEST_CASE("a feed brings back neither what was cut nor what was disarmed") {
  const GuardFiles files;
  PowerGuard guard({kLimit, 0}, actionsOn(files.line("enable")));
  guard.feed(kStart);
  CHECK(guard.state() == State::disarmed);
  guard.arm(kStart);
  guard.step(kStart + kLimit);
  guard.feed(kStart + kLimit);
  guard.disarm();
  CHECK(guard.state() == State::tripped);
  files.line("enable");
  guard.arm(kStart + 2 * kLimit);
  CHECK(guard.state() == State::armed);
  guard.step(kStart + 3 * kLimit);
  CHECK(files.text("enable") == "1");
}

TEST_CASE("a guard tries what failed again until it is done") {
  const GuardFiles files;
  PowerGuard guard({kLimit, 0}, actionsOn(files.path("enable")));
  guard.arm(kStart);
  std::uint64_t now = kStart + kLimit;
  for (int i = 0; i < 30; ++i) {
    const std::uint64_t next = guard.step(now);
    CHECK(next <= now + 100 * kMs);
    now = next;
  }
  files.line("enable");
  guard.step(now);
  CHECK(files.text("enable") == "1");
}

TEST_CASE("a guard beats to its companion while the power may be on") {
  const GuardFiles files;
  const auto [own, other] = socketPair();
  PowerGuard guard({kLimit, 0}, actionsOn(files.line("enable")));
  guard.useCompanion(own);
  guard.step(kStart);
  CHECK(packetOf(other).empty());
  guard.arm(kStart);
  CHECK(packetOf(other) == "armed");
  CHECK(guard.step(kStart) == kStart + 100 * kMs);
  CHECK(packetOf(other) == "armed");
  CHECK(guard.companionAgeUs(kStart + 300 * kMs) == 300 * kMs);
  ::send(other, "a", 1, 0);
  guard.step(kStart + 300 * kMs);
  CHECK(guard.companionAgeUs(kStart + 400 * kMs) == 100 * kMs);
  while (!packetOf(other).empty()) {
  }
  guard.askLease(1234);
  CHECK(packetOf(other) == "lease 1234");
  guard.disarm();
  CHECK(packetOf(other) == "disarmed");
  guard.step(kStart + 1000 * kMs);
  CHECK(packetOf(other).empty());
  ::close(other);
}

TEST_CASE("the thread of a guard cuts by itself, and its end cuts what is armed") {
  const GuardFiles files;
  PowerGuard guard({50 * kMs, 0}, actionsOn(files.line("enable")));
  REQUIRE(guard.start());
  guard.arm(miner::util::nowUs());
  CHECK(becomes([&] { return files.text("enable") == "1"; }));
  CHECK(guard.state() == State::tripped);
  guard.disarm();
  files.line("enable");
  PowerGuard other({10'000 * kMs, 0}, actionsOn(files.path("enable")));
  REQUIRE(other.start());
  other.arm(miner::util::nowUs());
  other.stop();
  CHECK(files.text("enable") == "1");
}

TEST_CASE("a process that dies of a signal cuts first and dies of that signal") {
  for (const int number : {SIGSEGV, SIGABRT}) {
    const GuardFiles files;
    const std::string enable = files.line("enable");
    const int status = statusOf([&] {
      static PowerGuard guard({kLimit, 0}, actionsOn(enable));
      if (!miner::guard::watchFatalSignals(guard)) std::exit(1);
      guard.arm(miner::util::nowUs());
      std::raise(number);
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
    CHECK(files.text("enable") == "1");
  }
}

TEST_CASE("a process that ends while armed cuts, and one that is disarmed does not") {
  for (const bool isArmed : {true, false}) {
    const GuardFiles files;
    const std::string enable = files.line("enable");
    const int status = statusOf([&] {
      static PowerGuard guard({kLimit, 0}, actionsOn(enable));
      if (!miner::guard::watchFatalSignals(guard)) std::exit(1);
      guard.arm(miner::util::nowUs());
      if (!isArmed) guard.disarm();
    });
    CHECK(WIFEXITED(status));
    CHECK(files.text("enable") == (isArmed ? "1" : "0"));
  }
}

TEST_CASE("a companion cuts when the other end closes, and says so in its file") {
  const GuardFiles files;
  const std::string enable = files.line("enable");
  const auto [own, other] = socketPair();
  ::send(own, "armed", 5, 0);
  ::close(own);
  const miner::guard::OffActions actions(actionsOn(enable));
  miner::guard::CompanionOptions options;
  options.socket = other;
  options.leasePath = files.path("lease.sock");
  options.reportPath = files.path("report.json");
  CHECK(miner::guard::Companion(options, actions).run() == 0);
  CHECK(files.text("enable") == "1");
  const std::string report = files.text("report.json");
  CHECK(report.find("\"cause\":\"controller gone\",\"failed\":0") != std::string::npos);
}
