#include "chain/transmitter.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <vector>

#include "fake_link.hpp"

using miner::chain::Transmitter;
using miner::test::FakeLink;
using Progress = miner::chain::Transmitter::Progress;

namespace {

constexpr std::array<std::uint8_t, 88> kJob{1, 2, 3};
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

struct Rig {
  explicit Rig(std::uint32_t baud) {
    link.open(baud);
    transmitter.reset(baud);
  }
  FakeLink link;
  Transmitter transmitter{link};
};

}  // namespace

TEST_CASE("a frame takes ten bits a byte, and the next may start a millisecond before its end") {
  for (const auto& [baud, wireUs] :
       {std::pair{115'200U, 7'638U}, std::pair{1'041'667U, 844U}, std::pair{3'125'000U, 281U}}) {
    Rig rig(baud);
    CHECK(rig.transmitter.isReady(10'000));
    CHECK(rig.transmitter.start(kJob, 10'000) == Progress::idle);
    CHECK(rig.transmitter.wireFreeUs() == 10'000 + wireUs);
    CHECK(!rig.transmitter.isDrained(10'000 + wireUs - 1));
    CHECK(rig.transmitter.isDrained(10'000 + wireUs));
    const std::uint64_t readyUs = rig.transmitter.readyAtUs();
    CHECK(readyUs == 10'000 + wireUs - Transmitter::kMaxBacklogUs);
    CHECK(rig.transmitter.isReady(readyUs));
    CHECK((readyUs <= 10'000 || !rig.transmitter.isReady(readyUs - 1)));
  }
}

TEST_CASE("frames handed over early follow each other on the wire without a gap") {
  Rig rig(115'200);
  std::uint64_t nowUs = 10'000;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(rig.transmitter.isReady(nowUs));
    rig.transmitter.start(kJob, nowUs);
    nowUs = rig.transmitter.readyAtUs();
  }
  CHECK(rig.transmitter.wireFreeUs() == 10'000 + 100 * 7'638);
}

TEST_CASE("the driver's own count keeps the wire from being taken for empty") {
  Rig rig(115'200);
  rig.link.unsent = 1;
  CHECK(!rig.transmitter.isDrained(1'000'000));
}

TEST_CASE("a frame goes out in the parts that the kernel takes") {
  Rig rig(115'200);
  rig.link.room = 30;
  CHECK(rig.transmitter.start(kJob, 10'000) == Progress::sending);
  CHECK(rig.transmitter.hasPending());
  CHECK(!rig.transmitter.isReady(1'000'000));
  CHECK(rig.transmitter.readyAtUs() == kNever);
  CHECK(rig.transmitter.stallDeadlineUs() == 10'000 + Transmitter::kStallUs);
  CHECK(rig.transmitter.resume(20'000) == Progress::sending);
  rig.link.room = 58;
  CHECK(rig.transmitter.resume(500'000) == Progress::idle);
  CHECK(!rig.transmitter.hasPending());
  CHECK(rig.transmitter.stallDeadlineUs() == kNever);
  REQUIRE(rig.link.writes.size() == 2);
  std::vector<std::uint8_t> sent = rig.link.writes[0].bytes;
  sent.insert(sent.end(), rig.link.writes[1].bytes.begin(), rig.link.writes[1].bytes.end());
  CHECK(std::equal(sent.begin(), sent.end(), kJob.begin(), kJob.end()));
  // 58 bytes that came late leave late.
  CHECK(rig.transmitter.wireFreeUs() == 500'000 + 5'034);
}

TEST_CASE("a frame that is not taken within a second is given up") {
  Rig rig(115'200);
  rig.link.room = 30;
  rig.transmitter.start(kJob, 10'000);
  CHECK(rig.transmitter.resume(10'000 + Transmitter::kStallUs - 1) == Progress::sending);
  CHECK(rig.transmitter.resume(10'000 + Transmitter::kStallUs) == Progress::stalled);
  CHECK(rig.link.outputFlushes == 1);
  CHECK(rig.transmitter.isReady(10'000 + Transmitter::kStallUs));
}

TEST_CASE("a line that hangs up is told") {
  Rig rig(115'200);
  rig.link.isHungUp = true;
  CHECK(rig.transmitter.start(kJob, 10'000) == Progress::hungUp);
}
