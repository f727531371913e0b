#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "work/content_memory.hpp"
#include "work/job_template.hpp"

namespace miner::work {

/// What one frame to the chips says, and what is needed to judge and submit the answers.
struct Work {
  std::uint32_t jobKey = 0;
  std::uint32_t poolKey = 0;
  std::uint32_t version = 0;
  std::uint32_t versionMask = 0;
  std::uint32_t nbits = 0;
  std::uint32_t ntime = 0;
  Hash256 prevhash{};
  Hash256 merkleRoot{};
  Hash256 shareTargetLe{};
  std::array<std::uint8_t, kMaxExtranonce2> extranonce2{};
  std::uint8_t extranonce2Size = 0;
};

/// Makes work out of the newest job of one chain. Belongs to the chain thread; allocates nothing.
///
/// No header is ever made twice, on this chain or on another of the machine:
/// - Chain c of n takes the extranonce2 values c, c + n, c + 2n ... (the last eight bytes are
/// counted, big-endian).
/// - Each content has a count of its own, which goes on whenever a job with that content comes
/// again, whatever other pools' jobs were in between.
/// - A count starts again, from half of its values used on, only with a later ntime.
/// - ntime follows real time and, for one content, never goes back, whatever a pool that sends it
/// again says.
/// - With extranonce2 of 0 bytes chains differ by ntime instead: chain c takes the seconds that are
/// c modulo n, at
///   most kMaxNtimeAheadS ahead of real time.
class WorkGenerator {
 public:
  /// Documented: Stratum practice allows two hours; the project allows one minute.
  static constexpr std::uint32_t kMaxNtimeAheadS = 60;

  WorkGenerator(std::uint32_t chainIndex, std::uint32_t chainCount) noexcept;

  /// Takes the new job over and gives the one before back (null at first), to be destroyed
  /// elsewhere. `fingerprint` is contentFingerprint(*job), computed where the job was made.
  std::unique_ptr<JobTemplate> setJob(std::unique_ptr<JobTemplate> job,
                                      std::uint64_t fingerprint) noexcept;
  /// No work until the next setJob.
  std::unique_ptr<JobTemplate> dropJob() noexcept;
  [[nodiscard]] bool hasJob() const noexcept { return job_ != nullptr; }

  /// False when no fresh header can be made now: no job, or everything is used up until ntime moves
  /// on.
  bool next(std::uint64_t nowUs, Work& work) noexcept;

 private:
  /// The next value of extranonce2, or false when all were used up to this ntime.
  bool takeExtranonce2(std::uint64_t ntime, std::uint64_t& value) noexcept;
  bool takeNtimeSlot(std::uint64_t& ntime) const noexcept;
  void buildMerkleRoot(Hash256& root) noexcept;

  const std::uint64_t chainIndex_;
  const std::uint64_t chainCount_;
  std::unique_ptr<JobTemplate> job_;
  ContentMemory contents_;
  /// Of the job's content, in contents_; null without a job. setJob alone moves it.
  ContentUsage* usage_ = nullptr;
};

}  // namespace miner::work
