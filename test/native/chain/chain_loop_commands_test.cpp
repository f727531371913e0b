// Commands on the wire: order, delays, baud, reset, failures.

#include <doctest/doctest.h>

#include <vector>

#include "loop_rig.hpp"
#include "reset_file.hpp"

using namespace miner::chain;
using namespace miner::test;
using miner::codec::HostFrame;
using miner::codec::HostFrameKind;

namespace {

// Wire time of 7 bytes at 115,200 baud, rounded down.
constexpr std::uint64_t kShortFrameUs = 607;

}  // namespace

TEST_CASE("commands leave in order, each after the delay of the one before") {
  LoopRig rig;
  const std::uint64_t startUs = rig.nowUs;
  for (std::uint8_t i = 0; i < 3; ++i) REQUIRE(rig.mailbox.post(frameCommand(i, i + 1U, 10'000)));
  rig.step();
  rig.runFor(100'000);
  REQUIRE(rig.link.writes.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(rig.link.writes[i].atUs == startUs + i * (kShortFrameUs + 10'000));
  CHECK(rig.ended() ==
        Ended{{1, CommandStatus::done}, {2, CommandStatus::done}, {3, CommandStatus::done}});
  const auto frames = rig.frames();
  for (std::uint8_t i = 0; i < 3; ++i) CHECK(frames[i].address == i);
}

TEST_CASE("a command ends when its last byte has left and its delay is over") {
  LoopRig rig;
  rig.post(frameCommand(0, 1, 5'000));
  rig.runFor(kShortFrameUs + 4'999);
  CHECK(rig.ended().empty());
  rig.runFor(1);
  CHECK(rig.ended() == Ended{{1, CommandStatus::done}});
}

TEST_CASE("commands without a delay follow each other as fast as the wire sends") {
  LoopRig rig;
  const std::uint64_t startUs = rig.nowUs;
  for (std::uint8_t i = 0; i < 100; ++i) REQUIRE(rig.mailbox.post(frameCommand(i, i + 1U)));
  rig.step();
  rig.runFor(1'000'000);
  CHECK(rig.ended().size() == 100);
  CHECK(rig.link.writes.back().atUs <= startUs + 100 * (kShortFrameUs + 1));
  CHECK(rig.link.writes.back().atUs >= startUs + 98 * kShortFrameUs);
}

TEST_CASE("a command without a token ends without a record") {
  LoopRig rig;
  rig.post(frameCommand(0, 0));
  rig.runFor(10'000);
  CHECK(rig.frames().size() == 1);
  CHECK(rig.drain().empty());
}

TEST_CASE("a frame that the kernel takes late has its delay after that") {
  LoopRig rig;
  rig.link.room = 3;
  rig.post(frameCommand(0, 1, 5'000));
  CHECK(rig.loop.wantsToWrite());
  rig.runFor(400'000);
  CHECK(rig.ended().empty());
  rig.link.room = 100;
  rig.step();
  CHECK(!rig.loop.wantsToWrite());
  rig.runFor(5'000);
  CHECK(rig.ended().empty());
  rig.runFor(1'000);
  CHECK(rig.ended() == Ended{{1, CommandStatus::done}});
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("a line that takes nothing for a second fails what waits and costs no wake-ups") {
  LoopRig rig;
  rig.link.room = 3;
  rig.post(frameCommand(0, 1));
  rig.post(frameCommand(1, 2));
  rig.steps = 0;
  rig.runFor(999'999);
  CHECK(rig.ended().empty());
  rig.runFor(1);
  CHECK(rig.ended() == Ended{{1, CommandStatus::writeStalled}, {2, CommandStatus::writeStalled}});
  CHECK(rig.steps < 10);
  CHECK(rig.link.outputFlushes == 1);
  CHECK(rig.loop.stats().writeStalls == 1);
  rig.link.writes.clear();
  rig.link.room = 1'000;
  rig.post(frameCommand(2, 3));
  rig.runFor(10'000);
  CHECK(rig.ended() == Ended{{3, CommandStatus::done}});
  CHECK(rig.frames().size() == 1);
}

TEST_CASE("the rate changes when wire and driver are empty and the settle time is over") {
  LoopRig rig;
  rig.link.unsent = 7;
  rig.post(frameCommand(0, 1));
  rig.post(commandOf(CommandKind::setBaud, 2, 3'125'000, 60'000));
  rig.post(frameCommand(1, 3));
  rig.runFor(50'000);
  CHECK(rig.ended() == Ended{{1, CommandStatus::done}});
  CHECK(rig.link.baudsSet.empty());
  rig.link.unsent = 0;
  rig.runFor(60'000);
  CHECK(rig.link.baudsSet.empty());
  rig.receive("aa5513");
  rig.runFor(1'000);
  CHECK(rig.link.baudsSet == std::vector<std::uint32_t>{3'125'000});
  CHECK(rig.ended() == Ended{{2, CommandStatus::done}, {3, CommandStatus::done}});
  // What came at the old rate is forgotten.
  rig.receive("aa5513700000000006");
  CHECK(rig.loop.stats().framesReceived == 1);
  CHECK(rig.loop.stats().garbageBytes == 0);
}

TEST_CASE("no work goes out while the rate changes, and work goes on afterwards") {
  LoopRig rig;
  rig.post(configureCommand(10'000));
  rig.post(jobCommand(makeJob(1)));
  rig.post(commandOf(CommandKind::setBaud, 1, 1'000'000, 100'000));
  rig.runFor(8'000);
  rig.link.writes.clear();
  rig.post(jobCommand(makeJob(2), true));
  rig.runFor(99'000);
  CHECK(rig.frames().empty());
  rig.runFor(3'000);
  CHECK(rig.link.baud == 1'000'000);
  CHECK(rig.frames().size() == 1);
  rig.runFor(100'000);
  CHECK(rig.frames().size() == 10);
}

TEST_CASE("after a refused rate the line goes on at the old one") {
  LoopRig rig;
  rig.link.baudStatus = miner::link::Status::baudRefused;
  rig.post(commandOf(CommandKind::setBaud, 1, 3'000'000));
  rig.runFor(10'000);
  CHECK(rig.ended() == Ended{{1, CommandStatus::baudRefused}});
  CHECK(rig.link.baud == rig.options.resetBaud);
}

TEST_CASE("a driver that never gets empty fails the change of rate instead of waiting for ever") {
  LoopRig rig;
  rig.link.unsent = 7;
  rig.post(commandOf(CommandKind::setBaud, 1, 3'125'000));
  rig.post(frameCommand(1, 2));
  rig.runFor(1'100'000);
  CHECK(rig.ended() == Ended{{1, CommandStatus::writeStalled}, {2, CommandStatus::done}});
  CHECK(rig.link.baudsSet.empty());
}

TEST_CASE("the length of answers changes at its place in the order") {
  LoopRig rig;
  rig.post(frameCommand(0, 1, 10'000));
  rig.post(commandOf(CommandKind::responseLength, 2, 11));
  rig.receive("aa5513700000000006");
  CHECK(rig.loop.stats().framesReceived == 1);
  rig.runFor(20'000);
  CHECK(rig.ended() == Ended{{1, CommandStatus::done}, {2, CommandStatus::done}});
  rig.receive("aa5513700000000000");
  CHECK(rig.drain().empty());
  rig.receive("0010");
  rig.post(commandOf(CommandKind::responseLength, 3, 9));
  rig.receive("aa5513700000000006");
  CHECK(rig.loop.stats().framesReceived == 3);
  CHECK(rig.loop.stats().garbageBytes == 0);
  CHECK(rig.loop.stats().crcErrors == 0);
}

TEST_CASE("reset drives the line, takes answers of 9 bytes and forgets all work") {
  ResetFile file;
  ChainOptions options = job68Options();
  options.resetPath = file.path();
  LoopRig rig(options);
  rig.post(configureCommand(60'000'000));
  rig.post(jobCommand(makeJob68()));
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  rig.runFor(10'000);
  rig.receive(hexOf(firstJobAnswer()));
  CHECK(rig.loop.stats().nonces[static_cast<std::size_t>(Verdict::share)] == 1);
  rig.post(commandOf(CommandKind::reset, 2, 0));
  CHECK(file.read() == "0");
  rig.post(commandOf(CommandKind::reset, 3, 1));
  CHECK(file.read() == "1");
  CHECK(rig.ended().size() == 3);
  rig.receive("aa5513700000000006");
  CHECK(rig.drain().back().kind == RecordKind::registerAnswer);
  rig.post(commandOf(CommandKind::responseLength, 4, 11));
  rig.receive(hexOf(firstJobAnswer()));
  CHECK(rig.loop.stats().nonces[static_cast<std::size_t>(Verdict::unknownWork)] == 1);
}

TEST_CASE("a reset line that cannot be driven fails the command and nothing else") {
  LoopRig rig(withReset("/nonexistent/reset"));
  rig.post(commandOf(CommandKind::reset, 1, 0));
  rig.post(frameCommand(0, 2));
  rig.runFor(1'000);
  CHECK(rig.ended() == Ended{{1, CommandStatus::resetFailed}, {2, CommandStatus::done}});
}

TEST_CASE("the end of a chain answers every command that waits") {
  LoopRig rig;
  rig.post(frameCommand(0, 1, 1'000'000));
  for (std::uint32_t token = 2; token < 10; ++token)
    REQUIRE(rig.mailbox.post(frameCommand(0, token)));
  REQUIRE(rig.mailbox.post(commandOf(CommandKind::awaitWork, 10)));
  REQUIRE(rig.mailbox.post(jobCommand(makeJob(1))));
  rig.loop.end(rig.nowUs);
  const auto ended = rig.ended();
  CHECK(ended.size() == 10);
  for (const auto& [token, status] : ended) CHECK(status == CommandStatus::dropped);
}
