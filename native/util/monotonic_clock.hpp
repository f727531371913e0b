#pragma once

#include <cstdint>
#include <ctime>

namespace miner::util {

/// Microseconds of CLOCK_MONOTONIC. Any thread, never blocks.
inline std::uint64_t nowUs() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000U;
}

}  // namespace miner::util
