#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "../jobs.hpp"
#include "work/work_generator.hpp"

/// Short words for tests of the work generator.
namespace miner::test {

inline constexpr std::uint64_t kSecondUs = 1'000'000;

inline void give(work::WorkGenerator& generator, std::unique_ptr<work::JobTemplate> job) {
  const std::uint64_t fingerprint = work::contentFingerprint(*job);
  generator.setJob(std::move(job), fingerprint);
}

inline work::Work nextOf(work::WorkGenerator& generator, std::uint64_t nowUs = 0) {
  work::Work work;
  REQUIRE(generator.next(nowUs, work));
  return work;
}

inline bool isStarved(work::WorkGenerator& generator, std::uint64_t nowUs) {
  work::Work work;
  return !generator.next(nowUs, work);
}

inline std::string extranonce2Of(const work::Work& work) {
  return hexOf(std::span{work.extranonce2}.first(work.extranonce2Size));
}

}  // namespace miner::test
