#include "guard/companion_watch.hpp"

#include <doctest/doctest.h>

using miner::guard::CompanionWatch;
using Verdict = miner::guard::CompanionWatch::Verdict;

namespace {

constexpr std::uint64_t kMs = 1000;
constexpr std::uint64_t kStart = 5000 * kMs;

CompanionWatch armed() {
  CompanionWatch watch;
  watch.hear("armed", kStart);
  return watch;
}

}  // namespace

TEST_CASE("a companion waits while nothing is armed, and leaves with its controller") {
  CompanionWatch watch;
  CHECK(watch.verdict(kStart) == Verdict::wait);
  watch.closed(kStart);
  CHECK(watch.verdict(kStart) == Verdict::leave);
}

TEST_CASE("a companion acts at once when an armed controller is gone") {
  CompanionWatch watch = armed();
  CHECK(watch.verdict(kStart + 100 * kMs) == Verdict::wait);
  watch.closed(kStart + 100 * kMs);
  CHECK(watch.verdict(kStart + 100 * kMs) == Verdict::act);
  CHECK(watch.cause(kStart + 100 * kMs) == "controller gone");
  CHECK(!watch.isHanging(kStart + 100 * kMs));
}

TEST_CASE("a companion leaves when the power is off and its controller ends") {
  CompanionWatch watch = armed();
  watch.hear("disarmed", kStart);
  CHECK(watch.verdict(kStart + 10'000 * kMs) == Verdict::wait);
  watch.closed(kStart + 10'000 * kMs);
  CHECK(watch.verdict(kStart + 10'000 * kMs) == Verdict::leave);
}

TEST_CASE("a companion acts when the beats have stayed away for 450 ms, and not before") {
  CompanionWatch watch = armed();
  watch.hear("armed", kStart + 100 * kMs);
  CHECK(watch.deadlineUs() == kStart + 550 * kMs);
  CHECK(watch.verdict(kStart + 550 * kMs - 1) == Verdict::wait);
  CHECK(watch.verdict(kStart + 550 * kMs) == Verdict::act);
  CHECK(watch.isHanging(kStart + 550 * kMs));
  CHECK(watch.cause(kStart + 550 * kMs) == "no beats");
}

TEST_CASE("a companion acts at once for a controller that says that it dies") {
  CompanionWatch watch = armed();
  watch.hear("dying SIGSEGV", kStart);
  CHECK(watch.verdict(kStart) == Verdict::act);
  CHECK(watch.cause(kStart) == "SIGSEGV");
  CHECK(!watch.isHanging(kStart));
}

TEST_CASE("a lease holds the power without a controller until it is over") {
  CompanionWatch watch = armed();
  watch.hear("lease 2000", kStart);
  CHECK(watch.hasLease());
  // Whoever holds the lease still ends a controller that hangs on its way out.
  CHECK(watch.verdict(kStart + 500 * kMs) == Verdict::act);
  watch.hear("armed", kStart + 400 * kMs);
  watch.closed(kStart + 450 * kMs);
  CHECK(watch.leaseLeftMs(kStart + 500 * kMs) == 1500);
  CHECK(watch.verdict(kStart + 2000 * kMs - 1) == Verdict::wait);
  CHECK(watch.verdict(kStart + 2000 * kMs) == Verdict::act);
  CHECK(watch.cause(kStart + 2000 * kMs) == "lease over");
}

TEST_CASE("a lease is bounded, and needs power that may be on") {
  CompanionWatch watch = armed();
  watch.hear("lease 4000000", kStart);
  CHECK(watch.leaseLeftMs(kStart) == miner::guard::kMaxLeaseMs);
  CompanionWatch idle;
  idle.hear("lease 2000", kStart);
  CHECK(!idle.hasLease());
  CompanionWatch nonsense = armed();
  nonsense.hear("lease soon", kStart);
  nonsense.closed(kStart);
  CHECK(nonsense.verdict(kStart) == Verdict::act);
}

TEST_CASE("a lease is none for a controller that crashes, or that ends after it") {
  CompanionWatch crashed = armed();
  crashed.hear("lease 2000", kStart);
  crashed.hear("dying SIGABRT", kStart);
  CHECK(crashed.verdict(kStart) == Verdict::act);
  CompanionWatch late = armed();
  late.hear("lease 2000", kStart);
  late.hear("armed", kStart + 2100 * kMs);
  late.closed(kStart + 2100 * kMs);
  CHECK(late.verdict(kStart + 2100 * kMs) == Verdict::act);
}

TEST_CASE("a companion leaves when the next controller is there") {
  CompanionWatch watch = armed();
  watch.hear("lease 2000", kStart);
  watch.closed(kStart);
  watch.released();
  CHECK(watch.verdict(kStart + 5000 * kMs) == Verdict::leave);
}
