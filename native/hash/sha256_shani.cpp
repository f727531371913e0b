#include "hash/sha256_backends.hpp"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include "hash/sha256_constants.hpp"
#include "hash/sha256_single.hpp"

namespace miner::hash {

namespace {

bool isSupported() noexcept {
  constexpr unsigned kShaBit = 1u << 29;  // Documented: Intel SDM, CPUID leaf 7, EBX.
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & kShaBit) != 0 &&
         __builtin_cpu_supports("sse4.1") != 0;
}

/// The instructions keep the state as two vectors, (f, e, b, a) and (h, g, d, c) from the lowest
/// lane up. Documented: Intel SDM, SHA256RNDS2.
__attribute__((target("sha,sse4.1"))) void compress(std::array<std::uint32_t, 8>& state,
                                                    const std::uint8_t* block) noexcept {
  const __m128i swapBytes = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  auto* const stateAt = reinterpret_cast<__m128i*>(state.data());
  const auto* const blockAt = reinterpret_cast<const __m128i*>(block);
  const auto* const roundsAt = reinterpret_cast<const __m128i*>(kRoundConstants.data());

  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(stateAt), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(stateAt + 1), 0x1B);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  const __m128i abefBefore = abef;
  const __m128i cdghBefore = cdgh;

  __m128i w[4];
  for (int i = 0; i < 4; ++i) w[i] = _mm_shuffle_epi8(_mm_loadu_si128(blockAt + i), swapBytes);
  for (int group = 0; group < 16; ++group) {
    __m128i& now = w[group % 4];
    const __m128i input = _mm_add_epi32(now, _mm_load_si128(roundsAt + group));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, input);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(input, 0x0E));
    if (group >= 12) continue;
    const __m128i& last = w[(group + 3) % 4];
    const __m128i nineBack = _mm_alignr_epi8(last, w[(group + 2) % 4], 4);
    now = _mm_sha256msg2_epu32(
        _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(group + 1) % 4]), nineBack), last);
  }

  abef = _mm_add_epi32(abef, abefBefore);
  cdgh = _mm_add_epi32(cdgh, cdghBefore);
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(stateAt, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(stateAt + 1, _mm_alignr_epi8(dchg, feba, 8));
}

void hashHeaders(const Header* headers, Digest* out) noexcept {
  *out = hashHeader(compress, *headers);
}

}  // namespace

const Implementation kShaNi = {.name = "sha-ni",
                               .lanes = 1,
                               .isSupported = isSupported,
                               .hashHeaders = hashHeaders,
                               .compress = compress};

}  // namespace miner::hash

#endif
