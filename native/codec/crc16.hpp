#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace miner::codec {

namespace detail {

consteval std::array<std::uint16_t, 256> makeCrc16Table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned index = 0; index < 256; ++index) {
    unsigned bits = index << 8;
    for (int bit = 0; bit < 8; ++bit)
      bits = (bits & 0x8000) != 0 ? (bits << 1) ^ 0x1021 : bits << 1;
    table[index] = static_cast<std::uint16_t>(bits & 0xFFFF);
  }
  return table;
}

inline constexpr std::array<std::uint16_t, 256> kCrc16Table = makeCrc16Table();

}  // namespace detail

/// CRC16 of job frames (CCITT-FALSE): polynomial 0x1021, initial 0xFFFF, no reflection, no final
/// xor. Documented: fact sheet BM13xx, section 3.4; captured job frames verify.
constexpr std::uint16_t crc16(std::span<const std::uint8_t> bytes) noexcept {
  unsigned crc = 0xFFFF;
  for (const std::uint8_t byte : bytes)
    crc = ((crc << 8) & 0xFFFF) ^ detail::kCrc16Table[(crc >> 8) ^ byte];
  return static_cast<std::uint16_t>(crc);
}

}  // namespace miner::codec
