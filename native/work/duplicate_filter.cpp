#include "work/duplicate_filter.hpp"

namespace miner::work {

bool DuplicateFilter::insert(const Key& key) noexcept {
  const std::size_t bucket = bucketOf(key);
  for (std::uint16_t at = buckets_[bucket]; at != kNone; at = items_[at].nextInBucket)
    if (items_[at].key == key) return false;
  if (count_ == kCapacity) unlinkOldest();
  const std::size_t place = (oldest_ + count_) % kCapacity;
  items_[place] = {key, buckets_[bucket]};
  buckets_[bucket] = static_cast<std::uint16_t>(place);
  ++count_;
  return true;
}

void DuplicateFilter::clear() noexcept {
  buckets_ = filled();
  count_ = 0;
  oldest_ = 0;
}

std::size_t DuplicateFilter::bucketOf(const Key& key) noexcept {
  std::uint64_t mixed = (std::uint64_t{key.nonce} << 32 | key.version) ^
                        (std::uint64_t{key.generation} * 0x9e3779b97f4a7c15U);
  mixed *= 0xff51afd7ed558ccdU;
  return static_cast<std::size_t>(mixed >> 40) % kBuckets;
}

void DuplicateFilter::unlinkOldest() noexcept {
  const std::uint16_t place = static_cast<std::uint16_t>(oldest_);
  std::uint16_t* link = &buckets_[bucketOf(items_[place].key)];
  while (*link != place) link = &items_[*link].nextInBucket;
  *link = items_[place].nextInBucket;
  oldest_ = (oldest_ + 1) % kCapacity;
  --count_;
}

}  // namespace miner::work
