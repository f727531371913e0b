#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace miner::guard {

/// Beats of the controller that stay away so long mean that it hangs as a whole. The guard thread
/// beats four times in that, and 50 ms are left to end the controller and to switch off.
constexpr std::uint64_t kBeatLimitUs = 450'000;
constexpr std::uint64_t kBeatUs = 100'000;
/// Nobody is trusted to leave the power on for longer without a controller.
constexpr std::uint32_t kMaxLeaseMs = 30'000;

/// What the controller tells its companion, each a packet of its own.
namespace message {
constexpr std::string_view kArmed = "armed";        ///< a beat: the power may be on
constexpr std::string_view kDisarmed = "disarmed";  ///< the power is off, proven
constexpr std::string_view kLease = "lease ";       ///< and milliseconds
constexpr std::string_view kDying = "dying ";       ///< and why
}  // namespace message

/// What the companion knows of its controller, and what is to be done. A function of what it hears
/// and of the time; one thread.
class CompanionWatch {
 public:
  enum class Verdict : std::uint8_t { wait, act, leave };

  void hear(std::string_view packet, std::uint64_t nowUs);
  /// The controller is gone.
  void closed(std::uint64_t nowUs);
  /// The next controller is there and armed.
  void released() noexcept { isReleased_ = true; }

  [[nodiscard]] Verdict verdict(std::uint64_t nowUs) const noexcept;
  /// When `verdict` must be asked at the latest; UINT64_MAX when only a message can change it.
  [[nodiscard]] std::uint64_t deadlineUs() const noexcept;
  /// The controller is there and does nothing: it is to be ended before anything else.
  [[nodiscard]] bool isHanging(std::uint64_t nowUs) const noexcept;
  /// Why it is `act`.
  [[nodiscard]] std::string cause(std::uint64_t nowUs) const;

  [[nodiscard]] bool hasLease() const noexcept { return leaseEndUs_ != 0; }
  [[nodiscard]] std::uint32_t leaseLeftMs(std::uint64_t nowUs) const noexcept;

 private:
  bool isArmed_ = false;
  bool isClosed_ = false;
  bool isReleased_ = false;
  std::uint64_t lastBeatUs_ = 0;
  std::uint64_t leaseEndUs_ = 0;  ///< 0: none
  std::string dying_;
};

}  // namespace miner::guard
