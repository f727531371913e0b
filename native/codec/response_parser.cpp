#include "codec/response_parser.hpp"

#include <algorithm>

#include "codec/crc5.hpp"

namespace miner::codec {

namespace {

constexpr std::size_t kPreambleSize = 2;
constexpr std::size_t kShortSize = 9;
constexpr std::size_t kLongSize = 11;

constexpr std::uint8_t kKindMask = 0xE0;
constexpr std::uint8_t kKindRegister = 0x00;
constexpr std::uint8_t kKindNonce = 0x80;

bool hasGoodCrc(std::span<const std::uint8_t> frame) noexcept {
  return crc5(frame.subspan(kPreambleSize)) == 0;
}

bool hasGoodKind(std::span<const std::uint8_t> frame) noexcept {
  const std::uint8_t kind = frame.back() & kKindMask;
  return kind == kKindRegister || kind == kKindNonce;
}

bool isGood(std::span<const std::uint8_t> frame) noexcept {
  return hasGoodCrc(frame) && hasGoodKind(frame);
}

/// True when the bytes begin a frame as far as they go; silence counts as a good follower.
bool mayBeginFrame(std::span<const std::uint8_t> bytes) noexcept {
  return (bytes.empty() || bytes[0] == 0xAA) && (bytes.size() < 2 || bytes[1] == 0x55);
}

}  // namespace

std::size_t ResponseParser::feed(std::span<const std::uint8_t> bytes) noexcept {
  return buffer_.append(bytes);
}

bool ResponseParser::next(Response& out) noexcept { return parseNext(out, false); }

bool ResponseParser::nextAtEnd(Response& out) noexcept { return parseNext(out, true); }

bool ResponseParser::parseNext(Response& out, bool isEnd) noexcept {
  const bool isEither = length_ == ResponseLength::kEither;
  const std::size_t longest = isEither ? kLongSize : static_cast<std::size_t>(length_);
  const std::size_t shortest = isEither ? kShortSize : longest;
  for (auto bytes = buffer_.waiting(); !bytes.empty(); bytes = buffer_.waiting()) {
    if (mayBeginFrame(bytes)) {
      if (bytes.size() < longest && !isEnd) return false;
      if (const std::size_t length = goodLength(bytes, longest, shortest); length != 0) {
        take(length, out);
        return true;
      }
      if (bytes.size() >= shortest) {
        if (hasGoodCrc(bytes.first(std::min(bytes.size(), longest))))
          ++counters_.kindErrors;
        else
          ++counters_.crcErrors;
      }
    }
    dropByte();
  }
  return false;
}

std::size_t ResponseParser::goodLength(std::span<const std::uint8_t> bytes, std::size_t longest,
                                       std::size_t shortest) const noexcept {
  if (bytes.size() >= longest && isGood(bytes.first(longest))) return longest;
  if (shortest == longest || bytes.size() < shortest || !isGood(bytes.first(shortest))) return 0;
  // The first 9 bytes of an 11-byte frame pass by chance now and then; what follows tells, or
  // else what came before.
  return lastLength_ == shortest || mayBeginFrame(bytes.subspan(shortest)) ? shortest : 0;
}

void ResponseParser::dropByte() noexcept {
  buffer_.consume(1);
  ++counters_.garbageBytes;
}

void ResponseParser::take(std::size_t length, Response& out) noexcept {
  out = Response{};
  out.length = static_cast<std::uint8_t>(length);
  std::copy_n(buffer_.waiting().begin(), length, out.raw.begin());
  if ((out.raw[length - 1] & kKindMask) == kKindNonce) {
    out.kind = ResponseKind::kNonce;
    std::copy_n(out.raw.begin() + kPreambleSize, out.nonceWire.size(), out.nonceWire.begin());
    out.excess = out.raw[6];
    out.jobIdByte = out.raw[7];
    if (length == kLongSize)
      out.versionField = static_cast<std::uint16_t>(out.raw[8] << 8 | out.raw[9]);
  } else {
    out.kind = ResponseKind::kRegister;
    out.value = static_cast<std::uint32_t>(out.raw[2]) << 24 |
                static_cast<std::uint32_t>(out.raw[3]) << 16 |
                static_cast<std::uint32_t>(out.raw[4]) << 8 | out.raw[5];
    out.chipAddress = out.raw[6];
    out.registerAddress = out.raw[7];
  }
  buffer_.consume(length);
  lastLength_ = out.length;
  ++counters_.frames;
}

void ResponseParser::reset() noexcept {
  buffer_.clear();
  lastLength_ = 0;
}

}  // namespace miner::codec
