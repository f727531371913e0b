#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace miner::util {

/// Bounded queue between exactly one producer thread and one consumer thread. All memory is
/// allocated by the constructor; push and pop never block and never allocate.
template <typename T>
class SpscRing {
 public:
  /// Holds at least `capacity` elements (rounded up to a power of two).
  explicit SpscRing(std::size_t capacity)
      : mask_(roundUp(capacity) - 1), slots_(new T[mask_ + 1]) {}

  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  /// Producer only. False, and nothing stored, when not more than `keepFree` places are free.
  bool tryPush(T value, std::size_t keepFree = 0) noexcept {
    static_assert(std::is_nothrow_move_assignable_v<T>);
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - cachedHead_ + keepFree > mask_) {
      cachedHead_ = head_.load(std::memory_order_acquire);
      if (tail - cachedHead_ + keepFree > mask_) return false;
    }
    slots_[tail & mask_] = std::move(value);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Consumer only. False when the ring is empty.
  bool tryPop(T& value) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == cachedTail_) {
      cachedTail_ = tail_.load(std::memory_order_acquire);
      if (head == cachedTail_) return false;
    }
    value = std::move(slots_[head & mask_]);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Any thread; exact only for the calling side.
  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

 private:
  static constexpr std::size_t roundUp(std::size_t wanted) noexcept {
    std::size_t size = 2;
    while (size < wanted) size *= 2;
    return size;
  }

  static constexpr std::size_t kCacheLine = 64;

  const std::size_t mask_;
  const std::unique_ptr<T[]> slots_;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};
  std::size_t cachedTail_ = 0;
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};
  std::size_t cachedHead_ = 0;
};

}  // namespace miner::util
