#include "codec/byte_trace.hpp"

#include <doctest/doctest.h>

#include "../hex.hpp"

using miner::codec::ByteTrace;
using miner::test::bytesOf;
using miner::test::hexOf;

TEST_CASE("garbage is cut where something that looks like a frame begins") {
  ByteTrace trace({0xAA, 0x55});
  trace.append(bytesOf("00ffaa5512"), 1.0);
  trace.append(bytesOf("34aa55"), 2.0);
  const auto pieces = trace.takeGarbage(6);
  REQUIRE(pieces.size() == 2);
  CHECK(hexOf(pieces[0].bytes) == "00ff");
  CHECK_FALSE(pieces[0].beginsLikeFrame);
  CHECK(pieces[0].timeS == 1.0);
  CHECK(hexOf(pieces[1].bytes) == "aa551234");
  CHECK(pieces[1].beginsLikeFrame);
  CHECK(pieces[1].timeS == 2.0);
  CHECK(trace.offset() == 6);
}

TEST_CASE("a frame has the time of its last byte") {
  ByteTrace trace({0xAA, 0x55});
  trace.append(bytesOf("aa5513"), 1.0);
  trace.append({}, 1.5);
  trace.append(bytesOf("70aa55"), 2.0);
  CHECK(trace.takeFrame(3) == 1.0);
  CHECK(trace.takeFrame(2) == 2.0);
  CHECK(trace.takeGarbage(5).empty());
}
