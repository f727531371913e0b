// The chain thread on real ptys. What it does at which time is tested in chain_loop_*_test.cpp.
#include "chain/chain_worker.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>

#include "worker_rig.hpp"

using namespace miner::chain;
using namespace miner::test;

namespace {

std::string frameHex(std::uint8_t address) {
  const Command command = frameCommand(address, 0);
  return hexOf(std::span(command.frame).first(command.frameLength));
}

}  // namespace

TEST_CASE("commands reach a tty in order and at the rate that was set between them") {
  Pty pty;
  WorkerRig rig(optionsOf("BM1370"), pty.path());
  rig.start();
  CHECK(pty.settings().c_ospeed == 115'200);
  rig.post(frameCommand(1, 1));
  rig.post(frameCommand(2, 2));
  rig.post(commandOf(CommandKind::setBaud, 3, 1'041'667));
  rig.post(frameCommand(3, 4));
  CHECK(rig.awaitEnd(1) == CommandStatus::done);
  CHECK(rig.awaitEnd(2) == CommandStatus::done);
  CHECK(rig.awaitEnd(3) == CommandStatus::done);
  CHECK(pty.settings().c_ospeed == 1'041'667);
  CHECK(rig.awaitEnd(4) == CommandStatus::done);
  CHECK(hexOf(pty.read(21)) == frameHex(1) + frameHex(2) + frameHex(3));
}

TEST_CASE("a job becomes work on the tty and an answer becomes a share") {
  Pty pty;
  WorkerRig rig(job68Options(), pty.path());
  rig.start();
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  CHECK(rig.awaitEnd(1) == CommandStatus::done);
  rig.post(configureCommand(60'000'000));
  rig.post(jobCommand(makeJob68()));
  const auto frame = hexOf(pty.read(88));
  CHECK(frame.substr(12, 160) == job68::kFrame.substr(12, 160));
  pty.write(firstJobAnswer());
  const Record record = rig.await(RecordKind::nonce);
  CHECK(record.code == static_cast<std::uint8_t>(Verdict::share));
  CHECK(record.nonce == job68::kNonce);
  CHECK(record.version == job68::kRolledVersion);
}

TEST_CASE("answers of 9 bytes and then of 11 are read, also in pieces") {
  Pty pty;
  WorkerRig rig(fastOptions("BM1366"), pty.path());
  rig.start();
  pty.write(bytesOf("aa551370"));
  pty.write(bytesOf("0000000006"));
  CHECK(rig.await(RecordKind::registerAnswer).value == 0x13700000);
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  CHECK(rig.awaitEnd(1) == CommandStatus::done);
  pty.write(bytesOf("aa55136600000000000005aa55136600000000000005"));
  CHECK(rig.await(RecordKind::registerAnswer).value == 0x13660000);
  CHECK(rig.await(RecordKind::registerAnswer).value == 0x13660000);
  CHECK(rig.worker.stats().garbageBytes == 0);
}

TEST_CASE("two chains work at once and do not mix") {
  Pty first;
  Pty second;
  WorkerRig rigs[] = {{fastOptions(), first.path()}, {fastOptions(), second.path()}};
  for (WorkerRig& rig : rigs) rig.start();
  for (std::uint8_t i = 0; i < 2; ++i) {
    rigs[i].post(configureCommand(1'000));
    rigs[i].post(jobCommand(makeJob(static_cast<std::uint8_t>(i + 1))));
  }
  for (int works = 0; works < 50; ++works) {
    // Prevhash is 32 equal bytes at offset 50.
    CHECK(first.read(88)[60] == 1);
    CHECK(second.read(88)[60] == 2);
  }
}

TEST_CASE("a far side that goes away is told, tried at leisure, and taken when it is back") {
  Folder folder;
  auto pty = std::make_unique<Pty>();
  const std::string link = folder.file("tty");
  REQUIRE(::symlink(pty->path().c_str(), link.c_str()) == 0);
  WorkerRig rig(fastOptions(), link);
  rig.start();
  rig.post(commandOf(CommandKind::awaitWork, 1));
  rig.post(frameCommand(1, 2, 3'600'000'000U));
  pty->read(7);
  rig.turns = 0;
  ::unlink(link.c_str());
  pty->close();
  CHECK(rig.awaitEnd(1) == CommandStatus::linkDown);
  CHECK(rig.awaitEnd(2) == CommandStatus::linkDown);
  rig.await(RecordKind::linkDown);
  pty = std::make_unique<Pty>();
  REQUIRE(::symlink(pty->path().c_str(), link.c_str()) == 0);
  rig.await(RecordKind::linkUp);
  // The line that hung up, at most 80 tries of 250 ms before the deadline, the new line.
  CHECK(rig.turns < 100);
  CHECK(pty->settings().c_ospeed == 3'125'000);
  rig.post(frameCommand(1, 3));
  CHECK(rig.awaitEnd(3) == CommandStatus::done);
  CHECK(hexOf(pty->read(7)) == frameHex(1));
}

// Takes the second after which a stalled frame is given up.
TEST_CASE("a far side that reads nothing stalls the chain without keeping it awake") {
  Pty pty;
  WorkerRig rig(fastOptions(), pty.path());
  rig.start();
  rig.post(configureCommand(1));
  rig.post(jobCommand(makeJob(1)));
  std::uint32_t token = 1;
  do {
    rig.post(frameCommand(1, ++token));
  } while (rig.awaitEnd(token) == CommandStatus::done);
  CHECK(rig.worker.stats().writeStalls == 1);
  // A few turns for each frame that the kernel took, and a few for the second.
  CHECK(rig.turns < 4 * (rig.worker.stats().worksSent + token) + 100);
}

TEST_CASE("a dead man pulls reset through a FIFO and ends the work") {
  Folder folder;
  Pty pty;
  REQUIRE(::mkfifo(folder.file("reset").c_str(), 0600) == 0);
  const int reader = ::open(folder.file("reset").c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  ChainOptions options = fastOptions();
  options.resetPath = folder.file("reset");
  options.deadManUs = 20'000;
  WorkerRig rig(options, pty.path());
  rig.start();
  rig.post(configureCommand(1'000));
  rig.post(jobCommand(makeJob(1)));
  pty.read(88);
  rig.post(frameCommand(1, 1, 3'600'000'000U));
  rig.worker.kick();
  CHECK(rig.awaitEnd(1) == CommandStatus::dropped);
  rig.await(RecordKind::deadMan);
  std::array<char, 8> text{};
  CHECK(::read(reader, text.data(), text.size()) == 2);
  CHECK(std::string(text.data()) == "0\n");
  ::close(reader);
  // The thread still serves commands, and sends no work before their frames.
  pty.readAll();
  rig.post(frameCommand(2, 2));
  CHECK(rig.awaitEnd(2) == CommandStatus::done);
  CHECK(hexOf(pty.read(7)) == frameHex(2));
}

TEST_CASE(
    "a chain stops while work, commands and answers never end, and every command is answered") {
  Pty pty;
  WorkerRig rig(fastOptions(), pty.path());
  rig.start();
  rig.post(configureCommand(1));
  std::atomic<bool> isStopping{false};
  std::thread chips([&] {
    const std::vector<std::uint8_t> noise(1'000, 0xaa);
    std::array<std::uint8_t, 4096> heard;
    while (!isStopping) {
      [[maybe_unused]] const ssize_t sent = ::write(pty.master(), noise.data(), noise.size());
      [[maybe_unused]] const ssize_t got = ::read(pty.master(), heard.data(), heard.size());
    }
  });
  std::uint32_t posted = 0;
  for (std::uint32_t i = 1; i <= 500; ++i) {
    if (rig.worker.post(frameCommand(1, i))) ++posted;
    if (i % 50 == 0) rig.post(jobCommand(makeJob(static_cast<std::uint8_t>(i)), true));
  }
  rig.awaitEnd(1);
  rig.worker.stop();
  isStopping = true;
  chips.join();
  for (std::uint32_t i = 2; i <= posted; ++i) rig.awaitEnd(i);
  CHECK(posted == 500);
}

TEST_CASE("a chain that stopped can start again, without what waited before") {
  Pty pty;
  ChainOptions options = fastOptions();
  options.deadManUs = 3'600'000'000U;
  WorkerRig rig(options, pty.path());
  rig.start();
  rig.worker.kick();
  rig.post(configureCommand(1'000));
  rig.post(jobCommand(makeJob(1)));
  rig.post(frameCommand(1, 1, 3'600'000'000U));
  pty.read(88 + 7);
  rig.worker.stop();
  CHECK(rig.awaitEnd(1) == CommandStatus::dropped);
  CHECK(!pty.isExclusive());
  pty.readAll();
  rig.start();
  rig.post(frameCommand(2, 2));
  CHECK(rig.awaitEnd(2) == CommandStatus::done);
  CHECK(hexOf(pty.read(7)) == frameHex(2));
}

TEST_CASE("a chain that cannot start says why and leaves nothing behind") {
  SUBCASE("no such tty") {
    WorkerRig rig(fastOptions(), "/dev/no-such-tty");
    CHECK(rig.worker.start() == miner::link::Status::openFailed);
    CHECK(errno == ENOENT);
    rig.worker.stop();
  }
  SUBCASE("in use, and then no more") {
    Pty pty;
    WorkerRig second(fastOptions(), pty.path());
    {
      WorkerRig first(fastOptions(), pty.path());
      first.start();
      CHECK(second.worker.start() == miner::link::Status::busy);
    }
    second.start();
  }
}
