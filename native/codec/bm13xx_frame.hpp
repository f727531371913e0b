#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

/// Frames of full-header BM13xx chips (BM1362, BM1366, BM1368, BM1370), host to chip.
/// Documented: fact sheet BM13xx, sections 3.1 and 4.1. Pure; any thread; no allocation.
namespace miner::codec {

inline constexpr std::size_t kShortCommandSize = 7;
inline constexpr std::size_t kWriteCommandSize = 11;
inline constexpr std::size_t kJobFrameSize = 88;
inline constexpr std::size_t kMaxHostFrameSize = kJobFrameSize;

/// What follows 55 AA.
inline constexpr std::uint8_t kHeaderSetAddress = 0x40;
inline constexpr std::uint8_t kHeaderWrite = 0x41;
inline constexpr std::uint8_t kHeaderRead = 0x42;
inline constexpr std::uint8_t kHeaderWriteAll = 0x51;
inline constexpr std::uint8_t kHeaderReadAll = 0x52;
inline constexpr std::uint8_t kHeaderInactive = 0x53;
inline constexpr std::uint8_t kHeaderJob = 0x21;

/// Length bytes of an 88-byte job seen on wires; chips take them all.
inline constexpr std::uint8_t kJobLengthTrue = 0x56;
inline constexpr std::uint8_t kJobLengthStock = 0x36;
inline constexpr std::uint8_t kJobLengthGekko = 0xFF;

using ShortCommand = std::span<std::uint8_t, kShortCommandSize>;
using WriteCommand = std::span<std::uint8_t, kWriteCommandSize>;
using JobFrame = std::span<std::uint8_t, kJobFrameSize>;

/// One chip by its address, or every chip of the chain.
struct CommandTarget {
  bool broadcast;
  std::uint8_t address;

  static constexpr CommandTarget all() noexcept { return {true, 0}; }
  static constexpr CommandTarget chip(std::uint8_t address) noexcept { return {false, address}; }
};

/// The header fields of a job. Hashes are in header order, numbers in host order.
struct JobFields {
  /// Multiple of 8.
  std::uint8_t jobByte = 0;
  std::uint32_t nbits = 0;
  std::uint32_t ntime = 0;
  /// Rolled bits zero: the chip ORs them in.
  std::uint32_t version = 0;
  std::array<std::uint8_t, 32> merkleRoot{};
  std::array<std::uint8_t, 32> prevhash{};
};

/// The first chip without an address takes this one.
void encodeSetAddress(ShortCommand out, std::uint8_t address) noexcept;
/// All chips drop their addresses.
void encodeChainInactive(ShortCommand out) noexcept;
void encodeReadRegister(ShortCommand out, CommandTarget target,
                        std::uint8_t registerAddress) noexcept;
void encodeWriteRegister(WriteCommand out, CommandTarget target, std::uint8_t registerAddress,
                         std::uint32_t value) noexcept;
void encodeJob(JobFrame out, const JobFields& job,
               std::uint8_t lengthByte = kJobLengthTrue) noexcept;

/// Fields of a job frame whose CRC is known to be good.
JobFields decodeJob(std::span<const std::uint8_t, kJobFrameSize> frame) noexcept;

/// The 80 bytes that a chip hashes for this job, version and nonce (four bytes, wire order).
std::array<std::uint8_t, 80> headerOf(const JobFields& job, std::uint32_t version,
                                      const std::array<std::uint8_t, 4>& nonceWire) noexcept;

}  // namespace miner::codec
