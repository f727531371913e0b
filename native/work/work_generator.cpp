#include "work/work_generator.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "hash/sha256.hpp"

namespace miner::work {

namespace {

constexpr std::size_t kCountedBytes = 8;

/// Greatest value that `size` bytes hold, of which the last eight are counted.
std::uint64_t maxCount(std::size_t size) noexcept {
  return size >= kCountedBytes ? std::numeric_limits<std::uint64_t>::max()
                               : (std::uint64_t{1} << (8 * size)) - 1;
}

}  // namespace

WorkGenerator::WorkGenerator(std::uint32_t chainIndex, std::uint32_t chainCount) noexcept
    : chainIndex_(chainIndex), chainCount_(chainCount), next_(chainIndex) {}

std::unique_ptr<JobTemplate> WorkGenerator::setJob(std::unique_ptr<JobTemplate> job,
                                                   std::uint64_t fingerprint) noexcept {
  Usage& usage = usageOf(fingerprint, *job);
  if (job->ntime > usage.ntimeAt(job->receivedUs)) {
    usage.ntime = job->ntime;
    usage.atUs = job->receivedUs;
  }
  current_ = static_cast<std::size_t>(&usage - usages_.data());
  std::swap(job_, job);
  return job;
}

std::unique_ptr<JobTemplate> WorkGenerator::dropJob() noexcept { return std::move(job_); }

bool WorkGenerator::next(std::uint64_t nowUs, Work& work) noexcept {
  if (!job_) return false;
  Usage& usage = usages_[current_];
  std::uint64_t ntime = usage.ntimeAt(nowUs);
  const bool isFresh =
      job_->extranonce2Size == 0 ? takeNtimeSlot(usage, ntime) : takeExtranonce2(usage, ntime);
  if (!isFresh) return false;
  usage.cycle = cycle_;
  usage.nextNtime = ntime + 1;

  work.jobKey = job_->jobKey;
  work.version = job_->version;
  work.versionMask = job_->versionMask;
  work.nbits = job_->nbits;
  work.ntime = static_cast<std::uint32_t>(ntime);
  work.prevhash = job_->prevhash;
  work.shareTargetLe = job_->shareTargetLe;
  work.extranonce2Size = static_cast<std::uint8_t>(job_->extranonce2Size);
  work.extranonce2.fill(0);
  const std::size_t counted = std::min(job_->extranonce2Size, kCountedBytes);
  for (std::size_t i = 0; i < counted; ++i)
    work.extranonce2[job_->extranonce2Size - 1 - i] = static_cast<std::uint8_t>(taken_ >> (8 * i));
  std::copy_n(work.extranonce2.begin(), job_->extranonce2Size,
              job_->coinbase.begin() + static_cast<std::ptrdiff_t>(job_->extranonce2Offset));
  buildMerkleRoot(work.merkleRoot);
  return true;
}

bool WorkGenerator::takeExtranonce2(const Usage& usage, std::uint64_t ntime) noexcept {
  const std::uint64_t last = maxCount(job_->extranonce2Size);
  if (chainIndex_ > last) return false;  // more chains than values: this one gets none
  const bool isUsedUp = exhausted_ || next_ > last;
  const bool isNewCycle = isUsedUp || usage.cycle != cycle_;
  if (isNewCycle && ntime < usage.nextNtime) return false;
  if (isUsedUp) {
    ++cycle_;
    next_ = chainIndex_;
    exhausted_ = false;
  }
  taken_ = next_;
  if (last - next_ < chainCount_)
    exhausted_ = true;
  else
    next_ += chainCount_;
  return true;
}

bool WorkGenerator::takeNtimeSlot(const Usage& usage, std::uint64_t& ntime) const noexcept {
  std::uint64_t slot = std::max(ntime, usage.nextNtime);
  slot += (chainIndex_ + chainCount_ - slot % chainCount_) % chainCount_;
  if (slot > ntime + kMaxNtimeAheadS) return false;
  ntime = slot;
  return true;
}

void WorkGenerator::buildMerkleRoot(Hash256& root) noexcept {
  root = hash::sha256d(job_->coinbase);
  std::array<std::uint8_t, 64> pair{};
  for (const Hash256& branch : job_->merkleBranches) {
    std::copy(root.begin(), root.end(), pair.begin());
    std::copy(branch.begin(), branch.end(), pair.begin() + 32);
    root = hash::sha256d(pair);
  }
}

WorkGenerator::Usage& WorkGenerator::usageOf(std::uint64_t fingerprint,
                                             const JobTemplate& job) noexcept {
  const auto known = std::find_if(usages_.begin(), usages_.end(), [&](const Usage& usage) {
    return usage.isKnown && usage.fingerprint == fingerprint;
  });
  if (known != usages_.end()) return *known;
  Usage& fresh = usages_[oldestUsage_];
  oldestUsage_ = (oldestUsage_ + 1) % usages_.size();
  fresh = {true, fingerprint, job.ntime, job.receivedUs, 0, 0};
  return fresh;
}

}  // namespace miner::work
