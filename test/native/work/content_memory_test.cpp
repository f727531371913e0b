// Jobs of several pools that take turns on one chain.

#include "work/content_memory.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "generator_rig.hpp"

using namespace miner::test;
using namespace miner::work;

TEST_CASE("new content starts where no content of its size has been") {
  WorkGenerator generator(0, 2);
  give(generator, makeJob(1));
  for (int i = 0; i < 10; ++i) nextOf(generator);
  give(generator, makeJob(2));
  CHECK(extranonce2Of(nextOf(generator)) == "00000014");
  give(generator, makeJob(3, 8));
  CHECK(extranonce2Of(nextOf(generator)) == "0000000000000000");
}

TEST_CASE("a small extranonce2 of one pool does not stop the large one of another") {
  WorkGenerator generator(0, 3);
  for (int turn = 0; turn < 86; ++turn) {
    give(generator, makeJob(1, 1));
    nextOf(generator);
    give(generator, makeJob(2, 4));
    nextOf(generator);
    nextOf(generator);
  }
  give(generator, makeJob(1, 1));
  CHECK(isStarved(generator, 0));
  give(generator, makeJob(2, 4));
  for (int i = 0; i < 1'000; ++i) nextOf(generator);
  give(generator, makeJob(1, 1));
  CHECK(isStarved(generator, 0));
  CHECK(nextOf(generator, kSecondUs).ntime == 1'700'000'001);
}

TEST_CASE("small extranonce2 of two pools do not use up each other") {
  WorkGenerator generator(0, 3);  // 86 values
  for (int i = 0; i < 86; ++i) {
    give(generator, makeJob(1, 1));
    nextOf(generator);
    give(generator, makeJob(2, 1));
    nextOf(generator);
  }
  CHECK(isStarved(generator, 0));
}

TEST_CASE("content that was forgotten and comes back gives no header twice") {
  for (const std::size_t size : {0U, 1U, 3U, 4U}) {
    CAPTURE(size);
    WorkGenerator generator(0, 1);
    std::set<std::array<std::uint8_t, 76>> headers;
    const auto work = [&](std::uint32_t content) {
      auto job = makeJob(0, size);
      for (std::size_t i = 0; i < 4; ++i)
        job->prevhash[i] = static_cast<std::uint8_t>(content >> (8 * i));
      give(generator, std::move(job));
      Work made;
      if (generator.next(2 * kSecondUs, made)) CHECK(headers.insert(headerStartOf(made)).second);
    };
    for (std::uint32_t round = 0; round < 3; ++round) {
      for (int i = 0; i < 70; ++i) work(0);
      for (std::uint32_t other = 1; other <= 2 * ContentMemory::kCapacity; ++other) work(other);
    }
    CHECK(headers.size() > 300);
  }
}

TEST_CASE("what one pool had forgotten does not hold up another with a slower clock") {
  WorkGenerator generator(0, 1);
  for (std::uint32_t i = 0; i <= ContentMemory::kCapacity; ++i) {
    auto job = makeJob(1, 1, 1'700'003'600);
    job->prevhash[0] = static_cast<std::uint8_t>(i);
    job->prevhash[1] = static_cast<std::uint8_t>(i >> 8);
    give(generator, std::move(job));
    nextOf(generator, i * kSecondUs);
  }
  auto other = makeJob(2, 1, 1'700'000'000);
  other->poolKey = 2;
  give(generator, std::move(other));
  CHECK(nextOf(generator).ntime == 1'700'000'000);
  give(generator, makeJob(3, 1, 1'700'000'000));
  CHECK(isStarved(generator, 0));
}

TEST_CASE("jobs of one pool that are never worked on do not make another pool's be forgotten") {
  WorkGenerator generator(0, 1);
  const auto job = [](std::uint32_t poolKey, std::uint32_t content, std::uint32_t ntime) {
    auto made = makeJob(static_cast<std::uint8_t>(poolKey), 1, ntime);
    made->poolKey = poolKey;
    made->prevhash[0] = static_cast<std::uint8_t>(content);
    made->prevhash[1] = static_cast<std::uint8_t>(content >> 8);
    return made;
  };
  give(generator, job(1, 0, 1'700'003'600));
  nextOf(generator);
  for (std::uint32_t i = 0; i < 2 * ContentMemory::kCapacity; ++i)
    give(generator, job(2, i, 1'700'000'000));
  give(generator, job(1, 1, 1'700'000'000));
  CHECK(isStarved(generator, 0));
}

// Six pools take turns at random, each with its own size, clock and new work now and then; three
// chains. Nothing but a used up size 0 or 1 may ever hold a chain up.
TEST_CASE("pools of six sizes that take turns give no header twice and do not starve each other") {
  constexpr std::uint32_t kChains = 3;
  constexpr std::array<std::size_t, 6> kSizes{0, 1, 3, 4, 8, 16};
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t limit) {
      return static_cast<std::uint32_t>(random()) % limit;
    };
    std::vector<WorkGenerator> generators;
    for (std::uint32_t chain = 0; chain < kChains; ++chain) generators.emplace_back(chain, kChains);
    std::set<std::array<std::uint8_t, 76>> headers;
    // By chain, pool and content: the ntime of the last work, and how many works had it.
    std::map<std::array<std::uint32_t, 3>, std::pair<std::uint32_t, int>> atNtime;
    std::array<std::uint32_t, kSizes.size()> version{};
    std::uint64_t nowUs = 0;
    bool isUnique = true;
    bool isFed = true;
    std::size_t made = 0;
    for (int turn = 0; turn < 1'500; ++turn) {
      nowUs += below(120'000);
      const std::uint32_t chain = below(kChains);
      const std::uint32_t pool = below(kSizes.size());
      if (below(12) == 0) version[pool] = below(8);  // new work, or old work again
      auto job = makeJob(static_cast<std::uint8_t>(16 * pool + version[pool]), kSizes[pool],
                         1'700'000'000 + 100 * pool + below(20), nowUs);
      job->poolKey = pool + 1;
      give(generators[chain], std::move(job));
      auto& [ntime, works] = atNtime[{chain, pool, version[pool]}];
      for (std::uint32_t i = below(20); i > 0; --i) {
        Work work;
        if (!generators[chain].next(nowUs, work)) {
          // One byte has 85 values for a chain, of which the second before may have used half.
          isFed &= kSizes[pool] == 0 || (kSizes[pool] == 1 && works >= 40);
          continue;
        }
        ++made;
        isUnique &= headers.insert(headerStartOf(work)).second;
        works = work.ntime == ntime ? works + 1 : 1;
        ntime = work.ntime;
      }
    }
    CHECK(isUnique);
    CHECK(isFed);
    CHECK(made > 10'000);
  }
}
