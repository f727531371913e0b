#include "codec/host_frame_parser.hpp"

#include <algorithm>

#include "codec/crc16.hpp"
#include "codec/crc5.hpp"

namespace miner::codec {

namespace {

constexpr std::size_t kPreambleSize = 2;
/// Preamble, header and length byte: what tells the size.
constexpr std::size_t kSizedFrom = 4;
constexpr std::uint8_t kShortLength = kShortCommandSize - kPreambleSize;
constexpr std::uint8_t kWriteLength = kWriteCommandSize - kPreambleSize;

/// Size of the frame with this header and length byte; 0 when no host sends it.
std::size_t sizeOf(std::uint8_t header, std::uint8_t lengthByte) noexcept {
  switch (header) {
    case kHeaderSetAddress:
    case kHeaderRead:
    case kHeaderReadAll:
    case kHeaderInactive:
      return lengthByte == kShortLength ? kShortCommandSize : 0;
    case kHeaderWrite:
    case kHeaderWriteAll:
      return lengthByte == kWriteLength ? kWriteCommandSize : 0;
    case kHeaderJob:
      return lengthByte == kJobLengthTrue || lengthByte == kJobLengthStock ||
                     lengthByte == kJobLengthGekko
                 ? kJobFrameSize
                 : 0;
    default:
      return 0;
  }
}

HostFrameKind kindOf(std::uint8_t header) noexcept {
  switch (header) {
    case kHeaderSetAddress:
      return HostFrameKind::kSetAddress;
    case kHeaderInactive:
      return HostFrameKind::kChainInactive;
    case kHeaderWrite:
    case kHeaderWriteAll:
      return HostFrameKind::kWriteRegister;
    case kHeaderJob:
      return HostFrameKind::kJob;
    default:
      return HostFrameKind::kReadRegister;
  }
}

/// False once the bytes cannot be the beginning of a host frame.
bool mayBeginFrame(std::span<const std::uint8_t> bytes) noexcept {
  return bytes[0] == 0x55 && (bytes.size() < 2 || bytes[1] == 0xAA) &&
         (bytes.size() < kSizedFrom || sizeOf(bytes[2], bytes[3]) != 0);
}

bool hasGoodCrc(std::span<const std::uint8_t> frame) noexcept {
  const auto checked = frame.subspan(kPreambleSize);
  if (frame.size() == kJobFrameSize) return crc16(checked) == 0;
  return crc5(checked.first(checked.size() - 1)) == checked.back();
}

}  // namespace

std::size_t HostFrameParser::feed(std::span<const std::uint8_t> bytes) noexcept {
  return buffer_.append(bytes);
}

bool HostFrameParser::next(HostFrame& out) noexcept { return parseNext(out, false); }

bool HostFrameParser::nextAtEnd(HostFrame& out) noexcept { return parseNext(out, true); }

bool HostFrameParser::parseNext(HostFrame& out, bool isEnd) noexcept {
  for (auto bytes = buffer_.waiting(); !bytes.empty(); bytes = buffer_.waiting()) {
    if (mayBeginFrame(bytes)) {
      const std::size_t size =
          bytes.size() < kSizedFrom ? kMaxHostFrameSize : sizeOf(bytes[2], bytes[3]);
      if (bytes.size() < size) {
        if (!isEnd) return false;
      } else if (hasGoodCrc(bytes.first(size))) {
        take(size, out);
        return true;
      } else {
        ++counters_.crcErrors;
      }
    }
    dropByte();
  }
  return false;
}

void HostFrameParser::dropByte() noexcept {
  buffer_.consume(1);
  ++counters_.garbageBytes;
}

void HostFrameParser::take(std::size_t size, HostFrame& out) noexcept {
  out = HostFrame{};
  out.size = static_cast<std::uint8_t>(size);
  std::copy_n(buffer_.waiting().begin(), size, out.raw.begin());
  const auto& raw = out.raw;
  out.kind = kindOf(raw[2]);
  out.lengthByte = raw[3];
  out.broadcast =
      raw[2] == kHeaderWriteAll || raw[2] == kHeaderReadAll || raw[2] == kHeaderInactive;
  if (out.kind == HostFrameKind::kJob) {
    out.job = decodeJob(raw);
  } else {
    out.address = raw[4];
    out.registerAddress = raw[5];
  }
  if (out.kind == HostFrameKind::kWriteRegister)
    out.value = static_cast<std::uint32_t>(raw[6]) << 24 |
                static_cast<std::uint32_t>(raw[7]) << 16 | static_cast<std::uint32_t>(raw[8]) << 8 |
                raw[9];
  buffer_.consume(size);
  ++counters_.frames;
}

}  // namespace miner::codec
