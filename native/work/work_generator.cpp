#include "work/work_generator.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "hash/sha256.hpp"

namespace miner::work {

namespace {

/// Greatest number that the counted bytes of an extranonce2 of `size` hold.
std::uint64_t maxCount(std::size_t size) noexcept {
  return size >= ContentMemory::kCountedBytes ? std::numeric_limits<std::uint64_t>::max()
                                              : (std::uint64_t{1} << (8 * size)) - 1;
}

}  // namespace

WorkGenerator::WorkGenerator(std::uint32_t chainIndex, std::uint32_t chainCount) noexcept
    : chainIndex_(chainIndex), chainCount_(chainCount) {}

std::unique_ptr<JobTemplate> WorkGenerator::setJob(std::unique_ptr<JobTemplate> job,
                                                   std::uint64_t fingerprint) noexcept {
  usage_ = &contents_.recall(fingerprint, *job);
  if (job->ntime > usage_->ntimeAt(job->receivedUs)) {
    usage_->ntime = job->ntime;
    usage_->atUs = job->receivedUs;
  }
  std::swap(job_, job);
  return job;
}

std::unique_ptr<JobTemplate> WorkGenerator::dropJob() noexcept {
  usage_ = nullptr;
  return std::move(job_);
}

bool WorkGenerator::next(std::uint64_t nowUs, Work& work) noexcept {
  if (!job_) return false;
  const std::size_t size = job_->extranonce2Size;
  std::uint64_t ntime = usage_->ntimeAt(nowUs);
  std::uint64_t value = 0;
  if (!(size == 0 ? takeNtimeSlot(ntime) : takeExtranonce2(ntime, value))) return false;
  usage_->nextNtime = ntime + 1;
  contents_.noteIssued(size);

  work.jobKey = job_->jobKey;
  work.poolKey = job_->poolKey;
  work.version = job_->version;
  work.versionMask = job_->versionMask;
  work.nbits = job_->nbits;
  work.ntime = static_cast<std::uint32_t>(ntime);
  work.prevhash = job_->prevhash;
  work.shareTargetLe = job_->shareTargetLe;
  work.extranonce2Size = static_cast<std::uint8_t>(size);
  work.extranonce2.fill(0);
  const std::size_t counted = std::min(size, ContentMemory::kCountedBytes);
  for (std::size_t i = 0; i < counted; ++i)
    work.extranonce2[size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  std::copy_n(work.extranonce2.begin(), size,
              job_->coinbase.begin() + static_cast<std::ptrdiff_t>(job_->extranonce2Offset));
  buildMerkleRoot(work.merkleRoot);
  return true;
}

bool WorkGenerator::takeExtranonce2(std::uint64_t ntime, std::uint64_t& value) noexcept {
  const std::uint64_t max = maxCount(job_->extranonce2Size);
  if (chainIndex_ > max) return false;  // more chains than values: this one gets none
  const std::uint64_t lastNumber = (max - chainIndex_) / chainCount_;
  // A later ntime makes every value fresh again. Not waiting until all are used leaves half of them
  // for any one second.
  if (usage_->taken > lastNumber / 2 && ntime >= usage_->nextNtime) usage_->taken = 0;
  if (usage_->taken > lastNumber) return false;
  // Written so that 2^64 values, whose number does not fit, are counted right too.
  const std::uint64_t first =
      lastNumber + 1 == 0 ? usage_->first : usage_->first % (lastNumber + 1);
  const std::uint64_t left = lastNumber - first;
  const std::uint64_t number =
      usage_->taken <= left ? first + usage_->taken : usage_->taken - left - 1;
  value = chainIndex_ + number * chainCount_;
  ++usage_->taken;
  return true;
}

bool WorkGenerator::takeNtimeSlot(std::uint64_t& ntime) const noexcept {
  std::uint64_t slot = std::max(ntime, usage_->nextNtime);
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

}  // namespace miner::work
