#include "hash/sha256_backends.hpp"

#define MINER_HASH_TARGET
#include "hash/sha256_kernel.hpp"

namespace miner::hash {

namespace {

bool isSupported() noexcept { return true; }

void hashHeaders(const Header* headers, Digest* out) noexcept {
  hashHeaderLanes<std::uint32_t>(headers, out);
}

void compress(std::array<std::uint32_t, 8>& state, const std::uint8_t* block) noexcept {
  std::uint32_t w[16];
  for (std::size_t i = 0; i < 16; ++i) w[i] = loadBe32(block + 4 * i);
  compressWords(state.data(), w);
}

}  // namespace

const Implementation kPortable = {.name = "portable",
                                  .lanes = 1,
                                  .isSupported = isSupported,
                                  .hashHeaders = hashHeaders,
                                  .compress = compress};

}  // namespace miner::hash
