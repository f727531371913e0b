#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace miner::test {

/// Bytes of lower-case hex without blanks.
inline std::vector<std::uint8_t> bytesOf(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[at]) << 4 | digit(hex[at + 1])));
  return bytes;
}

/// Lower-case hex of any range of bytes.
template <typename Bytes>
std::string hexOf(const Bytes& bytes) {
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace miner::test
