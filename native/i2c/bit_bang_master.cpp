#include "i2c/bit_bang_master.hpp"

namespace miner::i2c {

namespace {

constexpr int kRecoveryClocks = 9;
/// How often a stretched clock is looked at.
constexpr std::uint32_t kStretchPollUs = 50;
constexpr unsigned kReadBit = 1;

}  // namespace

BitBangMaster::BitBangMaster(gpio::OpenDrainLine& scl, gpio::OpenDrainLine& sda, Pace& pace,
                             Timing timing) noexcept
    : scl_(scl), sda_(sda), pace_(pace), timing_(timing) {}

Status BitBangMaster::transfer(std::uint8_t address, std::span<const std::uint8_t> write,
                               std::span<std::uint8_t> read) noexcept {
  failure_ = Status::ok;
  const bool isDone = start() && exchange(address, write, read);
  const Status failure = failure_;
  // Whoever won the bus, or holds its clock, gets no stop from us.
  if (isDone || failure == Status::nack) stop();
  letGo();
  return failure == Status::ok ? failure_ : failure;
}

Status BitBangMaster::recover() noexcept {
  failure_ = Status::ok;
  clockFree();
  letGo();
  return failure_;
}

bool BitBangMaster::clockFree() noexcept {
  letGo();
  halfBit();
  bool isFree = false;
  if (!raiseClock() || !readLevel(sda_, isFree)) return false;
  for (int clock = 0; clock < kRecoveryClocks && !isFree; ++clock) {
    if (!pull(scl_, true)) return false;
    halfBit();
    if (!raiseClock()) return false;
    halfBit();
    if (!readLevel(sda_, isFree)) return false;
  }
  if (!isFree) return fail(Status::stuck);
  // A part that was written to still waits for bits: the stop ends that.
  if (!pull(scl_, true)) return false;
  halfBit();
  if (!stop() || !readLevel(sda_, isFree)) return false;
  return isFree || fail(Status::stuck);
}

bool BitBangMaster::exchange(std::uint8_t address, std::span<const std::uint8_t> write,
                             std::span<std::uint8_t> read) noexcept {
  const unsigned shifted = static_cast<unsigned>(address) << 1U;
  const bool isWrite = !write.empty() || read.empty();
  if (isWrite && !(writeByte(static_cast<std::uint8_t>(shifted)) && writeAll(write))) return false;
  if (read.empty()) return true;
  if (isWrite && !repeatedStart()) return false;
  return writeByte(static_cast<std::uint8_t>(shifted | kReadBit)) && readAll(read);
}

bool BitBangMaster::writeAll(std::span<const std::uint8_t> bytes) noexcept {
  for (const std::uint8_t byte : bytes)
    if (!writeByte(byte)) return false;
  return true;
}

bool BitBangMaster::readAll(std::span<std::uint8_t> into) noexcept {
  for (std::size_t i = 0; i < into.size(); ++i)
    if (!readByte(into[i], i + 1 == into.size())) return false;
  return true;
}

bool BitBangMaster::start() noexcept {
  letGo();
  halfBit();
  bool isFree = false;
  if (!raiseClock() || !readLevel(sda_, isFree)) return false;
  if (!isFree) return fail(Status::stuck);
  if (!pull(sda_, true)) return false;
  halfBit();
  return pull(scl_, true);
}

bool BitBangMaster::repeatedStart() noexcept {
  if (!pull(sda_, false)) return false;
  halfBit();
  bool isFree = false;
  if (!raiseClock() || !readLevel(sda_, isFree)) return false;
  if (!isFree) return fail(Status::arbitrationLost);
  halfBit();
  if (!pull(sda_, true)) return false;
  halfBit();
  return pull(scl_, true);
}

bool BitBangMaster::stop() noexcept {
  if (!pull(sda_, true)) return false;
  halfBit();
  if (!raiseClock()) return false;
  halfBit();
  if (!pull(sda_, false)) return false;
  halfBit();
  return true;
}

bool BitBangMaster::writeBit(bool bit) noexcept {
  if (!pull(sda_, !bit)) return false;
  halfBit();
  bool isHigh = false;
  if (!raiseClock() || !readLevel(sda_, isHigh)) return false;
  if (bit && !isHigh) return fail(Status::arbitrationLost);
  halfBit();
  return pull(scl_, true);
}

bool BitBangMaster::readBit(bool& bit) noexcept {
  if (!pull(sda_, false)) return false;
  halfBit();
  if (!raiseClock()) return false;
  halfBit();
  return readLevel(sda_, bit) && pull(scl_, true);
}

bool BitBangMaster::writeByte(std::uint8_t byte) noexcept {
  for (unsigned place = 8; place-- > 0;)
    if (!writeBit(((byte >> place) & 1U) != 0)) return false;
  bool isRefused = true;
  if (!readBit(isRefused)) return false;
  return !isRefused || fail(Status::nack);
}

bool BitBangMaster::readByte(std::uint8_t& byte, bool isLast) noexcept {
  unsigned value = 0;
  for (int place = 0; place < 8; ++place) {
    bool bit = false;
    if (!readBit(bit)) return false;
    value = value << 1U | (bit ? 1U : 0U);
  }
  byte = static_cast<std::uint8_t>(value);
  // The part goes on after an acknowledge and lets go of the data line after a refusal.
  return writeBit(isLast);
}

bool BitBangMaster::pull(gpio::OpenDrainLine& line, bool low) noexcept {
  return line.pull(low) || fail(Status::lineFailed);
}

bool BitBangMaster::raiseClock() noexcept {
  if (!pull(scl_, false)) return false;
  const std::uint64_t endUs = pace_.nowUs() + timing_.stretchLimitUs;
  for (;;) {
    bool isHigh = false;
    if (!readLevel(scl_, isHigh)) return false;
    if (isHigh) return true;
    if (pace_.nowUs() >= endUs) return fail(Status::clockHeld);
    pace_.wait(kStretchPollUs);
  }
}

bool BitBangMaster::readLevel(gpio::OpenDrainLine& line, bool& isHigh) noexcept {
  const int level = line.level();
  isHigh = level > 0;
  return level >= 0 || fail(Status::lineFailed);
}

bool BitBangMaster::fail(Status status) noexcept {
  failure_ = status;
  return false;
}

void BitBangMaster::letGo() noexcept {
  // A kernel that refuses this refuses the transfer too, which says so.
  (void)sda_.pull(false);
  (void)scl_.pull(false);
}

}  // namespace miner::i2c
