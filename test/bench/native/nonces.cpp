#include <algorithm>
#include <array>
#include <cstdio>

#include "bench.hpp"
#include "chain/nonce_judge.hpp"
#include "codec/bm13xx_frame.hpp"
#include "codec/crc5.hpp"
#include "codec/response_parser.hpp"

namespace miner::bench {

namespace {

using Frame = std::array<std::uint8_t, codec::kMaxResponseSize>;

/// Captured chips mined alone, with the pools' whole version mask.
constexpr std::uint32_t kChips = 1;
constexpr std::uint32_t kVersionMask = 0x1fffe000;

/// 2^224 - 1: a hash of difficulty 1, which every captured answer reaches.
work::Hash256 difficulty1Le() {
  work::Hash256 target{};
  std::fill_n(target.begin(), 28, std::uint8_t{0xff});
  return target;
}

/// The judging half of a chain thread.
struct Rig {
  explicit Rig(const codec::ChipFamily& given)
      : family(given), cores(kChips, given.cores), judge(given, locator, stats, cores) {}

  /// Feeds one burst and gives the verdict on the answer it completes.
  chain::Verdict judgeBurst(std::span<const std::uint8_t> bytes) {
    chain::Record record;
    parser.parse(bytes,
                 [&](const codec::Response& response) { record = judge.judge(response, 0); });
    return static_cast<chain::Verdict>(record.code);
  }

  const codec::ChipFamily& family;
  const codec::ChipLocator locator{kChips, 1, false};
  chain::ChainStats stats;
  chain::CoreStats cores;
  codec::ResponseParser parser{codec::ResponseLength::kEleven};
  chain::NonceJudge judge;
};

/// Its own function, so that the instruction counter sees this and nothing else.
__attribute__((noinline)) chain::Verdict measuredNonce(Rig& rig, const Frame& frame) {
  return rig.judgeBurst(frame);
}

work::Work workOf(const codec::JobFields& job) {
  work::Work work;
  work.version = job.version;
  work.versionMask = kVersionMask;
  work.nbits = job.nbits;
  work.ntime = job.ntime;
  work.prevhash = job.prevhash;
  work.merkleRoot = job.merkleRoot;
  work.shareTargetLe = difficulty1Le();
  return work;
}

/// The answer with a nonce that no chip found, framed well.
Frame withWrongNonce(Frame frame) {
  frame[3] ^= 0x01;
  const std::uint8_t kind = frame.back() & 0xe0;
  for (std::uint8_t crc = 0; crc < 32; ++crc) {
    frame.back() = kind | crc;
    if (codec::crc5(std::span<const std::uint8_t>(frame).subspan(2)) == 0) break;
  }
  return frame;
}

struct Class {
  std::string_view name;
  chain::Verdict verdict;
  /// The work is sent anew before each answer, which makes it a fresh one.
  bool isFresh;
};

constexpr std::array kClasses{Class{"share", chain::Verdict::share, true},
                              Class{"duplicate", chain::Verdict::duplicate, false},
                              Class{"hardwareError", chain::Verdict::hardwareError, false}};

}  // namespace

void benchNonces(Arguments arguments) {
  require(arguments.size() == 5, "usage: nonce CLASS COUNT CHIP JOB-FRAME RESPONSE-FRAME");
  const auto kind = std::find_if(kClasses.begin(), kClasses.end(),
                                 [&](const Class& it) { return it.name == arguments[0]; });
  require(kind != kClasses.end(), "unknown class of nonces");
  const std::size_t count = numberOf(arguments[1]);
  const codec::ChipFamily* const family = codec::findChipFamily(arguments[2]);
  require(family != nullptr, "unknown chip");
  const auto jobBytes = bytesOf(arguments[3]);
  const auto answerBytes = bytesOf(arguments[4]);
  require(jobBytes.size() == codec::kJobFrameSize, "expected a job of 88 bytes");
  Frame answer{};
  require(answerBytes.size() == answer.size(), "expected an answer of 11 bytes");
  std::copy(answerBytes.begin(), answerBytes.end(), answer.begin());
  const codec::JobFields job = codec::decodeJob(std::span(jobBytes).first<codec::kJobFrameSize>());

  Rig rig(*family);
  const work::Work work = workOf(job);
  const auto sendWork = [&] {
    rig.judge.table().put(family->slotOf(job.jobByte), work, 0, difficulty1Le());
  };
  // As after minutes of mining: both uses of the slot are taken and the duplicate filter is full.
  sendWork();
  for (std::size_t i = 0; i <= work::DuplicateFilter::kCapacity; ++i) {
    sendWork();
    require(rig.judgeBurst(answer) == chain::Verdict::share, "the answer does not fit the job");
  }
  const Frame frame =
      kind->verdict == chain::Verdict::hardwareError ? withWrongNonce(answer) : answer;
  const std::uint64_t startNs = cpuNs();
  for (std::size_t i = 0; i < count; ++i) {
    if (kind->isFresh) sendWork();
    require(measuredNonce(rig, frame) == kind->verdict, "wrong verdict");
  }
  std::printf("{\"count\":%zu,\"ns\":%llu,\"hash\":\"%s\"}\n", count,
              static_cast<unsigned long long>(cpuNs() - startNs), singleImplementation().data());
}

}  // namespace miner::bench
