#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "guard/off_action.hpp"

namespace miner::guard {

/// Switches the power off when nobody feeds it in time, by a thread of its own, and beats to the
/// companion as long as that thread runs.
///
/// Fed, armed and disarmed by JavaScript's thread. All that a signal handler touches is atomic.
class PowerGuard {
 public:
  enum class State : std::uint8_t { disarmed, armed, tripped };
  enum class Cause : std::uint8_t { none, unfed, ordered };

  struct Options {
    /// Since the last feed.
    std::uint64_t limitUs = 0;
    /// SCHED_FIFO, 0 for the normal class.
    int priority = 0;
  };

  PowerGuard(Options options, std::vector<OffAction> actions,
             gpio::Kernel& kernel = gpio::systemKernel());
  PowerGuard(const PowerGuard&) = delete;
  PowerGuard& operator=(const PowerGuard&) = delete;
  ~PowerGuard();

  // Owner thread only.
  /// False with errno when there is no thread to be had.
  bool start() noexcept;
  /// Ends the thread. What is armed is switched off.
  void stop() noexcept;
  /// Takes this end of a pair of packet sockets over from the caller; -1 for none. The companion is
  /// told at once what holds.
  void useCompanion(int socket) noexcept;
  void arm(std::uint64_t nowUs) noexcept;
  void disarm() noexcept;
  /// Switches off at once, in this thread.
  void trip() noexcept;
  /// The companion is to hold the power on for a while when we are gone; it says when it does.
  void askLease(std::uint32_t leaseMs) noexcept;
  /// The companion holds the lease: our end is no reason to switch off any more.
  void leave() noexcept;

  // Any thread.
  void feed(std::uint64_t nowUs) noexcept;
  [[nodiscard]] State state() const noexcept;
  [[nodiscard]] Cause cause() const noexcept { return cause_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t trippedUnixMs() const noexcept { return trippedUnixMs_.load(); }
  /// Since the companion answered a beat last; 0 without one and while nobody beats.
  [[nodiscard]] std::uint64_t companionAgeUs(std::uint64_t nowUs) const noexcept;

  /// Switches off if the power may be on: in a signal handler, or at the end of the process.
  void cutDying(const char* why) noexcept;

  /// One round of the thread: returns when the next is due. For tests that walk it.
  std::uint64_t step(std::uint64_t nowUs) noexcept;

 private:
  /// Values of fedUs_ that are no times.
  static constexpr std::uint64_t kDisarmed = 0;
  static constexpr std::uint64_t kTripped = 1;

  void run() noexcept;
  void sleepUntil(std::uint64_t deadlineUs) noexcept;
  void wake() noexcept;
  bool note(Cause cause, std::uint64_t seen) noexcept;
  void tell(std::string_view packet) noexcept;
  void hearCompanion(std::uint64_t nowUs) noexcept;

  const Options options_;
  const OffActions actions_;
  /// Time of the last feed, or one of the above.
  std::atomic<std::uint64_t> fedUs_{kDisarmed};
  /// From arm to disarm, whatever happens in between.
  std::atomic<bool> mayBeOn_{false};
  std::atomic<Cause> cause_{Cause::none};
  std::atomic<std::int64_t> trippedUnixMs_{0};
  std::atomic<std::uint32_t> trips_{0};

  /// Changed under the mutex; a signal handler only reads it.
  std::atomic<int> socket_{-1};
  std::mutex socketMutex_;
  std::atomic<std::uint64_t> answeredUs_{0};

  // Of the thread.
  std::uint32_t servedTrip_ = 0;
  OffActions::Done done_ = 0;
  int tries_ = 0;
  std::uint64_t nextBeatUs_ = 0;

  int wakeFd_ = -1;
  std::atomic<bool> isStopping_{false};
  std::thread thread_;
};

}  // namespace miner::guard
