#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "codec/bm13xx_frame.hpp"
#include "codec/crc5.hpp"
#include "codec/host_frame_parser.hpp"
#include "codec/response_parser.hpp"

// The parsers take any bytes in any bursts: every byte ends in a good frame, as garbage or waiting.
namespace {

using namespace miner::codec;

void require(bool holds) {
  if (!holds) std::abort();
}

void fuzzResponses(std::span<const std::uint8_t> bytes, ResponseLength length, std::size_t burst) {
  ResponseParser parser(length);
  std::uint64_t framed = 0;
  std::uint64_t fed = 0;
  const auto check = [&](const Response& response) {
    const auto raw = std::span{response.raw}.first(response.length);
    require(length == ResponseLength::kEither ? raw.size() == 9 || raw.size() == 11
                                              : raw.size() == static_cast<std::size_t>(length));
    require(raw[0] == 0xAA && raw[1] == 0x55);
    require(crc5(raw.subspan(2)) == 0);
    require(raw.back() >> 5 == (response.kind == ResponseKind::kNonce ? 4 : 0));
    framed += raw.size();
  };
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(burst, bytes.size()));
    bytes = bytes.subspan(part.size());
    fed += part.size();
    parser.parse(part, check);
    require(framed + parser.counters().garbageBytes + parser.waitingBytes() == fed);
    require(parser.waitingBytes() < kMaxResponseSize);
  }
  Response response;
  while (parser.nextAtEnd(response)) check(response);
  require(framed + parser.counters().garbageBytes == fed);
  require(parser.consumedBytes() == fed);
}

void checkHostFrame(const HostFrame& frame) {
  const auto raw = std::span{frame.raw}.first(frame.size);
  const CommandTarget target =
      frame.broadcast ? CommandTarget{true, frame.address} : CommandTarget::chip(frame.address);
  std::array<std::uint8_t, kMaxHostFrameSize> again;
  const std::span out{again};
  switch (frame.kind) {
    case HostFrameKind::kReadRegister:
      encodeReadRegister(out.first<kShortCommandSize>(), target, frame.registerAddress);
      break;
    case HostFrameKind::kWriteRegister:
      encodeWriteRegister(out.first<kWriteCommandSize>(), target, frame.registerAddress,
                          frame.value);
      break;
    default:
      return;  // Their padding and ignored fields may hold anything.
  }
  require(std::equal(raw.begin(), raw.end(), again.begin()));
}

void fuzzHostFrames(std::span<const std::uint8_t> bytes, std::size_t burst) {
  HostFrameParser parser;
  HostFrame frame;
  std::uint64_t framed = 0;
  std::uint64_t fed = 0;
  const auto take = [&] {
    checkHostFrame(frame);
    framed += frame.size;
  };
  while (!bytes.empty()) {
    const std::size_t taken = parser.feed(bytes.first(std::min(burst, bytes.size())));
    require(taken > 0);
    bytes = bytes.subspan(taken);
    fed += taken;
    while (parser.next(frame)) take();
    require(framed + parser.counters().garbageBytes + parser.waitingBytes() == fed);
  }
  while (parser.nextAtEnd(frame)) take();
  require(framed + parser.counters().garbageBytes == fed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t burst = data[0] % 32 + 1;
  const std::span<const std::uint8_t> bytes{data + 1, size - 1};
  for (const auto length :
       {ResponseLength::kNine, ResponseLength::kEleven, ResponseLength::kEither})
    fuzzResponses(bytes, length, burst);
  fuzzHostFrames(bytes, burst);
  return 0;
}
