// A line that goes away, comes back, floods or damages; and a loop that never spins.

#include <doctest/doctest.h>

#include <random>

#include "loop_rig.hpp"
#include "reset_file.hpp"

using namespace miner::chain;
using namespace miner::test;

namespace {

constexpr std::uint64_t kIntervalUs = 500'000;

std::vector<RecordKind> kindsOf(const std::vector<Record>& records) {
  std::vector<RecordKind> kinds;
  for (const Record& record : records) kinds.push_back(record.kind);
  return kinds;
}

}  // namespace

TEST_CASE("a line that hangs up ends everything that waits, and says so") {
  LoopRig rig;
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  rig.post(frameCommand(0, 1, 1'000'000));
  REQUIRE(rig.mailbox.post(frameCommand(1, 2)));
  rig.link.isHungUp = true;
  SUBCASE("while reading") { rig.step(); }
  SUBCASE("while writing") {
    rig.link.isHungUp = false;
    rig.link.room = 0;
    rig.runFor(20'000);
    rig.post(jobCommand(makeJob(2), true));
    rig.link.isHungUp = true;
    rig.step();
  }
  const auto records = rig.drain();
  CHECK(kindsOf(records) ==
        std::vector{RecordKind::commandDone, RecordKind::commandDone, RecordKind::linkDown});
  CHECK(records[0].code == static_cast<std::uint8_t>(CommandStatus::linkDown));
  CHECK(!rig.link.isOpen());
  CHECK(!rig.loop.wantsToWrite());
  CHECK(rig.loop.stats().hangUps == 1);
}

TEST_CASE("a line that is down is tried four times a second, and costs nothing else") {
  LoopRig rig;
  rig.link.isHungUp = true;
  rig.step();
  rig.link.openStatus = miner::link::Status::openFailed;
  rig.link.opens = 0;
  rig.steps = 0;
  rig.runFor(10'000'000);
  CHECK(rig.link.opens == 40);
  CHECK(rig.steps == 40);
}

TEST_CASE("commands to a line that is down fail at once") {
  LoopRig rig;
  rig.link.isHungUp = true;
  rig.step();
  rig.drain();
  rig.post(frameCommand(0, 1));
  rig.post(commandOf(CommandKind::setBaud, 2, 1'000'000));
  CHECK(rig.ended() == Ended{{1, CommandStatus::linkDown}, {2, CommandStatus::linkDown}});
}

TEST_CASE("the reset line obeys while the tty is gone") {
  ResetFile file;
  LoopRig rig(withReset(file.path()));
  rig.link.isHungUp = true;
  REQUIRE(rig.mailbox.post(commandOf(CommandKind::reset, 1, 0)));
  rig.step();
  CHECK(rig.ended() == Ended{{1, CommandStatus::done}});
  CHECK(file.read() == "0");
  rig.post(commandOf(CommandKind::reset, 2, 1));
  CHECK(rig.ended() == Ended{{2, CommandStatus::done}});
  CHECK(file.read() == "1");
}

TEST_CASE("a line that comes back starts at the rate and answers of a reset, without old work") {
  LoopRig rig;
  rig.post(commandOf(CommandKind::setBaud, 1, 3'125'000));
  rig.post(commandOf(CommandKind::responseLength, 2, 11));
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(10'000);
  rig.link.isHungUp = true;
  rig.step();
  rig.link.isHungUp = false;
  rig.link.writes.clear();
  rig.drain();
  rig.runFor(5'000'000);
  CHECK(kindsOf(rig.drain()) == std::vector{RecordKind::linkUp});
  CHECK(rig.link.baud == rig.options.resetBaud);
  CHECK(rig.frames().empty());
  rig.receive("aa5513700000000006");
  CHECK(rig.drain().size() == 1);
  rig.post(jobCommand(makeJob(1)));
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("counters of the line go on over a hang-up") {
  LoopRig rig;
  rig.link.lineCounters = {5, 6};
  rig.runFor(2'000'000);
  CHECK(rig.loop.stats().uartOverruns == 5);
  rig.link.isHungUp = true;
  rig.step();
  rig.link.isHungUp = false;
  rig.link.lineCounters = {1, 1};
  rig.runFor(3'000'000);
  CHECK(rig.loop.stats().uartOverruns == 6);
  CHECK(rig.loop.stats().uartFramingErrors == 7);
}

TEST_CASE("a line that never falls silent keeps neither work nor commands nor the end away") {
  LoopRig rig;
  rig.link.isFlooding = true;
  rig.post(configureCommand(kIntervalUs));
  rig.post(jobCommand(makeJob(1)));
  rig.post(frameCommand(0, 1));
  rig.runFor(10'000);
  CHECK(rig.frames().size() == 2);
  CHECK(rig.ended() == Ended{{1, CommandStatus::done}});
  CHECK(rig.loop.stats().garbageBytes > 0);
}

TEST_CASE("a flood of answers is dropped and counted, the ends of commands are not") {
  ChainOptions options = optionsOf("BM1370");
  options.recordCapacity = 64;
  LoopRig rig(options);
  for (int i = 0; i < 1'000; ++i) rig.receive("aa5513700000000006");
  CHECK(rig.loop.stats().framesReceived == 1'000);
  rig.post(frameCommand(0, 1));
  rig.runFor(10'000);
  const auto records = rig.drain();
  CHECK(records.size() == 49);
  CHECK(rig.loop.stats().recordsDropped == 1'000 - 48);
  CHECK(records.back().kind == RecordKind::commandDone);
  CHECK(rig.bell.rings == 1);
}

TEST_CASE("the tap keeps both directions in their order, and counts what it has no room for") {
  ChainOptions options = optionsOf("BM1370");
  options.tap = true;
  LoopRig rig(options);
  rig.post(frameCommand(3, 1));
  rig.receive("aa5513700000000006");
  std::array<TapChunk, 4> chunks;
  REQUIRE(rig.mailbox.drainTap(chunks) == 2);
  CHECK(!chunks[0].fromChips);
  CHECK(hexOf(std::span{chunks[0].bytes}.first(chunks[0].length)).substr(0, 10) == "55aa400503");
  CHECK(chunks[1].fromChips);
  CHECK(hexOf(std::span{chunks[1].bytes}.first(chunks[1].length)) == "aa5513700000000006");
  rig.link.isFlooding = true;
  for (int i = 0; i < 1'000; ++i) rig.step();
  CHECK(rig.loop.stats().tapDropped > 0);
}

// Every mixture of stalls, hang-ups, slow drivers, jobs and commands. LoopRig::step requires that
// the next step is later than the one before; here also that there are few of them.
TEST_CASE("no mixture of states makes the loop spin, and every command ends once") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t limit) {
      return static_cast<std::uint32_t>(random()) % limit;
    };
    ChainOptions options = optionsOf("BM1366");
    options.deadManUs = 2'000'000;
    LoopRig rig(options);
    std::uint32_t token = 0;
    std::vector<int> ends(1, 0);
    const auto count = [&] {
      for (const auto& [ended, status] : rig.ended()) ++ends.at(ended);
    };
    const auto nextToken = [&] {
      ends.push_back(0);
      return ++token;
    };
    for (int turn = 0; turn < 400; ++turn) {
      switch (below(12)) {
        case 0:
          rig.post(configureCommand(1 + below(1'000'000)));
          break;
        case 1:
        case 2:
          rig.post(jobCommand(makeJob(static_cast<std::uint8_t>(below(5)), below(3)), below(2)));
          break;
        case 3:
          rig.post(commandOf(CommandKind::stopWork, 0, below(2)));
          break;
        case 4:
          for (std::uint32_t i = below(20); i > 0; --i)
            rig.post(frameCommand(1, nextToken(), below(3) == 0 ? below(100'000) : 0));
          break;
        case 5:
          rig.post(commandOf(CommandKind::setBaud, nextToken(), 9'600 + below(3'000'000),
                             below(50'000)));
          break;
        case 6:
          rig.post(commandOf(CommandKind::awaitWork, nextToken()));
          break;
        case 7:
          rig.post(commandOf(CommandKind::responseLength, nextToken(), below(2) ? 9 : 11));
          break;
        case 8:
          rig.link.room = below(2) ? below(100) : 1'000'000;
          break;
        case 9:
          rig.link.unsent = below(3) == 0 ? below(100) : 0;
          break;
        case 10:
          rig.link.isHungUp = below(4) == 0;
          rig.link.openStatus =
              below(2) ? miner::link::Status::ok : miner::link::Status::openFailed;
          break;
        default:
          if (below(4) != 0) rig.loop.kick(rig.nowUs);
          break;
      }
      rig.step();
      rig.steps = 0;
      const std::uint64_t us = below(200'000);
      rig.runFor(us);
      // At most one look at the driver in 500 us, or a frame on the wire.
      CHECK(rig.steps <= 20 + us / 200);
      count();
    }
    rig.loop.end(rig.nowUs);
    count();
    for (std::uint32_t i = 1; i <= token; ++i) CHECK(ends[i] == 1);
  }
}
