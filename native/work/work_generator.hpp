#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "work/job_template.hpp"

namespace miner::work {

/// What one frame to the chips says, and what is needed to judge and submit the answers.
struct Work {
  std::uint32_t jobKey = 0;
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
/// - The count goes on when job or pool change and starts again, as a new cycle, only when it is
/// used up.
/// - Content that was used in an earlier cycle may be used again only with a later ntime.
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
  /// How far the content of a job has been used. Kept for the last contents, for a pool may send
  /// one again.
  struct Usage {
    bool isKnown = false;
    std::uint64_t fingerprint = 0;
    // Its clock: this ntime at this time.
    std::uint64_t ntime = 0;
    std::uint64_t atUs = 0;
    std::uint64_t cycle = 0;      ///< of the latest use
    std::uint64_t nextNtime = 0;  ///< after all uses

    [[nodiscard]] std::uint64_t ntimeAt(std::uint64_t nowUs) const noexcept {
      return ntime + (nowUs > atUs ? (nowUs - atUs) / 1'000'000U : 0);
    }
  };

  bool takeExtranonce2(const Usage& usage, std::uint64_t ntime) noexcept;
  bool takeNtimeSlot(const Usage& usage, std::uint64_t& ntime) const noexcept;
  void buildMerkleRoot(Hash256& root) noexcept;
  Usage& usageOf(std::uint64_t fingerprint, const JobTemplate& job) noexcept;

  const std::uint64_t chainIndex_;
  const std::uint64_t chainCount_;
  std::unique_ptr<JobTemplate> job_;
  std::uint64_t next_ = 0;
  bool exhausted_ = false;
  std::uint64_t cycle_ = 1;
  std::uint64_t taken_ = 0;
  std::array<Usage, 64> usages_{};
  std::size_t oldestUsage_ = 0;
  std::size_t current_ = 0;
};

}  // namespace miner::work
