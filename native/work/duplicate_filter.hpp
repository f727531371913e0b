#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace miner::work {

/// Remembers the last kCapacity answers of one chain. Belongs to the chain thread; fixed memory.
class DuplicateFilter {
 public:
  /// At 2,000 answers a second two seconds' worth, which is longer than any chip's sweep takes to
  /// repeat one.
  static constexpr std::size_t kCapacity = 4096;

  struct Key {
    std::uint32_t generation = 0;  ///< of the work, see WorkTable; 0 is never used
    std::uint32_t nonce = 0;
    std::uint32_t version = 0;
    bool operator==(const Key&) const = default;
  };

  /// True when the key was not among the last kCapacity ones; it is then remembered.
  bool insert(const Key& key) noexcept;
  void clear() noexcept;

 private:
  static constexpr std::size_t kBuckets = 2 * kCapacity;
  static constexpr std::uint16_t kNone = 0xffff;

  static std::size_t bucketOf(const Key& key) noexcept;
  void unlinkOldest() noexcept;

  struct Item {
    Key key{};
    std::uint16_t nextInBucket = kNone;
  };

  std::array<Item, kCapacity> items_{};
  std::array<std::uint16_t, kBuckets> buckets_ = filled();
  std::size_t count_ = 0;
  std::size_t oldest_ = 0;

  static constexpr std::array<std::uint16_t, kBuckets> filled() noexcept {
    std::array<std::uint16_t, kBuckets> empty{};
    empty.fill(kNone);
    return empty;
  }
};

}  // namespace miner::work
