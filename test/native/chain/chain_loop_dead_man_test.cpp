#include <doctest/doctest.h>

#include "loop_rig.hpp"
#include "reset_file.hpp"

using namespace miner::chain;
using namespace miner::test;

TEST_CASE("a dead man stops the work, pulls reset, fails what waits and trips once") {
  ResetFile file;
  ChainOptions options = withReset(file.path());
  options.deadManUs = 3'000'000;
  LoopRig rig(options);
  rig.loop.kick(rig.nowUs);
  rig.post(configureCommand(100'000));
  rig.post(jobCommand(makeJob(1)));
  rig.runFor(2'999'999);
  CHECK(rig.frames().size() == 30);
  CHECK(file.read().empty());
  rig.post(commandOf(CommandKind::setBaud, 1, 9'600, 60'000'000));
  rig.post(frameCommand(1, 2));
  rig.post(commandOf(CommandKind::awaitWork, 3));
  rig.runFor(1);
  CHECK(file.read() == "0");
  const auto records = rig.drain();
  REQUIRE(records.size() == 4);
  CHECK(records.back().kind == RecordKind::deadMan);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(records[i].code == static_cast<std::uint8_t>(CommandStatus::dropped));
  rig.runFor(10'000'000);
  CHECK(rig.frames().empty());
  CHECK(rig.drain().empty());

  rig.loop.kick(rig.nowUs);
  rig.step();
  rig.runFor(3'000'000);
  REQUIRE(rig.drain().size() == 1);
}

TEST_CASE("a dead man that is kicked in time, was never kicked or is off does not trip") {
  ChainOptions options = optionsOf("BM1370");
  SUBCASE("kicked") {
    options.deadManUs = 1'000'000;
    LoopRig rig(options);
    for (int i = 0; i < 10; ++i) {
      rig.loop.kick(rig.nowUs);
      rig.step();
      rig.runFor(999'999);
    }
    CHECK(rig.drain().empty());
  }
  SUBCASE("never kicked") {
    options.deadManUs = 1'000'000;
    LoopRig rig(options);
    rig.step();
    rig.runFor(100'000'000);
    CHECK(rig.drain().empty());
  }
  SUBCASE("off") {
    LoopRig rig(options);
    rig.loop.kick(rig.nowUs);
    rig.step();
    rig.runFor(100'000'000);
    CHECK(rig.drain().empty());
  }
}

TEST_CASE("a kick from before the end of a chain does not trip the dead man after it") {
  ChainOptions options = optionsOf("BM1370");
  options.deadManUs = 1'000'000;
  LoopRig rig(options);
  rig.loop.kick(rig.nowUs);
  rig.step();
  rig.loop.end(rig.nowUs);
  rig.nowUs += 60'000'000;
  rig.loop.begin();
  rig.step();
  CHECK(rig.drain().empty());
}
