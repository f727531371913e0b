#pragma once

#include <cstdint>
#include <ctime>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Native benches: each prints one JSON object on standard output and throws when it cannot run.
/// The instruction counter watches the functions whose name begins with `measured`.
namespace miner::bench {

using Arguments = std::span<const std::string_view>;

/// nonce CLASS COUNT CHIP JOB-FRAME RESPONSE-FRAME: from the bytes of an answer to its verdict.
void benchNonces(Arguments arguments);
/// work COINBASE-BYTES BRANCHES COUNT: from a job template to the frame for the chips.
void benchWorks(Arguments arguments);
/// hash [IMPLEMENTATION MILLISECONDS]: headers hashed; without arguments the names.
void benchHashes(Arguments arguments);

std::size_t numberOf(std::string_view text);
std::vector<std::uint8_t> bytesOf(std::string_view hex);
/// The implementation that hashes one message at a time on this CPU.
std::string_view singleImplementation();

/// CPU time of this thread: what other programs take of the core does not count.
inline std::uint64_t cpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

inline void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace miner::bench
