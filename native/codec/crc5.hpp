#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace miner::codec {

/// Initial value of every CRC5 on the wire.
inline constexpr std::uint8_t kCrc5Init = 0x1F;

namespace detail {

consteval std::array<std::uint8_t, 256> makeCrc5Table() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned index = 0; index < 256; ++index) {
    unsigned bits = index;
    for (int bit = 0; bit < 8; ++bit)
      bits = (bits & 0x80) != 0 ? (bits << 1) ^ (0x05 << 3) : bits << 1;
    table[index] = static_cast<std::uint8_t>((bits & 0xFF) >> 3);
  }
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kCrc5Table = makeCrc5Table();

}  // namespace detail

/// CRC5 of whole bytes: x^5 + x^2 + 1, most significant bit first, no reflection, no final xor.
/// A response frame after its preamble, CRC byte included, gives 0.
/// Documented: fact sheet BM13xx, section 3.3; captured frames of BM1362 to BM1397 verify.
constexpr std::uint8_t crc5(std::span<const std::uint8_t> bytes,
                            std::uint8_t crc = kCrc5Init) noexcept {
  for (const std::uint8_t byte : bytes)
    crc = detail::kCrc5Table[static_cast<std::uint8_t>((crc << 3) ^ byte)];
  return crc;
}

/// CRC5 of the first `bitCount` bits (at most all) of `bytes`.
constexpr std::uint8_t crc5Bits(std::span<const std::uint8_t> bytes,
                                std::size_t bitCount) noexcept {
  std::uint8_t crc = crc5(bytes.first(bitCount / 8));
  for (std::size_t bit = bitCount / 8 * 8; bit < bitCount; ++bit) {
    const unsigned in = (bytes[bit / 8] >> (7 - bit % 8)) & 1u;
    const unsigned top = ((crc >> 4) & 1u) ^ in;
    crc = static_cast<std::uint8_t>(((crc << 1) & 0x1F) ^ (top != 0 ? 0x05 : 0x00));
  }
  return crc;
}

}  // namespace miner::codec
