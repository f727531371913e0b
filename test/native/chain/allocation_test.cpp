#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "../allocation_counter.hpp"
#include "worker_rig.hpp"

using namespace miner::chain;
using namespace miner::test;

TEST_CASE("the chain thread allocates and frees nothing" * doctest::skip(!kCountsAllocations)) {
  Folder folder;
  Pty pty;
  ChainOptions options = job68Options();
  options.tap = true;
  options.resetPath = folder.file("reset");
  REQUIRE(::mkfifo(options.resetPath.c_str(), 0600) == 0);
  const int reader = ::open(options.resetPath.c_str(), O_RDONLY | O_NONBLOCK);
  WorkerRig rig(options, pty.path());
  rig.start();
  rig.post(commandOf(CommandKind::responseLength, 1, 11));
  CHECK(rig.awaitEnd(1) == CommandStatus::done);
  const AllocationCounts before = allocationCounts();

  rig.post(configureCommand(2'000));
  rig.post(jobCommand(makeJob68()));
  pty.read(88);
  for (int i = 0; i < 20; ++i) pty.write(firstJobAnswer());
  for (int i = 0; i < 20; ++i) rig.await(RecordKind::nonce);
  for (std::uint32_t i = 0; i < 200; ++i) {
    auto next = makeJob(static_cast<std::uint8_t>(i), 8);
    next->coinbase.resize(16'384);
    next->merkleBranches.resize(14);
    rig.post(jobCommand(std::move(next), i % 2 == 0));
    rig.post(frameCommand(1, 100 + i));
    rig.awaitEnd(100 + i);
    pty.readAll();
  }
  rig.post(commandOf(CommandKind::setBaud, 2, 1'000'000));
  rig.post(commandOf(CommandKind::reset, 3, 0));
  rig.post(commandOf(CommandKind::stopWork, 0, 1));
  CHECK(rig.awaitEnd(2) == CommandStatus::done);
  CHECK(rig.awaitEnd(3) == CommandStatus::done);
  pty.close();
  rig.await(RecordKind::linkDown);

  const AllocationCounts after = allocationCounts();
  CHECK(after.allocations == before.allocations);
  CHECK(after.frees == before.frees);
  ::close(reader);
}

TEST_CASE("allocations of a watched thread are counted" * doctest::skip(!kCountsAllocations)) {
  const AllocationCounts before = allocationCounts();
  std::thread([] {
    watchAllocationsOfThisThread();
    std::vector<int> some(3);
    some.resize(1'000);
  }).join();
  CHECK(allocationCounts().allocations == before.allocations + 2);
  CHECK(allocationCounts().frees >= before.frees + 2);
}
