#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace miner::work {

using Hash256 = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kMaxExtranonce2 = 32;

/// What JavaScript hands down once per pool job. Made on the JavaScript thread, then owned and
/// changed by the chain thread alone until it is handed back for destruction; the chain thread
/// never allocates.
struct JobTemplate {
  std::uint32_t jobKey = 0;
  /// Whose job it is; jobs of several pools may take turns.
  std::uint32_t poolKey = 0;
  /// A new session of the pool: extranonce1 differs, so the pool's older work is worthless.
  std::uint32_t sessionKey = 0;
  std::uint32_t version = 0;
  std::uint32_t versionMask = 0;
  std::uint32_t nbits = 0;
  std::uint32_t ntime = 0;
  /// Monotonic microseconds when the job was handed over; ntime moves on with real time from here.
  std::uint64_t receivedUs = 0;
  /// The pool's earlier jobs are worthless.
  bool clean = false;
  /// What runs is to be replaced now, not when its time is over.
  bool urgent = false;
  Hash256 prevhash{};  ///< header order
  /// coinb1, extranonce1, room for extranonce2, coinb2.
  std::vector<std::uint8_t> coinbase;
  std::size_t extranonce2Offset = 0;
  std::size_t extranonce2Size = 0;
  std::vector<Hash256> merkleBranches;
  Hash256 shareTargetLe{};
};

/// Equal for two templates exactly when the same extranonce2 and ntime would give the same header
/// (SHA-256d over all header inputs but extranonce2 and ntime; the first eight bytes are enough to
/// tell jobs of one session apart).
std::uint64_t contentFingerprint(const JobTemplate& job);

}  // namespace miner::work
