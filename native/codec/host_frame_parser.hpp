#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/bm13xx_frame.hpp"
#include "codec/byte_buffer.hpp"

namespace miner::codec {

enum class HostFrameKind : std::uint8_t {
  kSetAddress,
  kChainInactive,
  kWriteRegister,
  kReadRegister,
  kJob
};

/// A frame of the host whose CRC is good.
struct HostFrame {
  HostFrameKind kind = HostFrameKind::kSetAddress;
  bool broadcast = false;
  /// setAddress: the new address; write and read: the chip (0 when broadcast).
  std::uint8_t address = 0;
  std::uint8_t registerAddress = 0;
  /// writeRegister only.
  std::uint32_t value = 0;
  /// job only.
  JobFields job;
  std::uint8_t lengthByte = 0;
  /// Bytes of `raw` in use.
  std::uint8_t size = 0;
  std::array<std::uint8_t, kMaxHostFrameSize> raw{};
};

struct HostFrameCounters {
  std::uint64_t frames = 0;
  std::uint64_t crcErrors = 0;
  std::uint64_t garbageBytes = 0;
};

/// Finds host frames in a byte stream; the counterpart of ResponseParser for recorded wires.
/// After a bad frame it drops one byte and hunts again. One owner; never allocates.
class HostFrameParser {
 public:
  /// Takes as many bytes as fit and returns their number; never 0 once `next` returned false.
  std::size_t feed(std::span<const std::uint8_t> bytes) noexcept;
  /// Takes the next good frame; false when there is none complete.
  bool next(HostFrame& out) noexcept;
  /// As `next`, when no more bytes come: what cannot become a frame is garbage, nothing waits.
  bool nextAtEnd(HostFrame& out) noexcept;

  const HostFrameCounters& counters() const noexcept { return counters_; }
  std::size_t waitingBytes() const noexcept { return buffer_.waiting().size(); }
  /// Bytes turned into frames or garbage since construction.
  std::uint64_t consumedBytes() const noexcept { return buffer_.consumedBytes(); }

 private:
  bool parseNext(HostFrame& out, bool isEnd) noexcept;
  void dropByte() noexcept;
  void take(std::size_t size, HostFrame& out) noexcept;

  static constexpr std::size_t kCapacity = 1024;
  ByteBuffer<kCapacity> buffer_;
  HostFrameCounters counters_;
};

}  // namespace miner::codec
