#include "codec/bm13xx_frame.hpp"

#include <algorithm>

#include "codec/crc16.hpp"
#include "codec/crc5.hpp"

namespace miner::codec {

namespace {

constexpr std::size_t kPreambleSize = 2;
constexpr std::size_t kHashSize = 32;
constexpr std::size_t kWordSize = 4;

// Offsets in a job frame. Documented: fact sheet BM13xx, section 4.1.
constexpr std::size_t kJobByteAt = 4;
constexpr std::size_t kMidstatesAt = 5;
constexpr std::size_t kStartNonceAt = 6;
constexpr std::size_t kNbitsAt = 10;
constexpr std::size_t kNtimeAt = 14;
constexpr std::size_t kMerkleRootAt = 18;
constexpr std::size_t kPrevhashAt = 50;
constexpr std::size_t kVersionAt = 82;
constexpr std::size_t kCrc16At = 86;

void putLe32(std::span<std::uint8_t> out, std::uint32_t value) noexcept {
  for (std::size_t index = 0; index < 4; ++index)
    out[index] = static_cast<std::uint8_t>(value >> (8 * index));
}

void putBe32(std::span<std::uint8_t> out, std::uint32_t value) noexcept {
  for (std::size_t index = 0; index < 4; ++index)
    out[index] = static_cast<std::uint8_t>(value >> (24 - 8 * index));
}

std::uint32_t getLe32(std::span<const std::uint8_t> in) noexcept {
  return static_cast<std::uint32_t>(in[0]) | static_cast<std::uint32_t>(in[1]) << 8 |
         static_cast<std::uint32_t>(in[2]) << 16 | static_cast<std::uint32_t>(in[3]) << 24;
}

/// Words of four bytes in reverse order, bytes of a word untouched. Its own inverse.
void copyWordsReversed(std::span<std::uint8_t, kHashSize> out,
                       std::span<const std::uint8_t, kHashSize> in) noexcept {
  for (std::size_t at = 0; at < kHashSize; at += kWordSize)
    std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(at), kWordSize,
                out.begin() + static_cast<std::ptrdiff_t>(kHashSize - kWordSize - at));
}

/// Writes preamble, header and length byte, and the CRC5 over header to payload.
void frameCommand(std::span<std::uint8_t> out, std::uint8_t header) noexcept {
  out[0] = 0x55;
  out[1] = 0xAA;
  out[2] = header;
  out[3] = static_cast<std::uint8_t>(out.size() - kPreambleSize);
  out.back() = crc5(out.first(out.size() - 1).subspan(kPreambleSize));
}

void encodeShort(ShortCommand out, std::uint8_t header, std::uint8_t first,
                 std::uint8_t second) noexcept {
  out[4] = first;
  out[5] = second;
  frameCommand(out, header);
}

}  // namespace

void encodeSetAddress(ShortCommand out, std::uint8_t address) noexcept {
  encodeShort(out, kHeaderSetAddress, address, 0);
}

void encodeChainInactive(ShortCommand out) noexcept { encodeShort(out, kHeaderInactive, 0, 0); }

void encodeReadRegister(ShortCommand out, CommandTarget target,
                        std::uint8_t registerAddress) noexcept {
  encodeShort(out, target.broadcast ? kHeaderReadAll : kHeaderRead, target.address,
              registerAddress);
}

void encodeWriteRegister(WriteCommand out, CommandTarget target, std::uint8_t registerAddress,
                         std::uint32_t value) noexcept {
  out[4] = target.address;
  out[5] = registerAddress;
  putBe32(out.subspan(6), value);
  frameCommand(out, target.broadcast ? kHeaderWriteAll : kHeaderWrite);
}

void encodeJob(JobFrame out, const JobFields& job, std::uint8_t lengthByte) noexcept {
  out[0] = 0x55;
  out[1] = 0xAA;
  out[2] = kHeaderJob;
  out[3] = lengthByte;
  out[kJobByteAt] = job.jobByte;
  // The number of midstates: without meaning in a full-header job, 1 in every capture.
  out[kMidstatesAt] = 1;
  putLe32(out.subspan<kStartNonceAt>(), 0);
  putLe32(out.subspan<kNbitsAt>(), job.nbits);
  putLe32(out.subspan<kNtimeAt>(), job.ntime);
  copyWordsReversed(out.subspan<kMerkleRootAt, kHashSize>(), job.merkleRoot);
  copyWordsReversed(out.subspan<kPrevhashAt, kHashSize>(), job.prevhash);
  putLe32(out.subspan<kVersionAt>(), job.version);
  const std::uint16_t crc = crc16(out.subspan<kPreambleSize, kCrc16At - kPreambleSize>());
  out[kCrc16At] = static_cast<std::uint8_t>(crc >> 8);
  out[kCrc16At + 1] = static_cast<std::uint8_t>(crc & 0xFF);
}

JobFields decodeJob(std::span<const std::uint8_t, kJobFrameSize> frame) noexcept {
  JobFields job;
  job.jobByte = frame[kJobByteAt];
  job.nbits = getLe32(frame.subspan<kNbitsAt>());
  job.ntime = getLe32(frame.subspan<kNtimeAt>());
  job.version = getLe32(frame.subspan<kVersionAt>());
  copyWordsReversed(job.merkleRoot, frame.subspan<kMerkleRootAt, kHashSize>());
  copyWordsReversed(job.prevhash, frame.subspan<kPrevhashAt, kHashSize>());
  return job;
}

std::array<std::uint8_t, 80> headerOf(const JobFields& job, std::uint32_t version,
                                      const std::array<std::uint8_t, 4>& nonceWire) noexcept {
  std::array<std::uint8_t, 80> header;
  const std::span<std::uint8_t, 80> out{header};
  putLe32(out, version);
  std::copy(job.prevhash.begin(), job.prevhash.end(), out.subspan<4>().begin());
  std::copy(job.merkleRoot.begin(), job.merkleRoot.end(), out.subspan<36>().begin());
  putLe32(out.subspan<68>(), job.ntime);
  putLe32(out.subspan<72>(), job.nbits);
  std::copy(nonceWire.begin(), nonceWire.end(), out.subspan<76>().begin());
  return header;
}

}  // namespace miner::codec
