#pragma once

#include <cstdint>

// Sanitizers bring their own operators and find more with them.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MINER_TEST_HAS_SANITIZER 1
#endif
#endif

/// Counts what operator new and operator delete do on threads that asked for it.
namespace miner::test {

#ifdef MINER_TEST_HAS_SANITIZER
inline constexpr bool kCountsAllocations = false;
#else
inline constexpr bool kCountsAllocations = true;
#endif

/// From now on the calling thread is counted.
void watchAllocationsOfThisThread() noexcept;

struct AllocationCounts {
  std::uint64_t allocations;
  std::uint64_t frees;
};

/// Of all watched threads so far. Any thread.
AllocationCounts allocationCounts() noexcept;

}  // namespace miner::test
