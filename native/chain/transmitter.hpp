#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "link/link.hpp"

namespace miner::chain {

/// Sends one frame at a time and knows when its last byte has left the wire. Belongs to the chain
/// thread.
///
/// The kernel takes bytes faster than the wire does. Frames are therefore held back until the wire
/// has nearly caught up, so that work for a new block never waits behind a long queue in the
/// driver.
class Transmitter {
 public:
  enum class Progress : std::uint8_t { idle, sending, hungUp, stalled };

  /// A frame that the kernel has not taken whole after this long is given up.
  static constexpr std::uint64_t kStallUs = 1'000'000;
  /// How far the kernel may be ahead of the wire before the next frame has to wait.
  static constexpr std::uint64_t kMaxBacklogUs = 1'000;

  explicit Transmitter(link::Link& link) noexcept : link_(link) {}

  /// Forgets everything; the wire is taken to be idle. `baud` is not 0.
  void reset(std::uint32_t baud) noexcept;

  /// True when a frame may be started.
  [[nodiscard]] bool isReady(std::uint64_t nowUs) const noexcept {
    return pending_ == 0 && wireFreeUs_ <= nowUs + kMaxBacklogUs;
  }
  /// When isReady turns true by itself; never while the kernel has to take a part of a frame.
  [[nodiscard]] std::uint64_t readyAtUs() const noexcept {
    if (pending_ != 0) return std::numeric_limits<std::uint64_t>::max();
    return wireFreeUs_ < kMaxBacklogUs ? 0 : wireFreeUs_ - kMaxBacklogUs;
  }

  /// Starts a frame of at most 96 bytes; only when isReady. Returns the progress after the first
  /// write.
  Progress start(std::span<const std::uint8_t> frame, std::uint64_t nowUs) noexcept;
  /// Goes on with a frame that the kernel did not take whole.
  Progress resume(std::uint64_t nowUs) noexcept;

  /// True while the kernel still has to take a part of the frame: poll for POLLOUT.
  [[nodiscard]] bool hasPending() const noexcept { return pending_ != 0; }
  /// When the last byte handed to the kernel has left the wire, by the baud rate.
  [[nodiscard]] std::uint64_t wireFreeUs() const noexcept { return wireFreeUs_; }
  /// True when the wire is idle, by the clock and by the driver's own count.
  [[nodiscard]] bool isDrained(std::uint64_t nowUs) const noexcept {
    return pending_ == 0 && wireFreeUs_ <= nowUs && link_.unsentBytes() == 0;
  }
  /// When a stalled frame is given up.
  [[nodiscard]] std::uint64_t stallDeadlineUs() const noexcept {
    return pending_ == 0 ? std::numeric_limits<std::uint64_t>::max() : startedUs_ + kStallUs;
  }

 private:
  [[nodiscard]] std::uint64_t wireTimeUs(std::size_t bytes) const noexcept;

  link::Link& link_;
  std::array<std::uint8_t, 96> frame_{};
  std::size_t length_ = 0;
  std::size_t pending_ = 0;
  std::uint64_t startedUs_ = 0;
  std::uint64_t wireFreeUs_ = 0;
  std::uint32_t baud_ = 115'200;
};

}  // namespace miner::chain
