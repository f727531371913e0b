#include "work/job_template.hpp"

#include <algorithm>
#include <cstring>

#include "hash/sha256.hpp"

namespace miner::work {

std::uint64_t contentFingerprint(const JobTemplate& job) {
  std::vector<std::uint8_t> content = job.coinbase;
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(job.extranonce2Offset),
              job.extranonce2Size, std::uint8_t{0});
  for (const Hash256& branch : job.merkleBranches)
    content.insert(content.end(), branch.begin(), branch.end());
  content.insert(content.end(), job.prevhash.begin(), job.prevhash.end());
  for (const std::uint32_t field : {job.version, job.nbits})
    for (int shift = 0; shift < 32; shift += 8)
      content.push_back(static_cast<std::uint8_t>(field >> shift));
  const hash::Digest digest = hash::sha256d(content);
  std::uint64_t fingerprint = 0;
  std::memcpy(&fingerprint, digest.data(), sizeof fingerprint);
  return fingerprint;
}

}  // namespace miner::work
