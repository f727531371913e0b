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
  current_ = static_cast<std::size_t>(&usageOf(fingerprint) - usages_.data());
  std::swap(job_, job);
  return job;
}

std::unique_ptr<JobTemplate> WorkGenerator::dropJob() noexcept { return std::move(job_); }

bool WorkGenerator::next(std::uint64_t nowUs, Work& work) noexcept {
  if (!job_) return false;
  Usage& usage = usages_[current_];
  const std::uint64_t elapsedUs = nowUs > job_->receivedUs ? nowUs - job_->receivedUs : 0;
  std::uint32_t ntime = job_->ntime + static_cast<std::uint32_t>(elapsedUs / 1'000'000U);
  if (job_->extranonce2Size == 0) {
    if (!takeNtimeSlot(usage, ntime, ntime)) return false;
  } else if (!takeExtranonce2(usage, ntime)) {
    return false;
  }
  usage.cycle = cycle_;
  usage.lastNtime = ntime;

  work.jobKey = job_->jobKey;
  work.version = job_->version;
  work.versionMask = job_->versionMask;
  work.nbits = job_->nbits;
  work.ntime = ntime;
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

bool WorkGenerator::takeExtranonce2(Usage& usage, std::uint32_t ntime) noexcept {
  const std::uint64_t last = maxCount(job_->extranonce2Size);
  if (chainIndex_ > last) return false;  // more chains than values: this one gets none
  if (exhausted_ || next_ > last) {
    if (usage.cycle == cycle_ && ntime <= usage.lastNtime) return false;
    ++cycle_;
    next_ = chainIndex_;
    exhausted_ = false;
  }
  // Used in an earlier cycle: the same extranonce2 may come again, so ntime must be new.
  if (usage.cycle != 0 && usage.cycle < cycle_ && ntime <= usage.lastNtime) return false;
  taken_ = next_;
  if (last - next_ < chainCount_)
    exhausted_ = true;
  else
    next_ += chainCount_;
  return true;
}

bool WorkGenerator::takeNtimeSlot(Usage& usage, std::uint32_t realNtime,
                                  std::uint32_t& ntime) const noexcept {
  const std::uint32_t count = static_cast<std::uint32_t>(chainCount_);
  std::uint32_t slot = usage.cycle == 0 ? realNtime : std::max(realNtime, usage.lastNtime + 1);
  slot += (static_cast<std::uint32_t>(chainIndex_) + count - slot % count) % count;
  if (slot > realNtime + kMaxNtimeAheadS) return false;
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

WorkGenerator::Usage& WorkGenerator::usageOf(std::uint64_t fingerprint) noexcept {
  const auto known = std::find_if(usages_.begin(), usages_.end(), [&](const Usage& usage) {
    return usage.cycle != 0 && usage.fingerprint == fingerprint;
  });
  if (known != usages_.end()) return *known;
  Usage& fresh = usages_[oldestUsage_];
  oldestUsage_ = (oldestUsage_ + 1) % usages_.size();
  fresh = {fingerprint, 0, 0};
  return fresh;
}

}  // namespace miner::work
