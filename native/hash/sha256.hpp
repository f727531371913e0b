#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

/// SHA-256 and SHA-256d as Bitcoin uses them. Documented: FIPS 180-4.
/// Every function is pure, allocates nothing and may be called from any thread.
namespace miner::hash {

/// 32 bytes in the order the algorithm gives them out: as a number it is little-endian (`hashLe`).
using Digest = std::array<std::uint8_t, 32>;

/// A block header as it is hashed.
using Header = std::array<std::uint8_t, 80>;

/// State after the first 64 bytes of a message.
struct Midstate {
  std::array<std::uint32_t, 8> words;
};

/// SHA-256 of a message of any length.
Digest sha256(std::span<const std::uint8_t> message) noexcept;

/// SHA-256 of SHA-256 of a message of any length.
Digest sha256d(std::span<const std::uint8_t> message) noexcept;

/// State after the first 64 bytes of a header.
Midstate midstateOf(std::span<const std::uint8_t, 64> block) noexcept;

/// SHA-256d of an 80-byte header given the state after 64 bytes and its last 16 bytes.
Digest sha256dFromMidstate(const Midstate& midstate,
                           std::span<const std::uint8_t, 16> tail) noexcept;

/// SHA-256d of several headers, `laneCount()` at a time. `out` is at least as long as `headers`.
void sha256dHeaders(std::span<const Header> headers, std::span<Digest> out) noexcept;

/// One way to hash that is built into this program.
struct Implementation {
  const char* name;
  /// Headers hashed by one call of `hashHeaders`.
  std::size_t lanes;
  /// True when this CPU can run it.
  bool (*isSupported)() noexcept;
  /// SHA-256d of exactly `lanes` headers.
  void (*hashHeaders)(const Header* headers, Digest* out) noexcept;
  /// Adds one 64-byte block to a state; null for implementations of several lanes.
  void (*compress)(std::array<std::uint32_t, 8>& state, const std::uint8_t* block) noexcept;
};

/// Every implementation that this CPU can run, the portable one first.
std::span<const Implementation> implementations() noexcept;

/// Lanes of the implementation that `sha256dHeaders` uses.
std::size_t laneCount() noexcept;

/// Name of the implementation that `sha256dHeaders` uses.
const char* implementationName() noexcept;

/// True when the hash, as a little-endian 256-bit number, is at or below the target.
bool hashMeetsTarget(const Digest& hashLe, const std::array<std::uint8_t, 32>& targetLe) noexcept;

}  // namespace miner::hash
