#include <cstdio>
#include <memory>

#include "bench.hpp"
#include "codec/bm13xx_frame.hpp"
#include "hash/sha256.hpp"
#include "work/work_generator.hpp"
#include "work/work_table.hpp"

namespace miner::bench {

namespace {

/// Where extranonce2 begins in a coinbase of the main network with a height and a short tag.
constexpr std::size_t kExtranonce2Offset = 62;
constexpr std::size_t kExtranonce2Size = 8;

std::unique_ptr<work::JobTemplate> jobOf(std::size_t coinbaseBytes, std::size_t branches) {
  auto job = std::make_unique<work::JobTemplate>();
  job->jobKey = 1;
  job->version = 0x20000000;
  job->versionMask = 0x1fffe000;
  job->coinbase.resize(coinbaseBytes, 0x5a);
  job->extranonce2Offset = kExtranonce2Offset;
  job->extranonce2Size = kExtranonce2Size;
  job->merkleBranches.resize(branches);
  return job;
}

/// The sending half of a chain thread, without the wire.
struct Rig {
  work::WorkGenerator generator{0, 3};
  work::WorkTable table;
  std::uint32_t count = 0;
  std::array<std::uint8_t, codec::kJobFrameSize> frame{};

  bool makeWork() {
    work::Work work;
    if (!generator.next(0, work)) return false;
    const std::uint32_t slot = count++ % 32;
    codec::JobFields fields;
    fields.jobByte = static_cast<std::uint8_t>(slot * 8);
    fields.nbits = work.nbits;
    fields.ntime = work.ntime;
    fields.version = work.version;
    fields.merkleRoot = work.merkleRoot;
    fields.prevhash = work.prevhash;
    codec::encodeJob(frame, fields);
    table.put(slot, work, 0, {});
    return true;
  }
};

/// Its own function, so that the instruction counter sees this and nothing else.
__attribute__((noinline)) bool measuredWork(Rig& rig) { return rig.makeWork(); }

}  // namespace

void benchWorks(Arguments arguments) {
  require(arguments.size() == 3, "usage: work COINBASE-BYTES BRANCHES COUNT");
  const std::size_t coinbaseBytes = numberOf(arguments[0]);
  require(coinbaseBytes >= kExtranonce2Offset + kExtranonce2Size, "the coinbase is too short");
  const std::size_t count = numberOf(arguments[2]);
  Rig rig;
  rig.generator.setJob(jobOf(coinbaseBytes, numberOf(arguments[1])), 1);
  require(rig.makeWork(), "no work");
  const std::uint64_t startNs = cpuNs();
  for (std::size_t i = 0; i < count; ++i) require(measuredWork(rig), "no work");
  std::printf("{\"count\":%zu,\"ns\":%llu,\"hash\":\"%s\"}\n", count,
              static_cast<unsigned long long>(cpuNs() - startNs), singleImplementation().data());
}

}  // namespace miner::bench
