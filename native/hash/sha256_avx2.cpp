#include "hash/sha256_backends.hpp"

#if defined(__x86_64__)

#define MINER_HASH_TARGET __attribute__((target("avx2")))
#include "hash/sha256_kernel.hpp"

namespace miner::hash {

namespace {

using Word = std::uint32_t __attribute__((vector_size(32)));

bool isSupported() noexcept { return __builtin_cpu_supports("avx2") != 0; }

MINER_HASH_TARGET void hashHeaders(const Header* headers, Digest* out) noexcept {
  hashHeaderLanes<Word>(headers, out);
}

}  // namespace

const Implementation kAvx2 = {.name = "avx2",
                              .lanes = sizeof(Word) / sizeof(std::uint32_t),
                              .isSupported = isSupported,
                              .hashHeaders = hashHeaders,
                              .compress = nullptr};

}  // namespace miner::hash

#endif
