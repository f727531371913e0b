#include "codec/bm13xx_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "../hex.hpp"
#include "codec/crc16.hpp"
#include "codec/crc5.hpp"
#include "codec/host_frame_parser.hpp"

using miner::test::bytesOf;
using miner::test::hexOf;
using namespace miner::codec;

namespace {

// Captured: Bitaxe Gamma log of 2025-06-19.
const std::string kGammaJob =
    "55aa2156680100000000043a0217d76854685519a7cb044f88726355919e61a98bcf71a0c28795ea54db8c36414b06"
    "dd"
    "f5f00000000000000000965201001d3996bca3f4670dfcd4f201c162b96dfd55646b00000020721c";
const std::string kGammaHeader =
    "0040b420fd55646bc162b96dfcd4f201a3f4670d1d3996bc96520100000000000000000006ddf5f08c36414b95ea54"
    "db71a0c28761a98bcf6355919e044f88725519a7cbd7685468043a02174c035275";
const std::string kReadAll = "55aa520500000a";
const std::string kBaud =
    "55aa5109002811300200"
    "03";

std::array<std::uint8_t, kJobFrameSize> gammaFrame() {
  std::array<std::uint8_t, kJobFrameSize> frame;
  const auto bytes = bytesOf(kGammaJob);
  std::copy(bytes.begin(), bytes.end(), frame.begin());
  return frame;
}

std::vector<HostFrame> parse(const std::vector<std::uint8_t>& bytes, HostFrameCounters& counters,
                             std::size_t burst = 4096) {
  HostFrameParser parser;
  std::vector<HostFrame> frames;
  HostFrame frame;
  for (std::size_t at = 0; at < bytes.size();) {
    at += parser.feed(std::span{bytes}.subspan(at, std::min(burst, bytes.size() - at)));
    while (parser.next(frame)) frames.push_back(frame);
  }
  while (parser.nextAtEnd(frame)) frames.push_back(frame);
  counters = parser.counters();
  std::size_t used = 0;
  for (const auto& each : frames) used += each.size;
  CHECK(used + counters.garbageBytes == bytes.size());
  CHECK(parser.consumedBytes() == bytes.size());
  return frames;
}

}  // namespace

TEST_CASE("CRC5 of the check string and of whole and partial bytes") {
  const auto check = bytesOf("313233343536373839");
  CHECK(crc5(check) == 0x0f);
  CHECK(crc5({}) == 0x1f);
  const auto response = bytesOf("4c0352750cd205a29c");
  CHECK(crc5(response) == 0);
  CHECK(crc5Bits(response, 8 * 8) == 0x01);
  CHECK(crc5Bits(response, 9 * 8 - 5) == 0x1c);
  CHECK(crc5Bits(check, 72) == crc5(check));
}

TEST_CASE("CRC16 of the check string") {
  CHECK(crc16(bytesOf("313233343536373839")) == 0x29b1);
  CHECK(crc16({}) == 0xffff);
}

TEST_CASE("commands equal the captured frames") {
  std::array<std::uint8_t, kShortCommandSize> command;
  std::array<std::uint8_t, kWriteCommandSize> write;
  encodeReadRegister(command, CommandTarget::all(), 0x00);
  CHECK(hexOf(command) == kReadAll);
  encodeReadRegister(command, CommandTarget::chip(0x02), 0x8c);
  CHECK(hexOf(command) == "55aa4205028c04");
  encodeChainInactive(command);
  CHECK(hexOf(command) == "55aa5305000003");
  encodeSetAddress(command, 0x04);
  CHECK(hexOf(command) == "55aa4005040003");
  encodeWriteRegister(write, CommandTarget::all(), 0x28, 0x11300200);
  CHECK(hexOf(write) == kBaud);
  encodeWriteRegister(write, CommandTarget::chip(0x02), 0x0c, 0x800003f1);
  CHECK(hexOf(write) == "55aa4109020c800003f103");
}

TEST_CASE("a captured job decodes, encodes to itself and rebuilds its header") {
  const auto captured = gammaFrame();
  const JobFields job = decodeJob(captured);
  CHECK(job.jobByte == 0x68);
  CHECK(job.nbits == 0x17023a04);
  CHECK(job.ntime == 0x685468d7);
  CHECK(job.version == 0x20000000);
  std::array<std::uint8_t, kJobFrameSize> frame;
  encodeJob(frame, job);
  CHECK(hexOf(frame) == kGammaJob);
  CHECK(hexOf(headerOf(job, 0x20b44000, {0x4c, 0x03, 0x52, 0x75})) == kGammaHeader);
}

TEST_CASE("a job is found with every length byte that hosts send") {
  JobFields job = decodeJob(gammaFrame());
  for (const std::uint8_t lengthByte : {kJobLengthTrue, kJobLengthStock, kJobLengthGekko}) {
    std::array<std::uint8_t, kJobFrameSize> frame;
    encodeJob(frame, job, lengthByte);
    std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
    const auto read = bytesOf(kReadAll);
    bytes.insert(bytes.end(), read.begin(), read.end());
    HostFrameCounters counters;
    for (const std::size_t burst : {std::size_t{1}, std::size_t{4096}}) {
      const auto frames = parse(bytes, counters, burst);
      REQUIRE(frames.size() == 2);
      CHECK(frames[0].kind == HostFrameKind::kJob);
      CHECK(frames[0].lengthByte == lengthByte);
      CHECK(frames[0].job.merkleRoot == job.merkleRoot);
      CHECK(frames[0].job.prevhash == job.prevhash);
      CHECK(frames[1].kind == HostFrameKind::kReadRegister);
      CHECK(frames[1].broadcast);
      CHECK(counters.garbageBytes == 0);
    }
  }
}

TEST_CASE("host frames give their fields") {
  HostFrameCounters counters;
  const auto frames = parse(bytesOf("55aa4005060"
                                    "01e"
                                    "55aa4109020c800003f103"
                                    "55aa5305000003"),
                            counters);
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].kind == HostFrameKind::kSetAddress);
  CHECK(frames[0].address == 6);
  CHECK_FALSE(frames[0].broadcast);
  CHECK(frames[1].kind == HostFrameKind::kWriteRegister);
  CHECK(frames[1].address == 2);
  CHECK(frames[1].registerAddress == 0x0c);
  CHECK(frames[1].value == 0x800003f1);
  CHECK(frames[2].kind == HostFrameKind::kChainInactive);
  CHECK(frames[2].broadcast);
}

TEST_CASE("a damaged host frame is garbage and the next one is found") {
  const auto good = bytesOf(kBaud);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (0x80u >> (bit % 8)));
    const auto read = bytesOf(kReadAll);
    // Room for a flip that makes the frame look like a job.
    bytes.insert(bytes.end(), read.begin(), read.end());
    HostFrameCounters counters;
    const auto frames = parse(bytes, counters);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].kind == HostFrameKind::kReadRegister);
    CHECK(counters.garbageBytes == good.size());
  }
}

TEST_CASE("one flipped bit or lost byte in a job is always noticed") {
  const auto good = bytesOf(kGammaJob);
  HostFrameCounters counters;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (0x80u >> (bit % 8)));
    for (const auto& frame : parse(bytes, counters)) CHECK(frame.kind != HostFrameKind::kJob);
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bytes = good;
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
    CHECK(parse(bytes, counters).empty());
  }
}
