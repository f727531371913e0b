#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "work/job_template.hpp"

namespace miner::work {

/// How far the content of a job has been used on one chain.
struct ContentUsage {
  bool isKnown = false;
  std::uint64_t fingerprint = 0;
  std::uint32_t poolKey = 0;
  std::size_t extranonce2Size = 0;
  // Its clock: this ntime at this time.
  std::uint64_t ntime = 0;
  std::uint64_t atUs = 0;
  std::uint64_t nextNtime = 0;  ///< after all uses
  // The chain's own values of extranonce2 are numbered from 0. `taken` of them, from number `first`
  // on and around, have been used since the count began or since it was used up.
  std::uint64_t first = 0;
  std::uint64_t taken = 0;
  std::uint64_t usedAt = 0;  ///< when it was asked for last, in calls

  [[nodiscard]] std::uint64_t ntimeAt(std::uint64_t nowUs) const noexcept {
    return ntime + (nowUs > atUs ? (nowUs - atUs) / 1'000'000U : 0);
  }
};

/// Remembers the contents that a chain worked on last: pools take turns and send a content again.
/// Belongs to the chain thread; allocates nothing.
///
/// Each content counts by itself, so jobs of different sizes that alternate cannot use up each
/// other's values. What was forgotten and comes back is safe too: a new content starts where no
/// content of its size has been; and where so few bytes are counted that this comes round again,
/// it waits until its pool's ntime is past all that was forgotten.
class ContentMemory {
 public:
  /// Six pools with new work every half minute each: 20 minutes.
  static constexpr std::size_t kCapacity = 256;
  /// The last eight bytes of an extranonce2 are counted, the others stay 0.
  static constexpr std::size_t kCountedBytes = 8;

  /// The usage of the job's content, at the job's ntime if it is new. Stays valid until the next
  /// call.
  ContentUsage& recall(std::uint64_t fingerprint, const JobTemplate& job) noexcept;
  /// One more value of a content of this size was used.
  void noteIssued(std::size_t extranonce2Size) noexcept { ++issued_[widthOf(extranonce2Size)]; }

 private:
  /// Values of so many bytes last for years: 2^32 at 40 works a second.
  static constexpr std::size_t kWideBytes = 4;
  /// As many as the configuration may name.
  static constexpr std::size_t kPools = 32;

  struct Forgotten {
    std::uint32_t poolKey = 0;
    std::uint64_t nextNtime = 0;  ///< 0: nothing
  };

  static std::size_t widthOf(std::size_t extranonce2Size) noexcept;
  void forget(const ContentUsage& usage) noexcept;
  [[nodiscard]] std::uint64_t forgottenNtime(std::uint32_t poolKey) const noexcept;

  std::array<ContentUsage, kCapacity> usages_{};
  std::array<std::uint64_t, kCountedBytes + 1> issued_{};
  std::array<Forgotten, kPools> forgotten_{};
  std::size_t oldestForgotten_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace miner::work
