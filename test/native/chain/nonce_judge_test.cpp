#include "chain/nonce_judge.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "../jobs.hpp"
#include "codec/crc5.hpp"
#include "codec/response_parser.hpp"

using namespace miner::chain;
using namespace miner::test;
namespace codec = miner::codec;
namespace work = miner::work;

namespace {

codec::Response responseOf(std::span<const std::uint8_t> frame) {
  codec::ResponseParser parser(codec::ResponseLength::kEleven);
  codec::Response response;
  REQUIRE(parser.feed(frame) == frame.size());
  REQUIRE(parser.next(response));
  return response;
}

codec::Response responseOf(std::string_view hex) { return responseOf(bytesOf(hex)); }

work::Work workOf68() {
  work::Work work;
  work.jobKey = 68;
  work.version = job68::kVersion;
  work.versionMask = job68::kVersionMask;
  work.nbits = job68::kNbits;
  work.ntime = job68::kNtime;
  work.prevhash = hashOf(job68::kPrevhash);
  work.merkleRoot = hashOf(job68::kMerkleRoot);
  work.shareTargetLe = hashOf(kTargetOf8192);
  work.extranonce2 = {0x17};
  work.extranonce2Size = 4;
  return work;
}

work::Work workOf28() {
  work::Work work = workOf68();
  work.jobKey = 28;
  work.version = job28::kVersion;
  work.nbits = job28::kNbits;
  work.ntime = job28::kNtime;
  work.prevhash = hashOf(job28::kPrevhash);
  work.merkleRoot = hashOf(job28::kMerkleRoot);
  work.shareTargetLe = hashOf(kTicket16);
  return work;
}

/// Another header altogether: no captured nonce fits.
work::Work otherWork() {
  work::Work work = workOf68();
  work.jobKey = 1;
  work.ntime += 1;
  return work;
}

constexpr std::size_t kSlot68 = 0x68 / 8;
constexpr std::size_t kSlot28 = 0x28 / 8;

struct Rig {
  explicit Rig(codec::ChipModel model = codec::ChipModel::kBm1370) : family(chipFamily(model)) {}

  Verdict judge(const codec::Response& response) {
    last = judge_.judge(response, 123);
    return static_cast<Verdict>(last.code);
  }
  work::WorkTable& table() { return judge_.table(); }

  const codec::ChipFamily& family;
  codec::ChipLocator locator{1, 2, false};
  ChainStats stats;
  CoreStats cores{1, family.cores};
  Record last;
  NonceJudge judge_{family, locator, stats, cores};
};

}  // namespace

TEST_CASE("the captured BM1370 answer is a share of difficulty 29588 and not of 29589") {
  for (const auto& [target, verdict] :
       {std::pair{kTargetOf8192, Verdict::share}, std::pair{kTargetOf29588, Verdict::share},
        std::pair{kTargetOf29589, Verdict::belowTarget}}) {
    Rig rig;
    work::Work work = workOf68();
    work.shareTargetLe = hashOf(target);
    work.poolKey = 21;
    rig.table().put(kSlot68, work, 7, hashOf(kTicket256));
    CHECK(rig.judge(responseOf(job68::kAnswer)) == verdict);
    CHECK(rig.stats.nonces[static_cast<std::size_t>(verdict)] == 1);
    CHECK(rig.cores.validAt(38) == 1);
    CHECK(rig.last.kind == RecordKind::nonce);
    CHECK(rig.last.jobKey == 68);
    CHECK(rig.last.sessionKey == 7);
    CHECK(rig.last.value == work.poolKey);
    CHECK(rig.last.nonce == job68::kNonce);
    CHECK(rig.last.version == job68::kRolledVersion);
    CHECK(rig.last.ntime == job68::kNtime);
    CHECK(rig.last.core == 38);
    CHECK(rig.last.chip == 0);
    CHECK(rig.last.atUs == 123);
    CHECK(hexOf(std::span{rig.last.extranonce2}.first(rig.last.extranonce2Size)) ==
          job68::kExtranonce2);
    auto display = rig.last.hashLe;
    std::reverse(display.begin(), display.end());
    CHECK(hexOf(display) == job68::kHashDisplay);
  }
}

TEST_CASE("the captured BM1366 answers are judged by their difficulties") {
  // 9.28, 3.63, 27.00 and 15.73 against a share target of 16 (28 + 8 zero bits).
  Rig rig(codec::ChipModel::kBm1366);
  rig.table().put(kSlot28, workOf28(), 1, hashOf(kTicket1));
  const std::array wanted{Verdict::belowTarget, Verdict::belowTarget, Verdict::share,
                          Verdict::belowTarget};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const job28::Answer& answer = job28::kAnswers[i];
    CHECK(rig.judge(responseOf(answer.frame)) == wanted[i]);
    CHECK(rig.last.version == answer.version);
    CHECK(rig.last.nonce == answer.nonce);
    CHECK(rig.last.core == answer.core);
  }
}

TEST_CASE("a nonce under an id that was never sent belongs to no work") {
  Rig rig;
  rig.table().put(kSlot68 + 1, workOf68(), 1, hashOf(kTicket256));
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::unknownWork);
  CHECK(rig.cores.validAt(38) == 0);
  CHECK(rig.cores.errorsAt(38) == 0);
}

TEST_CASE("a nonce that misses the ticket target is a hardware error of its core") {
  Rig rig;
  SUBCASE("of other work") { rig.table().put(kSlot68, otherWork(), 1, hashOf(kTicket256)); }
  SUBCASE("by its difficulty") { rig.table().put(kSlot68, workOf68(), 1, hashOf(kTargetOf29589)); }
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::hardwareError);
  CHECK(rig.cores.errorsAt(38) == 1);
  CHECK(rig.cores.validAt(38) == 0);
}

TEST_CASE("version bits outside the mask make it a hardware error") {
  Rig rig;
  work::Work work = workOf68();
  work.versionMask = 0x00b00000;  // the answer rolled 00b44000
  rig.table().put(kSlot68, work, 1, hashOf(kTicket256));
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::hardwareError);
}

TEST_CASE("the same answer twice is a duplicate") {
  Rig rig;
  rig.table().put(kSlot68, workOf68(), 1, hashOf(kTicket256));
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::share);
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::duplicate);
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::duplicate);
  CHECK(rig.cores.validAt(38) == 1);
  rig.judge_.forgetAll();
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::unknownWork);
}

TEST_CASE("a late answer is judged by the work that had the id before") {
  Rig rig;
  rig.table().put(kSlot68, workOf68(), 5, hashOf(kTicket256));
  rig.table().put(kSlot68, otherWork(), 6, hashOf(kTicket256));
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::share);
  CHECK(rig.last.jobKey == 68);
  CHECK(rig.last.sessionKey == 5);
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::duplicate);
  rig.table().put(kSlot68, otherWork(), 6, hashOf(kTicket256));
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::hardwareError);
}

TEST_CASE("a late answer of another block is stale although the id is in use again") {
  Rig rig;
  rig.table().put(kSlot68, workOf68(), 1, hashOf(kTicket256));
  rig.table().markStale(workOf68().poolKey, otherWork().jobKey);
  rig.table().put(kSlot68, otherWork(), 1, hashOf(kTicket256));
  CHECK(rig.judge(responseOf(job68::kAnswer)) == Verdict::stale);
  CHECK(rig.cores.validAt(38) == 1);
}

// CRC5 lets one damaged frame of 32 pass; two flipped bits 31 places apart always do.
TEST_CASE("a damaged answer that passes the CRC is never a share") {
  const auto good = bytesOf(job68::kAnswer);
  constexpr std::size_t kFirstBit = 16;
  constexpr std::size_t kBits = 72;
  int passed = 0;
  for (std::size_t first = 0; first < kBits; ++first) {
    for (std::size_t second = first + 1; second < kBits; ++second) {
      auto frame = good;
      for (const std::size_t bit : {kFirstBit + first, kFirstBit + second})
        frame[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
      codec::ResponseParser parser(codec::ResponseLength::kEleven);
      codec::Response response;
      parser.feed(frame);
      if (!parser.nextAtEnd(response) || response.kind != codec::ResponseKind::kNonce) continue;
      ++passed;
      Rig rig;
      for (std::size_t slot = 0; slot < 16; ++slot)
        rig.table().put(slot, slot == kSlot68 ? workOf68() : otherWork(), 1, hashOf(kTicket256));
      const Verdict verdict = rig.judge(response);
      // The excess byte and the sub-core say nothing about the header.
      const bool isSameHeader = response.nonceWire == responseOf(job68::kAnswer).nonceWire &&
                                response.versionField == 0x05a2 &&
                                rig.family.jobByteOf(response.jobIdByte) == 0x68;
      CHECK(verdict == (isSameHeader ? Verdict::share : Verdict::hardwareError));
    }
  }
  CHECK(passed > 20);
}

TEST_CASE("an answer of 9 bytes has rolled nothing") {
  Rig rig(codec::ChipModel::kBm1366);
  rig.table().put(kSlot28, workOf28(), 1, hashOf(kTicket1));
  // Captured: bm1366-early-2, whose version field is 0; cut to 9 bytes, CRC computed.
  auto frame = bytesOf("aa551a514ebe012880");
  frame[8] |= codec::crc5Bits(std::span(frame).subspan(2), 6 * 8 + 3);
  codec::ResponseParser parser(codec::ResponseLength::kNine);
  codec::Response response;
  parser.feed(frame);
  REQUIRE(parser.next(response));
  CHECK(rig.judge(response) == Verdict::belowTarget);
  CHECK(rig.last.version == job28::kVersion);
}

TEST_CASE("a core that does not exist is judged and counted nowhere else") {
  Rig rig(codec::ChipModel::kBm1362);  // 65 cores, the id byte read as for BM1366
  work::Work work = workOf28();
  rig.table().put(kSlot28, work, 1, hashOf(kTicket1));
  auto answer = responseOf(job28::kAnswers[0].frame);
  answer.nonceWire[0] = 0xff;
  CHECK(rig.judge(answer) == Verdict::hardwareError);
  for (std::size_t i = 0; i < 65; ++i) CHECK(rig.cores.errorsAt(i) == 0);
}
