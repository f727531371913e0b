// Jobs of several pools on one chain: whose work becomes stale, and when the next goes out.

#include <doctest/doctest.h>

#include "loop_rig.hpp"

using namespace miner::chain;
using namespace miner::test;

namespace {

constexpr std::uint64_t kIntervalUs = 500'000;

std::vector<Verdict> verdictsOf(LoopRig& rig) {
  std::vector<Verdict> all;
  for (const Record& record : rig.drain())
    if (record.kind == RecordKind::nonce) all.push_back(static_cast<Verdict>(record.code));
  return all;
}

}  // namespace

TEST_CASE("an urgent job goes out at once and makes nothing stale") {
  LoopRig rig(job68Options());
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob68()));
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  rig.drain();
  rig.frames();
  auto job = makeJob(2);
  job->urgent = true;
  rig.post(jobCommand(std::move(job)));
  CHECK(rig.frames().size() == 1);
  rig.receive(hexOf(firstJobAnswer()));
  CHECK(verdictsOf(rig) == std::vector{Verdict::share});
}

TEST_CASE("another pool's job waits for the interval and leaves the work before it good") {
  LoopRig rig(job68Options());
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob68(), true));
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  rig.runFor(100'000);
  rig.frames();
  rig.drain();
  auto job = makeJob(2);
  job->poolKey = 2;
  job->sessionKey = 2;
  SUBCASE("new to the chain") {
    rig.post(jobCommand(std::move(job)));
    CHECK(rig.frames().empty());
    rig.runFor(kIntervalUs);
    CHECK(rig.frames().size() == 1);
  }
  SUBCASE("clean") {
    rig.post(jobCommand(std::move(job), true));
    CHECK(rig.frames().size() == 1);
  }
  SUBCASE("and back, the same clean job once more") {
    rig.post(jobCommand(std::move(job)));
    rig.runFor(kIntervalUs);
    rig.post(jobCommand(makeJob68(), true));
  }
  rig.receive(hexOf(firstJobAnswer()));
  CHECK(verdictsOf(rig) == std::vector{Verdict::share});
}

TEST_CASE("a pool's new session ends its own work, also when another pool's work is between") {
  LoopRig rig(job68Options());
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob68()));
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  auto other = makeJob(2);
  other->poolKey = 2;
  other->sessionKey = 2;
  rig.post(jobCommand(std::move(other)));
  auto again = makeJob68();
  again->sessionKey = 3;
  rig.post(jobCommand(std::move(again)));
  rig.receive(hexOf(firstJobAnswer()));
  CHECK(verdictsOf(rig) == std::vector{Verdict::stale});
}
