#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "gpio/kernel.hpp"

namespace miner::chain {

/// Trips when nobody kicks it in time. Kicked by JavaScript, watched by the chain thread.
class DeadMan {
 public:
  /// `limitUs` 0 switches the dead man off.
  explicit DeadMan(std::uint64_t limitUs) noexcept : limitUs_(limitUs) {}

  /// Any thread. Arms at first and again after a trip.
  void kick(std::uint64_t nowUs) noexcept { lastKickUs_.store(nowUs, std::memory_order_relaxed); }

  /// Watching thread. True once per trip.
  bool hasTripped(std::uint64_t nowUs) noexcept;
  /// Watching thread. Off until the next kick.
  void disarm() noexcept { lastKickUs_.store(0, std::memory_order_relaxed); }

  /// When hasTripped must be asked at the latest; UINT64_MAX when switched off or already tripped.
  [[nodiscard]] std::uint64_t deadlineUs() const noexcept;

 private:
  [[nodiscard]] std::uint64_t deadlineAfter(std::uint64_t kickUs) const noexcept;

  const std::uint64_t limitUs_;
  std::atomic<std::uint64_t> lastKickUs_{0};  ///< 0: not armed yet
  std::uint64_t trippedAtKickUs_ = 0;
};

/// The reset line of a chain: a file that takes "0" (reset) or "1" (run), like a Linux GPIO value
/// file or a FIFO; or a line of a GPIO character device.
class ResetLine {
 public:
  /// `lineFd` holds a GPIO line; it is duplicated, so that nobody can close it under the chain
  /// thread. With -1 and an empty path the chain has no reset line.
  explicit ResetLine(std::string path, int lineFd = -1,
                     gpio::Kernel& kernel = gpio::systemKernel());
  ResetLine(const ResetLine&) = delete;
  ResetLine& operator=(const ResetLine&) = delete;
  ~ResetLine();

  /// False when the line does not take the value (no reader, no such file, no permission). Does not
  /// block.
  bool drive(bool run) const noexcept;

 private:
  const std::string path_;
  const int lineFd_;
  gpio::Kernel& kernel_;
};

}  // namespace miner::chain
