#include "work/work_generator.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "codec/bm13xx_frame.hpp"
#include "codec/chip_family.hpp"
#include "generator_rig.hpp"
#include "hash/sha256.hpp"

using namespace miner::test;
using namespace miner::work;
namespace codec = miner::codec;
namespace hash = miner::hash;
namespace job68 = miner::test::job68;

TEST_CASE("a captured pool job becomes the captured frame, byte for byte") {
  WorkGenerator generator(miner::test::kJob68Chain, miner::test::kJob68Chains);
  give(generator, makeJob68());
  const Work work = nextOf(generator);
  CHECK(extranonce2Of(work) == job68::kExtranonce2);
  CHECK(hexOf(work.merkleRoot) == job68::kMerkleRoot);

  codec::JobFields fields;
  fields.jobByte = 0x68;
  fields.nbits = work.nbits;
  fields.ntime = work.ntime;
  fields.version = work.version;
  fields.merkleRoot = work.merkleRoot;
  fields.prevhash = work.prevhash;
  std::array<std::uint8_t, codec::kJobFrameSize> frame{};
  codec::encodeJob(frame, fields);
  CHECK(hexOf(frame) == job68::kFrame);
}

TEST_CASE("a 16 kB coinbase and 14 branches give the root that the definition gives") {
  WorkGenerator generator(2, 3);
  auto job = makeJob(7, 8);
  std::mt19937 random(1);
  job->coinbase.resize(16'384);
  for (auto& byte : job->coinbase) byte = static_cast<std::uint8_t>(random());
  job->extranonce2Offset = 9'000;
  for (int i = 0; i < 14; ++i) {
    Hash256 branch{};
    for (auto& byte : branch) byte = static_cast<std::uint8_t>(random());
    job->merkleBranches.push_back(branch);
  }
  std::vector<std::uint8_t> coinbase = job->coinbase;
  const std::vector<Hash256> branches = job->merkleBranches;
  give(generator, std::move(job));
  nextOf(generator);
  const Work work = nextOf(generator);

  REQUIRE(extranonce2Of(work) == "0000000000000005");
  const auto extranonce2 = bytesOf("0000000000000005");
  std::copy(extranonce2.begin(), extranonce2.end(), coinbase.begin() + 9'000);
  Hash256 root = hash::sha256d(coinbase);
  for (const Hash256& branch : branches) {
    std::vector<std::uint8_t> pair(root.begin(), root.end());
    pair.insert(pair.end(), branch.begin(), branch.end());
    root = hash::sha256d(pair);
  }
  CHECK(hexOf(work.merkleRoot) == hexOf(root));
}

TEST_CASE("chain c of n takes the extranonce2 values that are c modulo n") {
  for (std::uint32_t chain = 0; chain < 3; ++chain) {
    WorkGenerator generator(chain, 3);
    give(generator, makeJob(1, 3));
    for (std::uint32_t i = 0; i < 1'000; ++i) {
      const Work work = nextOf(generator);
      const std::uint32_t value = std::uint32_t{work.extranonce2[0]} << 16 |
                                  std::uint32_t{work.extranonce2[1]} << 8 | work.extranonce2[2];
      REQUIRE(value == chain + 3 * i);
    }
  }
}

TEST_CASE("only the last eight of more extranonce2 bytes are counted") {
  WorkGenerator generator(1, 3);
  give(generator, makeJob(1, 12));
  nextOf(generator);
  CHECK(extranonce2Of(nextOf(generator)) == "000000000000000000000004");
}

TEST_CASE("the count goes on when the job changes and when a job comes back") {
  WorkGenerator generator(0, 2);
  for (const std::uint8_t content : std::array<std::uint8_t, 3>{1, 2, 1}) {
    give(generator, makeJob(content));
    nextOf(generator);
  }
  CHECK(extranonce2Of(nextOf(generator)) == "00000004");
}

TEST_CASE("ntime follows real time and is never ahead of it") {
  WorkGenerator generator(0, 1);
  give(generator, makeJob(1, 4, 1'000, 5 * kSecondUs));
  CHECK(nextOf(generator, 5 * kSecondUs).ntime == 1'000);
  CHECK(nextOf(generator, 6 * kSecondUs - 1).ntime == 1'000);
  CHECK(nextOf(generator, 6 * kSecondUs).ntime == 1'001);
  CHECK(nextOf(generator, 65 * kSecondUs).ntime == 1'060);
}

TEST_CASE("a job that was posted after the step began keeps its own ntime") {
  WorkGenerator generator(0, 1);
  give(generator, makeJob(1, 4, 1'000, 5 * kSecondUs));
  CHECK(nextOf(generator, 4 * kSecondUs).ntime == 1'000);
}

TEST_CASE("the ntime of a job that is sent again does not go back") {
  WorkGenerator generator(0, 1);
  give(generator, makeJob(1, 4, 1'000, 0));
  CHECK(nextOf(generator, 30 * kSecondUs).ntime == 1'030);
  give(generator, makeJob(1, 4, 1'000, 40 * kSecondUs));
  CHECK(nextOf(generator, 40 * kSecondUs).ntime == 1'040);
  give(generator, makeJob(1, 4, 1'200, 41 * kSecondUs));
  CHECK(nextOf(generator, 42 * kSecondUs).ntime == 1'201);
}

TEST_CASE("a used up range waits for the next second and then starts again") {
  WorkGenerator generator(1, 3);  // 1, 4 .. 253, 255 is chain 0's
  give(generator, makeJob(1, 1));
  for (int i = 0; i < 85; ++i) nextOf(generator);
  CHECK(isStarved(generator, kSecondUs - 1));
  const Work again = nextOf(generator, kSecondUs);
  CHECK(extranonce2Of(again) == "01");
  CHECK(again.ntime == 1'700'000'001);
}

TEST_CASE("a used up range does not hold back content that was never used") {
  WorkGenerator generator(0, 3);
  give(generator, makeJob(1, 1));
  for (int i = 0; i < 86; ++i) nextOf(generator);
  REQUIRE(isStarved(generator, 0));
  give(generator, makeJob(2, 1));
  CHECK(extranonce2Of(nextOf(generator)) == "00");
  // Content 1 had this extranonce2 in this second already.
  give(generator, makeJob(1, 1));
  CHECK(isStarved(generator, 0));
  CHECK(nextOf(generator, kSecondUs).ntime == 1'700'000'001);
}

TEST_CASE("a chain for which the extranonce2 is too small gets no work") {
  WorkGenerator generator(256, 300);
  give(generator, makeJob(1, 1));
  CHECK(isStarved(generator, 0));
  CHECK(isStarved(generator, 100 * kSecondUs));
}

TEST_CASE("without extranonce2 chains share the seconds, at most a minute ahead") {
  std::set<std::uint32_t> seen;
  for (std::uint32_t chain = 0; chain < 3; ++chain) {
    WorkGenerator generator(chain, 3);
    give(generator, makeJob(1, 0, 3'000));
    Work work;
    while (generator.next(0, work)) {
      CHECK(work.ntime % 3 == chain);
      CHECK(work.ntime <= 3'060);
      CHECK(work.extranonce2Size == 0);
      CHECK(seen.insert(work.ntime).second);
    }
    CHECK(nextOf(generator, 3 * kSecondUs).ntime == 3'060 + (chain == 0 ? 3 : chain));
  }
  CHECK(seen.size() == 61);
}

TEST_CASE("no job gives no work") {
  WorkGenerator generator(0, 1);
  CHECK(isStarved(generator, 0));
  give(generator, makeJob(1));
  CHECK(generator.dropJob() != nullptr);
  CHECK(!generator.hasJob());
  CHECK(isStarved(generator, 0));
}

TEST_CASE("the job before is handed back, not destroyed") {
  WorkGenerator generator(0, 1);
  CHECK(generator.setJob(makeJob(1), 1) == nullptr);
  const auto before = generator.setJob(makeJob(2), 2);
  REQUIRE(before != nullptr);
  CHECK(before->jobKey == 1);
}

TEST_CASE("a fingerprint looks at everything but extranonce2 and ntime") {
  const std::uint64_t print = contentFingerprint(*makeJob68());
  auto job = makeJob68();
  job->coinbase[job->extranonce2Offset + 1] = 9;
  job->ntime += 1;
  job->jobKey += 1;
  CHECK(contentFingerprint(*job) == print);
  for (const int change : {0, 1, 2, 3, 4}) {
    auto other = makeJob68();
    if (change == 0) other->coinbase.front() ^= 1;
    if (change == 1) other->merkleBranches.back()[31] ^= 1;
    if (change == 2) other->prevhash[0] ^= 1;
    if (change == 3) other->version ^= 1;
    if (change == 4) other->nbits ^= 1;
    CHECK(contentFingerprint(*other) != print);
  }
}

// Jobs come, go and come again, with the same, a later or an earlier ntime; three chains get them
// at their own times.
TEST_CASE("no header is made twice, on one chain or on two") {
  constexpr std::uint32_t kChains = 3;
  for (const std::size_t size : {0U, 1U, 3U, 8U, 12U}) {
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
      CAPTURE(size);
      CAPTURE(seed);
      std::mt19937 random(seed);
      const auto below = [&](std::uint32_t limit) {
        return static_cast<std::uint32_t>(random()) % limit;
      };
      std::vector<WorkGenerator> generators;
      for (std::uint32_t chain = 0; chain < kChains; ++chain)
        generators.emplace_back(chain, kChains);
      std::set<std::array<std::uint8_t, 76>> headers;
      std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, std::uint64_t>>> given;
      std::array<std::uint32_t, kChains> content{};
      std::uint64_t nowUs = 0;
      std::uint64_t made = 0;
      bool isUnique = true;
      bool isOnTime = true;
      for (int turn = 0; turn < 800; ++turn) {
        nowUs += below(300'000);
        const std::uint32_t chain = below(kChains);
        if (turn < 3 || below(10) == 0) {
          content[chain] = 1 + below(4);
          const std::uint32_t ntime =
              1'700'000'000 + static_cast<std::uint32_t>(nowUs / kSecondUs) - 20 + below(30);
          given[content[chain]].emplace_back(ntime, nowUs);
          give(generators[chain],
               makeJob(static_cast<std::uint8_t>(content[chain]), size, ntime, nowUs));
        }
        Work work;
        for (std::uint32_t i = below(40); i > 0 && generators[chain].next(nowUs, work); --i) {
          ++made;
          isUnique &= headers.insert(headerStartOf(work)).second;
          std::uint64_t real = 0;
          for (const auto& [ntime, atUs] : given[content[chain]])
            real = std::max(real, ntime + (nowUs - atUs) / kSecondUs);
          isOnTime &= work.ntime <= real + (size == 0 ? WorkGenerator::kMaxNtimeAheadS : 0);
        }
      }
      CHECK(isUnique);
      CHECK(isOnTime);
      CHECK(made > 300);
    }
  }
}
