#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "captures.hpp"
#include "hex.hpp"
#include "work/job_template.hpp"
#include "work/work_generator.hpp"

/// Job templates for tests.
namespace miner::test {

inline work::Hash256 hashOf(std::string_view hex) {
  const auto bytes = bytesOf(hex);
  work::Hash256 hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

/// The captured mainnet job as the pool sent it; its ntime stands still.
inline std::unique_ptr<work::JobTemplate> makeJob68() {
  auto job = std::make_unique<work::JobTemplate>();
  job->jobKey = 68;
  job->poolKey = 1;
  job->sessionKey = 1;
  job->version = job68::kVersion;
  job->versionMask = job68::kVersionMask;
  job->nbits = job68::kNbits;
  job->ntime = job68::kNtime;
  job->receivedUs = std::numeric_limits<std::uint64_t>::max();
  job->prevhash = hashOf(job68::kPrevhash);
  job->shareTargetLe = hashOf(kTargetOf8192);
  job->coinbase = bytesOf(job68::kCoinb1);
  const auto extranonce1 = bytesOf(job68::kExtranonce1);
  job->coinbase.insert(job->coinbase.end(), extranonce1.begin(), extranonce1.end());
  job->extranonce2Offset = job->coinbase.size();
  job->extranonce2Size = 4;
  job->coinbase.resize(job->coinbase.size() + 4);
  const auto coinb2 = bytesOf(job68::kCoinb2);
  job->coinbase.insert(job->coinbase.end(), coinb2.begin(), coinb2.end());
  for (const std::string_view branch : job68::kBranches)
    job->merkleBranches.push_back(hashOf(branch));
  return job;
}

/// Chain index and count whose first extranonce2 is the captured one, 17000000.
inline constexpr std::uint32_t kJob68Chain = 0x17000000;
inline constexpr std::uint32_t kJob68Chains = kJob68Chain + 1;

/// A made-up job; equal `content` and `extranonce2Size` give equal coinbases.
inline std::unique_ptr<work::JobTemplate> makeJob(std::uint8_t content,
                                                  std::size_t extranonce2Size = 4,
                                                  std::uint32_t ntime = 1'700'000'000,
                                                  std::uint64_t receivedUs = 0) {
  auto job = std::make_unique<work::JobTemplate>();
  job->jobKey = content;
  job->poolKey = 1;
  job->sessionKey = 1;
  job->version = 0x20000000;
  job->versionMask = 0x1fffe000;
  job->nbits = 0x17023a04;
  job->ntime = ntime;
  job->receivedUs = receivedUs;
  job->prevhash.fill(content);
  job->shareTargetLe = hashOf(kTargetOf8192);
  job->coinbase.assign(40, content);
  job->extranonce2Offset = 20;
  job->extranonce2Size = extranonce2Size;
  job->coinbase.insert(job->coinbase.begin() + 20, extranonce2Size, 0);
  return job;
}

/// What a chain would be asked to hash, without the nonce.
inline std::array<std::uint8_t, 76> headerStartOf(const work::Work& work) {
  std::array<std::uint8_t, 76> header{};
  const auto putLe = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
      header[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  putLe(0, work.version);
  std::copy(work.prevhash.begin(), work.prevhash.end(), header.begin() + 4);
  std::copy(work.merkleRoot.begin(), work.merkleRoot.end(), header.begin() + 36);
  putLe(68, work.ntime);
  putLe(72, work.nbits);
  return header;
}

}  // namespace miner::test
