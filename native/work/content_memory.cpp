#include "work/content_memory.hpp"

#include <algorithm>
#include <limits>

namespace miner::work {

ContentUsage& ContentMemory::recall(std::uint64_t fingerprint, const JobTemplate& job) noexcept {
  ++calls_;
  const auto known = std::find_if(usages_.begin(), usages_.end(), [&](const ContentUsage& usage) {
    return usage.isKnown && usage.fingerprint == fingerprint;
  });
  if (known != usages_.end()) {
    known->usedAt = calls_;
    return *known;
  }
  ContentUsage& fresh = *std::min_element(
      usages_.begin(), usages_.end(),
      [](const ContentUsage& a, const ContentUsage& b) { return a.usedAt < b.usedAt; });
  if (fresh.isKnown) forget(fresh);
  fresh = {};
  fresh.isKnown = true;
  fresh.fingerprint = fingerprint;
  fresh.poolKey = job.poolKey;
  fresh.extranonce2Size = job.extranonce2Size;
  fresh.ntime = job.ntime;
  fresh.atUs = job.receivedUs;
  fresh.first = issued_[widthOf(job.extranonce2Size)];
  fresh.usedAt = calls_;
  if (job.extranonce2Size < kWideBytes) fresh.nextNtime = forgottenNtime(job.poolKey);
  if (fresh.nextNtime != 0) fresh.taken = std::numeric_limits<std::uint64_t>::max();
  return fresh;
}

std::size_t ContentMemory::widthOf(std::size_t extranonce2Size) noexcept {
  return std::min(extranonce2Size, kCountedBytes);
}

void ContentMemory::forget(const ContentUsage& usage) noexcept {
  // Nothing was used: its pool needs no place among those that have to be remembered.
  if (usage.extranonce2Size >= kWideBytes || usage.nextNtime == 0) return;
  auto place = std::find_if(forgotten_.begin(), forgotten_.end(), [&](const Forgotten& pool) {
    return pool.nextNtime != 0 && pool.poolKey == usage.poolKey;
  });
  if (place == forgotten_.end()) {
    place = forgotten_.begin() + static_cast<std::ptrdiff_t>(oldestForgotten_);
    oldestForgotten_ = (oldestForgotten_ + 1) % kPools;
    *place = {usage.poolKey, 0};
  }
  place->nextNtime = std::max(place->nextNtime, usage.nextNtime);
}

std::uint64_t ContentMemory::forgottenNtime(std::uint32_t poolKey) const noexcept {
  for (const Forgotten& pool : forgotten_)
    if (pool.nextNtime != 0 && pool.poolKey == poolKey) return pool.nextNtime;
  return 0;
}

}  // namespace miner::work
