#include "hash/sha256_backends.hpp"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include "hash/sha256_constants.hpp"
#include "hash/sha256_single.hpp"

#if defined(__clang__)
#define MINER_CRYPTO_TARGET __attribute__((target("sha2")))
#else
#define MINER_CRYPTO_TARGET __attribute__((target("+crypto")))
#endif

namespace miner::hash {

namespace {

bool isSupported() noexcept { return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0; }

/// Documented: Arm Architecture Reference Manual, SHA256H, SHA256H2, SHA256SU0, SHA256SU1.
MINER_CRYPTO_TARGET void compress(std::array<std::uint32_t, 8>& state,
                                  const std::uint8_t* block) noexcept {
  uint32x4_t abcd = vld1q_u32(state.data());
  uint32x4_t efgh = vld1q_u32(state.data() + 4);
  const uint32x4_t abcdBefore = abcd;
  const uint32x4_t efghBefore = efgh;

  uint32x4_t w[4];
  for (std::size_t i = 0; i < 4; ++i)
    w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(block + 16 * i)));
  for (std::size_t group = 0; group < 16; ++group) {
    uint32x4_t& now = w[group % 4];
    const uint32x4_t input = vaddq_u32(now, vld1q_u32(kRoundConstants.data() + 4 * group));
    const uint32x4_t abcdNow = abcd;
    abcd = vsha256hq_u32(abcd, efgh, input);
    efgh = vsha256h2q_u32(efgh, abcdNow, input);
    if (group < 12)
      now = vsha256su1q_u32(vsha256su0q_u32(now, w[(group + 1) % 4]), w[(group + 2) % 4],
                            w[(group + 3) % 4]);
  }

  vst1q_u32(state.data(), vaddq_u32(abcd, abcdBefore));
  vst1q_u32(state.data() + 4, vaddq_u32(efgh, efghBefore));
}

void hashHeaders(const Header* headers, Digest* out) noexcept {
  *out = hashHeader(compress, *headers);
}

}  // namespace

const Implementation kArmCrypto = {.name = "arm-crypto",
                                   .lanes = 1,
                                   .isSupported = isSupported,
                                   .hashHeaders = hashHeaders,
                                   .compress = compress};

}  // namespace miner::hash

#endif
