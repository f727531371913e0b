#pragma once

#include <cstdint>
#include <string_view>

/// What differs between the full-header chip families on the wire.
/// Documented: fact sheet BM13xx, sections 1, 4.3, 5 and 6. Pure; any thread.
namespace miner::codec {

enum class ChipModel : std::uint8_t { kBm1362, kBm1366, kBm1368, kBm1370 };

struct ChipFamily {
  ChipModel model;
  std::string_view name;
  /// Upper half of register 0x00.
  std::uint16_t chipId;
  std::uint16_t cores;
  /// Hash units of a core; all work on one nonce with different versions.
  std::uint8_t subcores;
  /// Hashes per clock of a chip.
  std::uint16_t hashUnits;
  /// Jobs that the id in an answer can tell apart.
  std::uint8_t jobSlots;
  /// Bits of an answer's id byte that name the sub-core.
  std::uint8_t subcoreMask;
  /// The remaining bits, shifted right by this, are the job byte.
  std::uint8_t jobIdShift;
  /// From one job to the next; visits every slot.
  std::uint8_t jobByteStep;
  /// Nonces name the chip by its address even when many chips share a chain.
  bool nonceHoldsAddress;

  /// The job byte that an answer's id byte belongs to.
  constexpr std::uint8_t jobByteOf(std::uint8_t jobIdByte) const noexcept {
    return static_cast<std::uint8_t>((jobIdByte & static_cast<std::uint8_t>(~subcoreMask)) >>
                                     jobIdShift);
  }
  constexpr std::uint8_t subcoreOf(std::uint8_t jobIdByte) const noexcept {
    return jobIdByte & subcoreMask;
  }
  /// Index of a job byte in a table of `jobSlots` entries.
  constexpr std::uint8_t slotOf(std::uint8_t jobByte) const noexcept {
    return static_cast<std::uint8_t>((jobByte >> 3) % jobSlots);
  }
  /// Job byte of the n-th job; the same again after `jobSlots` jobs.
  constexpr std::uint8_t jobByteAt(std::uint32_t n) const noexcept {
    return static_cast<std::uint8_t>((n % jobSlots) * jobByteStep % (jobSlots * 8u));
  }
  /// The core that found a nonce; may be `cores` or more in a damaged answer.
  static constexpr std::uint8_t coreOf(std::uint32_t nonceMsb) noexcept {
    return static_cast<std::uint8_t>(nonceMsb >> 25);
  }
};

const ChipFamily& chipFamily(ChipModel model) noexcept;

/// The family of a printed chip name ("BM1366"); null when there is none.
const ChipFamily* findChipFamily(std::string_view name) noexcept;

/// Value of register 0x0C bits 15:0 for one chip: where its sweep starts, in units of 512 nonces.
constexpr std::uint16_t nonceOffsetOf(std::uint32_t chipIndex, std::uint32_t chips) noexcept {
  return static_cast<std::uint16_t>(chipIndex * 65536u / chips + (chipIndex > 0 ? 1u : 0u));
}

/// Finds the chip that found a nonce. A sweep may run a little over the end of its slice; such a
/// nonce counts for the next chip, because nothing in it tells the difference.
class ChipLocator {
 public:
  /// `chips` is 1..256, `addressStep` 1..256.
  ChipLocator(std::uint32_t chips, std::uint32_t addressStep, bool useNonceOffset) noexcept
      : chips_(chips), addressStep_(addressStep), useNonceOffset_(useNonceOffset) {}

  /// Index of the chip on the chain, below `chips`.
  std::uint32_t chipOf(std::uint32_t nonceMsb) const noexcept;

 private:
  std::uint32_t chips_;
  std::uint32_t addressStep_;
  bool useNonceOffset_;
};

}  // namespace miner::codec
