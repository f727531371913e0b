#include "codec/response_parser.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "../hex.hpp"

using miner::test::bytesOf;
using miner::test::hexOf;
using namespace miner::codec;

namespace {

// Captured: BM1366 and BM1370 nonces, BM1370 chip id.
const std::string kNonceA = "aa550735cdcf025e002e96";
const std::string kNonceB = "aa55460332e700c32c8399";
const std::string kNonceC = "aa554c0352750cd205a29c";
const std::string kChipId11 = "aa55137000000000000010";
const std::string kChipId9 = "aa5513700000000006";

struct Parsed {
  std::vector<std::string> frames;
  ResponseCounters counters;
  std::size_t waiting = 0;
};

std::string rawHex(const Response& response) {
  return hexOf(std::span{response.raw}.first(response.length));
}

Parsed parse(const std::vector<std::uint8_t>& bytes, ResponseLength length,
             std::size_t burst = 4096, bool isEnd = false) {
  ResponseParser parser(length);
  Parsed parsed;
  const auto keep = [&](const Response& response) { parsed.frames.push_back(rawHex(response)); };
  for (std::size_t at = 0; at < bytes.size(); at += burst)
    parser.parse(std::span{bytes}.subspan(at, std::min(burst, bytes.size() - at)), keep);
  Response response;
  while (isEnd && parser.nextAtEnd(response)) keep(response);
  parsed.counters = parser.counters();
  parsed.waiting = parser.waitingBytes();
  std::size_t used = 0;
  for (const auto& frame : parsed.frames) used += frame.size() / 2;
  CHECK(used + parsed.counters.garbageBytes + parsed.waiting == bytes.size());
  CHECK(parser.consumedBytes() + parsed.waiting == bytes.size());
  return parsed;
}

Parsed parse(const std::string& hex, ResponseLength length, bool isEnd = false) {
  const Parsed whole = parse(bytesOf(hex), length, 4096, isEnd);
  // Bytes that arrive one by one mean the same.
  CHECK(parse(bytesOf(hex), length, 1, isEnd).frames == whole.frames);
  return whole;
}

using Frames = std::vector<std::string>;

}  // namespace

TEST_CASE("a nonce of 11 bytes gives its fields") {
  ResponseParser parser(ResponseLength::kEleven);
  const auto bytes = bytesOf(kNonceC);
  CHECK(parser.feed(bytes) == bytes.size());
  Response response;
  REQUIRE(parser.next(response));
  CHECK(response.kind == ResponseKind::kNonce);
  CHECK(hexOf(response.nonceWire) == "4c035275");
  CHECK(response.nonceMsb() == 0x4c035275);
  CHECK(response.nonceLe() == 0x7552034c);
  CHECK(response.excess == 0x0c);
  CHECK(response.jobIdByte == 0xd2);
  CHECK(response.versionField == 0x05a2);
  CHECK_FALSE(parser.next(response));
}

TEST_CASE("a register answer gives its fields in both lengths") {
  for (const auto& [hex, length] :
       {std::pair{kChipId11, ResponseLength::kEleven},
        std::pair{std::string("aa550000c100001802"), ResponseLength::kNine}}) {
    ResponseParser parser(length);
    parser.feed(bytesOf(hex));
    Response response;
    REQUIRE(parser.next(response));
    CHECK(response.kind == ResponseKind::kRegister);
    CHECK(response.value == (hex == kChipId11 ? 0x13700000u : 0x0000c100u));
    CHECK(response.chipAddress == 0);
    CHECK(response.registerAddress == (hex == kChipId11 ? 0x00 : 0x18));
  }
}

TEST_CASE("noise before, between and behind frames is garbage and costs no frame") {
  const auto parsed = parse("00ffaa13" + kNonceA + "00" + kNonceB + "aa", ResponseLength::kEleven);
  CHECK(parsed.frames == Frames{kNonceA, kNonceB});
  CHECK(parsed.counters.garbageBytes == 5);
  CHECK(parsed.counters.crcErrors == 0);
  CHECK(parsed.waiting == 1);
}

TEST_CASE("a preamble inside a good frame is payload") {
  const std::string inside = "aa5512aa5534025e002e9a";
  CHECK(parse(inside + kNonceB, ResponseLength::kEleven).frames == Frames{inside, kNonceB});
  const auto cut = parse(inside.substr(2) + kNonceB, ResponseLength::kEleven);
  CHECK(cut.frames == Frames{kNonceB});
  CHECK(cut.counters.garbageBytes == 10);
}

TEST_CASE("a good CRC with kind bits that no chip sends is counted, not passed on") {
  auto bytes = bytesOf(kNonceA);
  // Kind 1 instead of 4, CRC made to fit.
  for (unsigned crc = 0; crc < 32; ++crc) {
    bytes[10] = static_cast<std::uint8_t>(0x20 | crc);
    const auto parsed = parse(bytes, ResponseLength::kEleven);
    CHECK(parsed.frames.empty());
    CHECK(parsed.counters.kindErrors + parsed.counters.crcErrors == 1);
    CHECK(parsed.counters.garbageBytes == bytes.size());
  }
}

TEST_CASE("one flipped bit is always noticed and costs that frame only") {
  const auto good = bytesOf(kNonceA + kNonceB + kNonceC);
  for (std::size_t bit = 11 * 8; bit < 22 * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (0x80u >> (bit % 8)));
    const auto parsed = parse(bytes, ResponseLength::kEleven);
    CHECK(parsed.frames == Frames{kNonceA, kNonceC});
    CHECK(parsed.counters.garbageBytes == 11);
  }
}

TEST_CASE("of all changes of one byte in a frame at most the CRC5 share passes") {
  const auto good = bytesOf(kNonceA);
  int passed = 0;
  int tried = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (unsigned change = 1; change < 256; ++change, ++tried) {
      auto bytes = good;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ change);
      const auto parsed = parse(bytes, ResponseLength::kEleven);
      passed += static_cast<int>(parsed.frames.size());
    }
  CHECK(tried == 11 * 255);
  CHECK(passed <= tried / 32);
}

TEST_CASE("a byte lost or added at any place spares the frames around it") {
  const auto good = bytesOf(kNonceA + kNonceB + kNonceC + kNonceA);
  std::mt19937 random(268);
  int wrong = 0;
  int trials = 0;
  for (std::size_t at = 11; at < 22; ++at) {
    auto lost = good;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(at));
    const auto parsedLost = parse(lost, ResponseLength::kEleven);
    const std::set<std::string> framesLost(parsedLost.frames.begin(), parsedLost.frames.end());
    CHECK(framesLost.count(kNonceA) == 1);
    CHECK(framesLost.count(kNonceC) == 1);
    for (int trial = 0; trial < 16; ++trial, ++trials) {
      auto added = good;
      added.insert(added.begin() + static_cast<std::ptrdiff_t>(at),
                   static_cast<std::uint8_t>(random()));
      for (const auto& frame : parse(added, ResponseLength::kEleven).frames)
        if (frame != kNonceA && frame != kNonceB && frame != kNonceC) ++wrong;
    }
  }
  CHECK(wrong <= trials / 32);
}

TEST_CASE("nine-byte frames read in mode 11 are lost, the next frame is not") {
  const auto parsed = parse(kChipId9 + kChipId11 + kNonceA, ResponseLength::kEleven);
  CHECK(parsed.frames == Frames{kChipId11, kNonceA});
  CHECK(parsed.counters.garbageBytes == 9);
}

TEST_CASE("the length may change between two frames") {
  ResponseParser parser(ResponseLength::kNine);
  Frames frames;
  const auto keep = [&](const Response& response) { frames.push_back(rawHex(response)); };
  parser.parse(bytesOf(kChipId9), keep);
  parser.setFrameLength(ResponseLength::kEleven);
  parser.parse(bytesOf(kChipId11 + kNonceA), keep);
  CHECK(frames == Frames{kChipId9, kChipId11, kNonceA});
}

TEST_CASE("with unsure length frames of both lengths are told apart") {
  const auto parsed =
      parse(kChipId9 + kChipId9 + kChipId11 + kNonceA + kChipId9, ResponseLength::kEither, true);
  CHECK(parsed.frames == Frames{kChipId9, kChipId9, kChipId11, kNonceA, kChipId9});
  CHECK(parsed.counters.garbageBytes == 0);
}

TEST_CASE("with unsure length a stray byte costs no frame of a known length") {
  const auto nine =
      parse(kChipId9 + kChipId9 + "00" + kChipId9 + "13" + kChipId9, ResponseLength::kEither, true);
  CHECK(nine.frames == Frames{kChipId9, kChipId9, kChipId9, kChipId9});
  CHECK(nine.counters.garbageBytes == 2);
  const auto eleven = parse(kNonceA + "00" + kNonceB, ResponseLength::kEither, true);
  CHECK(eleven.frames == Frames{kNonceA, kNonceB});
}

TEST_CASE("at the end nothing waits") {
  const auto parsed = parse(kNonceA + "aa557a02ee", ResponseLength::kEleven, true);
  CHECK(parsed.frames == Frames{kNonceA});
  CHECK(parsed.waiting == 0);
  CHECK(parsed.counters.garbageBytes == 5);
  CHECK(parsed.counters.crcErrors == 0);
}

TEST_CASE("reset forgets waiting bytes and keeps the counters") {
  ResponseParser parser(ResponseLength::kEleven);
  parser.parse(bytesOf(kNonceA + "aa5507"), [](const Response&) {});
  parser.reset();
  CHECK(parser.waitingBytes() == 0);
  CHECK(parser.counters().frames == 1);
  Frames frames;
  parser.parse(bytesOf(kNonceB), [&](const Response& r) { frames.push_back(rawHex(r)); });
  CHECK(frames == Frames{kNonceB});
}

TEST_CASE("feed takes what fits and loses nothing") {
  ResponseParser parser(ResponseLength::kEleven);
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 300; ++i) {
    const auto frame = bytesOf(kNonceA);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  CHECK(parser.feed(bytes) == ResponseParser::kCapacity);
  int frames = 0;
  std::span<const std::uint8_t> rest = std::span{bytes}.subspan(ResponseParser::kCapacity);
  Response response;
  while (parser.next(response)) ++frames;
  parser.parse(rest, [&](const Response&) { ++frames; });
  CHECK(frames == 300);
}
