#include "hash/sha256_single.hpp"

#include <algorithm>

#include "hash/sha256_constants.hpp"

namespace miner::hash {

namespace {

constexpr std::size_t kBlockSize = 64;
constexpr std::size_t kLengthSize = 8;

Digest digestOf(const std::array<std::uint32_t, 8>& state) noexcept {
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

}  // namespace

Digest finish(Compress compress, std::array<std::uint32_t, 8> state, std::uint64_t hashedBytes,
              std::span<const std::uint8_t> rest) noexcept {
  const std::uint64_t bits = (hashedBytes + rest.size()) * 8;
  for (; rest.size() >= kBlockSize; rest = rest.subspan(kBlockSize)) compress(state, rest.data());

  std::array<std::uint8_t, 2 * kBlockSize> last{};
  std::copy(rest.begin(), rest.end(), last.begin());
  last[rest.size()] = 0x80;
  const std::size_t size =
      rest.size() + 1 + kLengthSize <= kBlockSize ? kBlockSize : 2 * kBlockSize;
  for (std::size_t i = 0; i < kLengthSize; ++i)
    last[size - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  for (std::size_t at = 0; at < size; at += kBlockSize) compress(state, last.data() + at);
  return digestOf(state);
}

Digest hashDigest(Compress compress, const Digest& digest) noexcept {
  return finish(compress, kInitialState, 0, digest);
}

Digest hashHeader(Compress compress, const Header& header) noexcept {
  return hashDigest(compress, finish(compress, kInitialState, 0, header));
}

}  // namespace miner::hash
