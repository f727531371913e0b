// Work on the wire: when it is sent, what takes turns with it, what happens to the answers.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "loop_rig.hpp"

using namespace miner::chain;
using namespace miner::test;
using miner::codec::HostFrame;
using miner::codec::HostFrameKind;

namespace {

constexpr std::uint64_t kIntervalUs = 500'000;

/// 'W' for work and 'c' for a command, in the order of the wire.
std::string orderOf(const std::vector<HostFrame>& frames) {
  std::string order;
  for (const HostFrame& frame : frames) order += frame.kind == HostFrameKind::kJob ? 'W' : 'c';
  return order;
}

std::vector<Verdict> verdictsOf(LoopRig& rig) {
  std::vector<Verdict> all;
  for (const Record& record : rig.drain())
    if (record.kind == RecordKind::nonce) all.push_back(static_cast<Verdict>(record.code));
  return all;
}

}  // namespace

TEST_CASE("the first job goes out at once and its work follows the interval") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(kIntervalUs));
  CHECK(rig.frames().empty());
  rig.post(jobCommand(makeJob(1)));
  CHECK(rig.frames().size() == 1);
  const std::uint64_t startUs = rig.nowUs;
  rig.runFor(10 * kIntervalUs);
  REQUIRE(rig.link.writes.size() == 10);
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(rig.link.writes[i].atUs == startUs + (i + 1) * kIntervalUs);
  CHECK(rig.loop.stats().worksSent == 11);
  CHECK(rig.loop.stats().worstWorkGapUs == kIntervalUs);
}

TEST_CASE("job bytes follow the order of the family and visit every slot") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(1'000));
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(20'000);
  const auto frames = rig.frames();
  REQUIRE(frames.size() >= 17);
  for (std::size_t i = 0; i < 17; ++i) CHECK(frames[i].job.jobByte == (24 * i) % 128);
}

TEST_CASE("no work without an interval") {
  LoopRig rig;
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(5'000'000);
  CHECK(rig.frames().empty());
  rig.post(configureCommand(kIntervalUs));
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("a clean job, a new session and the first job after a stop go out at once") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(100'000);
  rig.frames();
  SUBCASE("clean") { rig.post(jobCommand(makeJob(2), true)); }
  SUBCASE("session") {
    auto job = makeJob(2);
    job->sessionKey = 2;
    rig.post(jobCommand(std::move(job)));
  }
  SUBCASE("after a stop") {
    rig.post(commandOf(CommandKind::stopWork, 0, 0));
    rig.runFor(2 * kIntervalUs);
    CHECK(rig.frames().empty());
    rig.post(jobCommand(makeJob(2)));
  }
  const auto frames = rig.frames();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].job.prevhash[0] == 2);
  // The rhythm starts anew with it.
  rig.runFor(kIntervalUs - 1);
  CHECK(rig.frames().empty());
  rig.runFor(1);
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("any other job waits for the interval") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  rig.frames();
  rig.runFor(100'000);
  rig.post(jobCommand(makeJob(2)));
  rig.runFor(kIntervalUs - 100'001);
  CHECK(rig.frames().empty());
  rig.runFor(1);
  const auto frames = rig.frames();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].job.prevhash[0] == 2);
}

TEST_CASE("a shorter interval holds for the work that is due next") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(60'000'000));
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(100'000);
  rig.frames();
  rig.post(configureCommand(kIntervalUs));
  rig.runFor(kIntervalUs);
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("a thread that slept too long sends no burst") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  rig.frames();
  rig.nowUs += 10 * kIntervalUs;
  rig.step();
  CHECK(rig.frames().size() == 1);
  rig.runFor(kIntervalUs);
  CHECK(rig.frames().size() == 1);
  CHECK(rig.loop.stats().worstWorkGapUs == 10 * kIntervalUs);
}

TEST_CASE("work and commands take turns when both wait") {
  LoopRig rig;
  rig.post(configureCommand(1));
  rig.post(jobCommand(makeJob(1)));
  for (std::uint32_t i = 0; i < 50; ++i) REQUIRE(rig.mailbox.post(frameCommand(1, i + 1)));
  rig.step();
  rig.runFor(450'000);
  const std::string order = orderOf(rig.frames());
  CHECK(std::count(order.begin(), order.end(), 'c') == 50);
  CHECK(order.find("cc") == std::string::npos);
  CHECK(order.substr(0, order.rfind('c')).find("WW") == std::string::npos);
  CHECK(rig.ended().size() == 50);
}

TEST_CASE("clean jobs without end do not starve commands") {
  LoopRig rig;
  rig.post(configureCommand(kIntervalUs));
  for (std::uint32_t i = 0; i < 20; ++i) REQUIRE(rig.mailbox.post(frameCommand(1, i + 1)));
  for (std::uint8_t i = 0; i < 200; ++i) {
    rig.post(jobCommand(makeJob(i), true));
    rig.runFor(2'000);
  }
  CHECK(rig.ended().size() == 20);
}

TEST_CASE("work goes out while a command waits for its delay") {
  LoopRig rig(fastOptions());
  rig.post(configureCommand(kIntervalUs));
  rig.post(frameCommand(1, 1, 10'000'000));
  rig.post(frameCommand(2, 2));
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(4 * kIntervalUs);
  CHECK(orderOf(rig.frames()) == "cWWWWW");
  rig.post(jobCommand(makeJob(2), true));
  CHECK(orderOf(rig.frames()) == "W");
}

TEST_CASE("a clean job waits behind no more than the frame on the wire") {
  LoopRig rig;
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  for (std::uint32_t i = 0; i < 100; ++i) REQUIRE(rig.mailbox.post(frameCommand(1, i + 1)));
  rig.step();
  rig.runFor(20'000);
  rig.link.writes.clear();
  const std::uint64_t postedUs = rig.nowUs;
  rig.post(jobCommand(makeJob(2), true));
  rig.runFor(10'000);
  const auto work = std::find_if(rig.link.writes.begin(), rig.link.writes.end(),
                                 [](const auto& write) { return write.bytes.size() == 88; });
  REQUIRE(work != rig.link.writes.end());
  CHECK(work->atUs - postedUs <= 1'300);  // two short frames at 115,200 baud
}

TEST_CASE("who waits for work hears when it is sent, and when it never will be") {
  LoopRig rig;
  rig.post(configureCommand(kIntervalUs));
  rig.post(commandOf(CommandKind::awaitWork, 1));
  rig.runFor(1'000'000);
  CHECK(rig.drain().empty());
  SUBCASE("sent") {
    rig.post(jobCommand(makeJob(1)));
    CHECK(rig.ended() == Ended{{1, CommandStatus::done}});
    rig.runFor(1'000'000);
    CHECK(rig.drain().empty());
  }
  SUBCASE("stopped") {
    rig.post(commandOf(CommandKind::stopWork, 0, 1));
    CHECK(rig.ended() == Ended{{1, CommandStatus::dropped}});
  }
  SUBCASE("somebody else waits") {
    rig.post(commandOf(CommandKind::awaitWork, 2));
    CHECK(rig.ended() == Ended{{1, CommandStatus::dropped}});
  }
  SUBCASE("line lost") {
    rig.link.isHungUp = true;
    rig.step();
    CHECK(rig.ended() == Ended{{1, CommandStatus::linkDown}});
    rig.post(commandOf(CommandKind::awaitWork, 3));
    CHECK(rig.ended() == Ended{{3, CommandStatus::linkDown}});
  }
}

TEST_CASE("a used up range is counted once and work goes on with the next second") {
  ChainOptions options = fastOptions();
  options.chainCount = 200;  // two values of one byte for chain 0
  LoopRig rig(options);
  rig.post(configureCommand(1'000));
  rig.post(jobCommand(makeJob(1, 1, 1'700'000'000, rig.nowUs)));
  rig.runFor(900'000);
  CHECK(rig.frames().size() == 2);
  CHECK(rig.loop.stats().workStarved == 1);
  CHECK(rig.steps < 50);
  rig.runFor(150'000);
  CHECK(rig.frames().size() == 2);
  CHECK(rig.loop.stats().workStarved == 2);
}

TEST_CASE("a job ends starvation at once") {
  ChainOptions options = fastOptions();
  options.chainCount = 200;
  LoopRig rig(options);
  rig.post(configureCommand(1'000));
  rig.post(jobCommand(makeJob(1, 1, 1'700'000'000, rig.nowUs)));
  rig.runFor(10'000);
  rig.frames();
  rig.post(jobCommand(makeJob(2, 1, 1'700'000'000, rig.nowUs)));
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("the captured answer to the captured job is a share of the pool") {
  LoopRig rig(job68Options());
  rig.post(configureCommand(kIntervalUs));
  // Job byte 0x68 is the sixteenth. A count past four bytes makes the next job start again.
  rig.post(jobCommand(makeJob(1, 8)));
  rig.runFor(14 * kIntervalUs);
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  SUBCASE("share") {
    rig.post(jobCommand(makeJob68(), true));
    const auto frames = rig.frames();
    REQUIRE(hexOf(std::span{frames.back().raw}.first(16)) == job68::kFrame.substr(0, 32));
    rig.drain();
    const int rings = rig.bell.rings;
    rig.receive(job68::kAnswer);
    CHECK(rig.bell.rings == rings + 1);
    const auto records = rig.drain();
    REQUIRE(records.size() == 1);
    CHECK(records[0].code == static_cast<std::uint8_t>(Verdict::share));
    CHECK(records[0].nonce == job68::kNonce);
    CHECK(records[0].jobKey == 68);
  }
  SUBCASE("stale after the next block") {
    rig.post(jobCommand(makeJob68(), true));
    rig.runFor(100'000);
    rig.post(jobCommand(makeJob(2), true));
    rig.receive(job68::kAnswer);
    CHECK(verdictsOf(rig) == std::vector{Verdict::stale});
  }
  SUBCASE("still a share after stop, and unknown after forgetting") {
    rig.post(jobCommand(makeJob68(), true));
    rig.post(commandOf(CommandKind::stopWork, 0, 0));
    rig.receive(job68::kAnswer);
    CHECK(verdictsOf(rig) == std::vector{Verdict::share});
    rig.post(commandOf(CommandKind::stopWork, 0, 1));
    rig.receive(job68::kAnswer);
    CHECK(verdictsOf(rig) == std::vector{Verdict::unknownWork});
  }
}
