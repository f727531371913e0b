#pragma once

#include <cstdint>
#include <span>

#include "gpio/open_drain_line.hpp"
#include "i2c/pace.hpp"

namespace miner::i2c {

/// How a transfer ended; the numbers go to JavaScript, in the order of TWO_LINE_STATUS in
/// src/hal/native-gpio.ts.
enum class Status : std::uint8_t {
  ok = 0,
  nack = 1,             ///< nobody took the address or a byte
  stuck = 2,            ///< a line is held low before the start, or after all clocks of a recovery
  clockHeld = 3,        ///< a part stretched the clock beyond the limit
  arbitrationLost = 4,  ///< somebody else pulled the data line low
  lineFailed = 5,       ///< the kernel refused to read or to drive a line
};

struct Timing {
  /// Half of a bit. 10 us and the time of the system calls make less than 50 kHz; the specification
  /// allows twice that in standard mode and sets no lower limit. Documented: NXP UM10204, table 10.
  std::uint32_t halfBitUs = 10;
  /// How long a part may hold the clock low. Inferred: UM10204 sets no limit, SMBus 25 ms in sum; a
  /// supply takes 117 ms for a byte (captured), perhaps in this way.
  std::uint32_t stretchLimitUs = 200'000;
};

/// An I2C master on two lines, for buses that the kernel does not drive. Single master: it watches
/// for others and gives up, it does not try again. Documented: NXP UM10204, sections 3.1
/// and 3.1.16.
///
/// Blocks for as long as the bus takes, at most `stretchLimitUs` a bit. One thread at a time; not
/// the one of JavaScript.
class BitBangMaster {
 public:
  /// The lines and the pace must outlive it.
  BitBangMaster(gpio::OpenDrainLine& scl, gpio::OpenDrainLine& sda, Pace& pace,
                Timing timing = Timing{}) noexcept;

  /// One transaction: writes, then reads after a repeated start when there is both; with neither
  /// only the address is sent. `address` has seven bits. Lets go of both lines in any case.
  Status transfer(std::uint8_t address, std::span<const std::uint8_t> write,
                  std::span<std::uint8_t> read) noexcept;

  /// Clocks a part free that holds the data line low in the middle of a byte, nine times at most,
  /// and sends a stop.
  Status recover() noexcept;

 private:
  // Each is false when the transfer has failed, and `failure_` then says how.
  bool start() noexcept;
  bool repeatedStart() noexcept;
  bool stop() noexcept;
  bool writeBit(bool bit) noexcept;
  bool readBit(bool& bit) noexcept;
  bool writeByte(std::uint8_t byte) noexcept;
  bool readByte(std::uint8_t& byte, bool isLast) noexcept;
  bool writeAll(std::span<const std::uint8_t> bytes) noexcept;
  bool readAll(std::span<std::uint8_t> into) noexcept;
  bool exchange(std::uint8_t address, std::span<const std::uint8_t> write,
                std::span<std::uint8_t> read) noexcept;
  bool clockFree() noexcept;

  bool pull(gpio::OpenDrainLine& line, bool low) noexcept;
  /// Lets the clock go and waits until it is high.
  bool raiseClock() noexcept;
  bool readLevel(gpio::OpenDrainLine& line, bool& isHigh) noexcept;
  bool fail(Status status) noexcept;
  void letGo() noexcept;
  void halfBit() noexcept { pace_.wait(timing_.halfBitUs); }

  gpio::OpenDrainLine& scl_;
  gpio::OpenDrainLine& sda_;
  Pace& pace_;
  const Timing timing_;
  Status failure_ = Status::ok;
};

}  // namespace miner::i2c
