#include "i2c/bit_bang_master.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "simulated_bus.hpp"

using miner::i2c::BitBangMaster;
using miner::i2c::Status;
using miner::test::SimulatedBus;

namespace {

constexpr std::uint8_t kAddress = 0x50;

struct Rig {
  SimulatedBus bus{kAddress};
  BitBangMaster master{bus.sclLine, bus.sdaLine, bus.time};

  Status transfer(std::uint8_t address, std::vector<std::uint8_t> write,
                  std::span<std::uint8_t> read = {}) {
    return master.transfer(address, write, read);
  }
};

}  // namespace

TEST_CASE("bytes are written, most significant bit first, between one start and one stop") {
  Rig rig;
  CHECK(rig.transfer(kAddress, {0x10, 0xa5, 0x00, 0xff}) == Status::ok);
  CHECK(rig.bus.memory.written == std::vector<std::uint8_t>{0x10, 0xa5, 0x00, 0xff});
  CHECK(rig.bus.memory.bytes[0x10] == 0xa5);
  CHECK(rig.bus.memory.bytes[0x12] == 0xff);
  CHECK(rig.bus.starts == 1);
  CHECK(rig.bus.stops == 1);
  CHECK(rig.bus.isLetGo());
}

TEST_CASE("bytes are read after a repeated start, without a stop before it") {
  Rig rig;
  for (std::size_t i = 0; i < 256; ++i)
    rig.bus.memory.bytes[i] = static_cast<std::uint8_t>(i * 37 + 5);
  std::array<std::uint8_t, 32> read{};
  CHECK(rig.transfer(kAddress, {0xf0}, read) == Status::ok);
  for (std::size_t i = 0; i < read.size(); ++i)
    CHECK(read[i] == rig.bus.memory.bytes[(0xf0 + i) % 256]);
  CHECK(rig.bus.starts == 2);
  CHECK(rig.bus.stops == 1);
  CHECK(rig.bus.isLetGo());
}

TEST_CASE("a plain read goes on where the part is, and refuses only its last byte") {
  Rig rig;
  rig.bus.memory.bytes = {1, 2, 3, 4};
  std::array<std::uint8_t, 3> read{};
  CHECK(rig.transfer(kAddress, {}, read) == Status::ok);
  CHECK(read == std::array<std::uint8_t, 3>{1, 2, 3});
  CHECK(rig.bus.starts == 1);
  CHECK(rig.bus.stops == 1);
}

TEST_CASE("an address that nobody has, and a byte that is refused, end with a stop") {
  Rig rig;
  std::array<std::uint8_t, 1> read{};
  CHECK(rig.transfer(0x48, {0x00}, read) == Status::nack);
  CHECK(rig.transfer(0x48, {}) == Status::nack);
  rig.bus.memory.refusesByte = 1;
  CHECK(rig.transfer(kAddress, {0x10, 0xa5}) == Status::nack);
  CHECK(rig.bus.memory.bytes[0x10] == 0);
  CHECK(rig.bus.isLetGo());
  rig.bus.memory.refusesByte = -1;
  CHECK(rig.transfer(kAddress, {0x10, 0xa5}) == Status::ok);
}

TEST_CASE("a bit lasts no less than standard mode asks for") {
  Rig rig;
  CHECK(rig.transfer(kAddress, {0x10, 0xa5}) == Status::ok);
  // NXP UM10204, table 10: 4.0 us high, 4.7 us low.
  CHECK(rig.bus.shortestHighUs >= 4);
  CHECK(rig.bus.shortestLowUs >= 5);
}

TEST_CASE("a part may hold the clock for a while") {
  Rig rig;
  rig.bus.memory.stretchUs = 117'000;
  rig.bus.memory.bytes[0x20] = 0x77;
  std::array<std::uint8_t, 2> read{};
  CHECK(rig.transfer(kAddress, {0x20}, read) == Status::ok);
  CHECK(read[0] == 0x77);
  CHECK(rig.bus.nowUs > 3 * 117'000);
}

TEST_CASE("a part that holds the clock too long is given up in time") {
  Rig rig;
  rig.bus.memory.stretchUs = 10'000'000;
  CHECK(rig.transfer(kAddress, {0x20, 0x21}) == Status::clockHeld);
  CHECK(rig.bus.nowUs < 250'000);
  CHECK(rig.bus.isLetGo());
}

TEST_CASE("a bus that is held low is not started on") {
  Rig rig;
  rig.bus.shortSda(true);
  CHECK(rig.transfer(kAddress, {0x20}) == Status::stuck);
  CHECK(rig.bus.starts == 0);
  rig.bus.shortSda(false);
  rig.bus.isSclShort = true;
  CHECK(rig.transfer(kAddress, {0x20}) == Status::clockHeld);
  CHECK(rig.bus.isLetGo());
}

TEST_CASE("a data line that somebody else pulls low ends the transfer without a stop") {
  Rig rig;
  rig.bus.intruderAtClock = 0;  // the first bit of 0x50 is a one
  CHECK(rig.transfer(kAddress, {0x20}) == Status::arbitrationLost);
  CHECK(rig.bus.isLetGo());
  CHECK(rig.bus.stops == 0);
}

TEST_CASE("a part that hangs in the middle of a byte is clocked free") {
  for (int bitsLeft = 1; bitsLeft <= 8; ++bitsLeft) {
    CAPTURE(bitsLeft);
    Rig rig;
    rig.bus.hangInByte(bitsLeft);
    CHECK(rig.transfer(kAddress, {0x20}) == Status::stuck);
    const int before = rig.bus.clocks;
    CHECK(rig.master.recover() == Status::ok);
    CHECK(rig.bus.clocks - before <= 10);
    CHECK(rig.bus.isLetGo());
    CHECK(rig.transfer(kAddress, {0x20, 0x01}) == Status::ok);
    CHECK(rig.bus.memory.bytes[0x20] == 1);
  }
}

TEST_CASE("a bus with a short cannot be freed, and says so") {
  Rig rig;
  rig.bus.shortSda(true);
  CHECK(rig.master.recover() == Status::stuck);
  CHECK(rig.bus.clocks == 9);
  rig.bus.isSclShort = true;
  CHECK(rig.master.recover() == Status::clockHeld);
}

TEST_CASE("freeing a free bus does no harm: a stop and nothing else") {
  Rig rig;
  rig.bus.memory.pointer = 9;
  CHECK(rig.master.recover() == Status::ok);
  CHECK(rig.bus.memory.written.empty());
  CHECK(rig.bus.memory.pointer == 9);
}

TEST_CASE("a kernel that refuses a call anywhere in a transfer is reported") {
  Rig counting;
  counting.bus.failsAtCall = 1'000'000;
  std::array<std::uint8_t, 1> read{};
  REQUIRE(counting.transfer(kAddress, {0x20}, read) == Status::ok);
  for (int call = 2; call < 120; ++call) {
    CAPTURE(call);
    Rig rig;
    rig.bus.failsAtCall = call;
    CHECK(rig.transfer(kAddress, {0x20}, read) == Status::lineFailed);
  }
}
