#include "chain/transmitter.hpp"

#include <algorithm>

namespace miner::chain {

namespace {

/// Start bit, eight data bits, stop bit.
constexpr std::uint64_t kBitsPerByte = 10;

}  // namespace

void Transmitter::reset(std::uint32_t baud) noexcept {
  baud_ = baud;
  pending_ = 0;
  wireFreeUs_ = 0;
}

Transmitter::Progress Transmitter::start(std::span<const std::uint8_t> frame,
                                         std::uint64_t nowUs) noexcept {
  length_ = std::min(frame.size(), frame_.size());
  std::copy_n(frame.begin(), length_, frame_.begin());
  pending_ = length_;
  startedUs_ = nowUs;
  wireFreeUs_ = std::max(wireFreeUs_, nowUs) + wireTimeUs(length_);
  return resume(nowUs);
}

Transmitter::Progress Transmitter::resume(std::uint64_t nowUs) noexcept {
  if (pending_ == 0) return Progress::idle;
  const std::span<const std::uint8_t> rest(frame_.data() + (length_ - pending_), pending_);
  const std::ptrdiff_t taken = link_.write(rest);
  if (taken < 0) return Progress::hungUp;
  pending_ -= static_cast<std::size_t>(taken);
  // Bytes that the kernel took late leave late.
  wireFreeUs_ = std::max(wireFreeUs_, nowUs + wireTimeUs(static_cast<std::size_t>(taken)));
  if (pending_ == 0) return Progress::idle;
  if (nowUs < startedUs_ + kStallUs) return Progress::sending;
  link_.flushOutput();
  pending_ = 0;
  wireFreeUs_ = nowUs;
  return Progress::stalled;
}

std::uint64_t Transmitter::wireTimeUs(std::size_t bytes) const noexcept {
  return bytes * kBitsPerByte * 1'000'000U / baud_;
}

}  // namespace miner::chain
