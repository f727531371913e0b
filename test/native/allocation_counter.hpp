#pragma once

#include <cstdint>

/// Counts what operator new and operator delete do on threads that asked for it.
namespace miner::test {

/// From now on the calling thread is counted.
void watchAllocationsOfThisThread() noexcept;

struct AllocationCounts {
  std::uint64_t allocations;
  std::uint64_t frees;
};

/// Of all watched threads so far. Any thread.
AllocationCounts allocationCounts() noexcept;

}  // namespace miner::test
