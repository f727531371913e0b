#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/byte_buffer.hpp"

/// Frames of BM13xx chips, chip to host, out of a stream of bytes that may be damaged.
/// Documented: fact sheet BM13xx, sections 3.2, 5 and 14.
namespace miner::codec {

inline constexpr std::size_t kMaxResponseSize = 11;

enum class ResponseKind : std::uint8_t { kRegister, kNonce };

/// Length of the answers on a wire. A chip answers in 9 bytes until it got a write to 0xA4.
enum class ResponseLength : std::uint8_t { kNine = 9, kEleven = 11, kEither = 0 };

/// A frame whose CRC5 and kind bits are good. One damaged frame of 32 passes the CRC, so a nonce
/// counts only after its hash is checked.
struct Response {
  ResponseKind kind = ResponseKind::kRegister;
  /// Bytes of `raw` in use: 9 or 11.
  std::uint8_t length = 0;
  std::array<std::uint8_t, kMaxResponseSize> raw{};

  // kRegister
  std::uint32_t value = 0;
  std::uint8_t chipAddress = 0;
  std::uint8_t registerAddress = 0;

  // kNonce
  /// Header order.
  std::array<std::uint8_t, 4> nonceWire{};
  std::uint8_t excess = 0;
  std::uint8_t jobIdByte = 0;
  /// Header version bits 28:13; 0 in a frame of 9 bytes.
  std::uint16_t versionField = 0;

  /// The nonce bytes as a big-endian number, as the layouts of core and chip count bits.
  std::uint32_t nonceMsb() const noexcept {
    return static_cast<std::uint32_t>(nonceWire[0]) << 24 |
           static_cast<std::uint32_t>(nonceWire[1]) << 16 |
           static_cast<std::uint32_t>(nonceWire[2]) << 8 | nonceWire[3];
  }
  /// The nonce as the number a header holds and mining.submit prints.
  std::uint32_t nonceLe() const noexcept {
    return static_cast<std::uint32_t>(nonceWire[3]) << 24 |
           static_cast<std::uint32_t>(nonceWire[2]) << 16 |
           static_cast<std::uint32_t>(nonceWire[1]) << 8 | nonceWire[0];
  }
};

struct ResponseCounters {
  /// Good frames.
  std::uint64_t frames = 0;
  /// Places that began like a frame and failed the CRC.
  std::uint64_t crcErrors = 0;
  /// Places with a good CRC and kind bits that no chip sends.
  std::uint64_t kindErrors = 0;
  /// Bytes thrown away.
  std::uint64_t garbageBytes = 0;
};

/// Finds responses in a byte stream. After a bad frame it drops one byte and hunts again; a
/// preamble inside a good frame is payload. Not thread-safe: one owner. Never allocates.
class ResponseParser {
 public:
  explicit ResponseParser(ResponseLength length = ResponseLength::kNine) noexcept
      : length_(length) {}

  /// Counts for bytes that were not parsed yet, waiting ones included.
  void setFrameLength(ResponseLength length) noexcept { length_ = length; }

  /// Takes as many bytes as fit and returns their number; all fit once `next` has returned false,
  /// if there are at most `kRoom`.
  std::size_t feed(std::span<const std::uint8_t> bytes) noexcept;

  /// Takes the next good frame; false when there is none complete.
  bool next(Response& out) noexcept;

  /// As `next`, when no more bytes come: what cannot become a frame is garbage, nothing waits.
  bool nextAtEnd(Response& out) noexcept;

  /// Feeds all of `bytes` and calls `handle(const Response&)` for each good frame.
  template <typename Handle>
  void parse(std::span<const std::uint8_t> bytes, Handle&& handle) {
    Response response;
    while (!bytes.empty()) {
      bytes = bytes.subspan(feed(bytes));
      while (next(response)) handle(static_cast<const Response&>(response));
    }
  }

  /// Forgets waiting bytes without counting them; counters stay.
  void reset() noexcept;

  const ResponseCounters& counters() const noexcept { return counters_; }
  /// Bytes that may still become a frame.
  std::size_t waitingBytes() const noexcept { return buffer_.waiting().size(); }
  /// Bytes turned into frames or garbage since construction.
  std::uint64_t consumedBytes() const noexcept { return buffer_.consumedBytes(); }

  static constexpr std::size_t kCapacity = 1024;
  /// Bytes that `feed` always takes after `next` returned false.
  static constexpr std::size_t kRoom = kCapacity - kMaxResponseSize;

 private:
  bool parseNext(Response& out, bool isEnd) noexcept;
  /// Length of the good frame that `bytes` begin with; 0 when there is none.
  std::size_t goodLength(std::span<const std::uint8_t> bytes, std::size_t longest,
                         std::size_t shortest) const noexcept;
  void dropByte() noexcept;
  void take(std::size_t length, Response& out) noexcept;

  ByteBuffer<kCapacity> buffer_;
  ResponseLength length_;
  /// Length of the last good frame; decides doubtful places of `kEither`.
  std::uint8_t lastLength_ = 0;
  ResponseCounters counters_;
};

}  // namespace miner::codec
