#include "hash/sha256_backends.hpp"

#if defined(__aarch64__) || defined(__arm__)

#if defined(__aarch64__)
#define MINER_HASH_TARGET
#elif defined(__clang__)
#define MINER_HASH_TARGET __attribute__((target("neon")))
#else
#define MINER_HASH_TARGET __attribute__((target("fpu=neon")))
#endif
#include "hash/sha256_kernel.hpp"

#if defined(__arm__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace miner::hash {

namespace {

using Word = std::uint32_t __attribute__((vector_size(16)));

bool isSupported() noexcept {
#if defined(__arm__)
  return (getauxval(AT_HWCAP) & HWCAP_NEON) != 0;
#else
  return true;  // Part of every 64-bit ARM.
#endif
}

MINER_HASH_TARGET void hashHeaders(const Header* headers, Digest* out) noexcept {
  hashHeaderLanes<Word>(headers, out);
}

}  // namespace

const Implementation kNeon = {.name = "neon",
                              .lanes = sizeof(Word) / sizeof(std::uint32_t),
                              .isSupported = isSupported,
                              .hashHeaders = hashHeaders,
                              .compress = nullptr};

}  // namespace miner::hash

#endif
