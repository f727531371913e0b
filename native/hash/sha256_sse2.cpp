#include "hash/sha256_backends.hpp"

#if defined(__x86_64__)

#define MINER_HASH_TARGET __attribute__((target("sse2")))
#include "hash/sha256_kernel.hpp"

namespace miner::hash {

namespace {

using Word = std::uint32_t __attribute__((vector_size(16)));

bool isSupported() noexcept { return true; }

MINER_HASH_TARGET void hashHeaders(const Header* headers, Digest* out) noexcept {
  hashHeaderLanes<Word>(headers, out);
}

}  // namespace

const Implementation kSse2 = {.name = "sse2",
                              .lanes = sizeof(Word) / sizeof(std::uint32_t),
                              .isSupported = isSupported,
                              .hashHeaders = hashHeaders,
                              .compress = nullptr};

}  // namespace miner::hash

#endif
