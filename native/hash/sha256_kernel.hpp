// One SHA-256 for a word type: std::uint32_t, or a GCC vector of them with a message in each lane.
// Included once by each implementation file, which defines MINER_HASH_TARGET as the function
// attribute of its instruction set; that is why there is no include guard and why everything has
// internal linkage. Vectors are passed by reference because their calling convention depends on
// the instruction set.

#include <cstddef>
#include <cstdint>

#include "hash/sha256_constants.hpp"

#ifndef MINER_HASH_TARGET
#error "define MINER_HASH_TARGET before including the kernel"
#endif

#define MINER_HASH_INLINE MINER_HASH_TARGET __attribute__((always_inline)) inline

namespace miner::hash {
namespace {

#define MINER_ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

/// One round; the caller renames the variables instead of moving them.
template <typename Word>
MINER_HASH_INLINE void round(const Word& a, const Word& b, const Word& c, Word& d, const Word& e,
                             const Word& f, const Word& g, Word& h, std::uint32_t k,
                             const Word& w) noexcept {
  const Word sum =
      h + (MINER_ROTR(e, 6) ^ MINER_ROTR(e, 11) ^ MINER_ROTR(e, 25)) + (g ^ (e & (f ^ g))) + w + k;
  d = d + sum;
  h = sum + (MINER_ROTR(a, 2) ^ MINER_ROTR(a, 13) ^ MINER_ROTR(a, 22)) + ((a & b) | (c & (a | b)));
}

/// Replaces w[t] by the message schedule's word t + 16.
template <typename Word>
MINER_HASH_INLINE void extend(Word* w, std::size_t t) noexcept {
  const Word& early = w[(t + 1) & 15];
  const Word& late = w[(t + 14) & 15];
  w[t & 15] = w[t & 15] + (MINER_ROTR(early, 7) ^ MINER_ROTR(early, 18) ^ (early >> 3)) +
              w[(t + 9) & 15] + (MINER_ROTR(late, 17) ^ MINER_ROTR(late, 19) ^ (late >> 10));
}

/// Adds the block `w` (16 words, overwritten) to `state` (8 words).
template <typename Word>
MINER_HASH_INLINE void compressWords(Word* state, Word* w) noexcept {
  Word a = state[0], b = state[1], c = state[2], d = state[3];
  Word e = state[4], f = state[5], g = state[6], h = state[7];
  for (std::size_t t = 0; t < 64; t += 16) {
    const std::uint32_t* k = kRoundConstants.data() + t;
    for (std::size_t i = 0; i < 16; i += 8) {
      round(a, b, c, d, e, f, g, h, k[i], w[i]);
      round(h, a, b, c, d, e, f, g, k[i + 1], w[i + 1]);
      round(g, h, a, b, c, d, e, f, k[i + 2], w[i + 2]);
      round(f, g, h, a, b, c, d, e, k[i + 3], w[i + 3]);
      round(e, f, g, h, a, b, c, d, k[i + 4], w[i + 4]);
      round(d, e, f, g, h, a, b, c, k[i + 5], w[i + 5]);
      round(c, d, e, f, g, h, a, b, k[i + 6], w[i + 6]);
      round(b, c, d, e, f, g, h, a, k[i + 7], w[i + 7]);
    }
    if (t < 48)
      for (std::size_t i = 0; i < 16; ++i) extend(w, i);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

MINER_HASH_INLINE std::uint32_t loadBe32(const std::uint8_t* in) noexcept {
  return static_cast<std::uint32_t>(in[0]) << 24 | static_cast<std::uint32_t>(in[1]) << 16 |
         static_cast<std::uint32_t>(in[2]) << 8 | in[3];
}

MINER_HASH_INLINE void storeBe32(std::uint8_t* out, std::uint32_t value) noexcept {
  out[0] = static_cast<std::uint8_t>(value >> 24);
  out[1] = static_cast<std::uint8_t>(value >> 16);
  out[2] = static_cast<std::uint8_t>(value >> 8);
  out[3] = static_cast<std::uint8_t>(value);
}

MINER_HASH_INLINE void setLane(std::uint32_t& word, std::size_t, std::uint32_t value) noexcept {
  word = value;
}

template <typename Word>
MINER_HASH_INLINE void setLane(Word& word, std::size_t lane, std::uint32_t value) noexcept {
  word[lane] = value;
}

MINER_HASH_INLINE std::uint32_t laneOf(const std::uint32_t& word, std::size_t) noexcept {
  return word;
}

template <typename Word>
MINER_HASH_INLINE std::uint32_t laneOf(const Word& word, std::size_t lane) noexcept {
  return word[lane];
}

/// SHA-256d of one 80-byte message a lane.
template <typename Word>
MINER_HASH_INLINE void hashHeaderLanes(const Header* headers, Digest* out) noexcept {
  constexpr std::size_t kLanes = sizeof(Word) / sizeof(std::uint32_t);
  Word state[8];
  Word w[16];
  for (std::size_t i = 0; i < 8; ++i) state[i] = Word{} + kInitialState[i];
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      setLane(w[i], lane, loadBe32(headers[lane].data() + 4 * i));
  compressWords(state, w);

  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      setLane(w[i], lane, loadBe32(headers[lane].data() + 64 + 4 * i));
  w[4] = Word{} + 0x80000000u;
  for (std::size_t i = 5; i < 15; ++i) w[i] = Word{};
  w[15] = Word{} + 80u * 8;
  compressWords(state, w);

  for (std::size_t i = 0; i < 8; ++i) {
    w[i] = state[i];
    state[i] = Word{} + kInitialState[i];
  }
  w[8] = Word{} + 0x80000000u;
  for (std::size_t i = 9; i < 15; ++i) w[i] = Word{};
  w[15] = Word{} + 32u * 8;
  compressWords(state, w);

  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      storeBe32(out[lane].data() + 4 * i, laneOf(state[i], lane));
}

}  // namespace
}  // namespace miner::hash
