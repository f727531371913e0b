#include "work/work_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "chain/nonce_judge.hpp"
#include "codec/bm13xx_frame.hpp"
#include "hash/sha256.hpp"
#include "work/work_generator.hpp"

// Any sequence of jobs, works and answers: what is reported as good is good by a hash computed here
// from what was sent, nothing good is reported twice, no header is sent twice.
namespace {

using namespace miner;
using chain::Record;
using chain::Verdict;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads numbers until the input is used up, then zeros.
class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool isEmpty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  std::uint32_t word() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | byte();
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// 2^(256 - zeroBits) - 1. Few zero bits, so that made-up nonces are good now and then.
work::Hash256 easyTarget(unsigned zeroBits) {
  work::Hash256 target{};
  target.fill(0xff);
  target[31] = static_cast<std::uint8_t>(0xff >> zeroBits);
  return target;
}

std::unique_ptr<work::JobTemplate> jobOf(Input& input, std::uint32_t nowS) {
  auto job = std::make_unique<work::JobTemplate>();
  const std::uint8_t content = input.byte();
  job->jobKey = content;
  job->sessionKey = 1;
  job->version = 0x20000000;
  job->versionMask = (content & 1) != 0 ? 0x1fffe000 : 0x00ffe000;
  job->ntime = 1'000'000 + nowS + input.byte() % 8;
  job->receivedUs = std::uint64_t{nowS} * 1'000'000;
  job->prevhash.fill(content);
  job->shareTargetLe = easyTarget(input.byte() % 8);
  constexpr std::array<std::size_t, 6> kSizes{0, 1, 1, 2, 8, 32};
  job->extranonce2Size = kSizes[content % kSizes.size()];
  job->coinbase.assign(8 + job->extranonce2Size, 0);
  job->extranonce2Offset = 4;
  job->merkleBranches.resize(content % 3);
  return job;
}

struct Sent {
  work::Work work;
  work::Hash256 ticketTargetLe;
};

/// Some work that was sent gives this hash with these rolled bits.
void checkGood(const Record& record, const std::vector<Sent>& sent) {
  const auto isOrigin = [&](const Sent& each) {
    const work::Work& work = each.work;
    if (work.jobKey != record.jobKey || work.ntime != record.ntime ||
        work.extranonce2 != record.extranonce2)
      return false;
    if ((record.version & ~work.versionMask) != work.version) return false;
    codec::JobFields fields;
    fields.nbits = work.nbits;
    fields.ntime = work.ntime;
    fields.prevhash = work.prevhash;
    fields.merkleRoot = work.merkleRoot;
    std::array<std::uint8_t, 4> nonce{};
    for (std::size_t i = 0; i < 4; ++i)
      nonce[i] = static_cast<std::uint8_t>(record.nonce >> (8 * i));
    const auto hashLe = hash::sha256d(codec::headerOf(fields, record.version, nonce));
    const bool isShare = hash::hashMeetsTarget(hashLe, work.shareTargetLe);
    return hashLe == record.hashLe &&
           (static_cast<Verdict>(record.code) != Verdict::share || isShare);
  };
  require(std::any_of(sent.begin(), sent.end(), isOrigin));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  const codec::ChipFamily& family =
      codec::chipFamily(static_cast<codec::ChipModel>(input.byte() % 4));
  const codec::ChipLocator locator(1, 1, false);
  const auto stats = std::make_unique<chain::ChainStats>();
  chain::CoreStats cores(1, family.cores);
  const auto judge = std::make_unique<chain::NonceJudge>(family, locator, *stats, cores);
  work::WorkGenerator generator(input.byte() % 3, 3);

  std::vector<Sent> sent;
  std::set<std::tuple<work::Hash256, work::Hash256, std::uint32_t>> headers;
  std::set<std::tuple<work::Hash256, std::uint32_t, std::uint32_t>> good;
  work::Hash256 ticket = easyTarget(2);
  std::uint32_t nowS = 0;
  std::uint32_t works = 0;
  std::uint64_t answers = 0;
  while (!input.isEmpty()) {
    switch (input.byte() % 8) {
      case 0: {
        auto job = jobOf(input, nowS);
        const std::uint64_t fingerprint = work::contentFingerprint(*job);
        generator.setJob(std::move(job), fingerprint);
        break;
      }
      case 1:
      case 2: {
        work::Work work;
        if (!generator.next(std::uint64_t{nowS} * 1'000'000, work)) break;
        require(headers.emplace(work.prevhash, work.merkleRoot, work.ntime).second);
        judge->table().put(family.slotOf(family.jobByteAt(works++)), work, 1, ticket);
        sent.push_back({work, ticket});
        break;
      }
      case 3:
        nowS += input.byte() % 4;
        break;
      case 4:
        judge->table().markStale(input.byte() % 3, input.byte() % 4);
        break;
      case 5:
        if (input.byte() % 4 == 0) judge->forgetAll();
        break;
      case 6:
        ticket = easyTarget(input.byte() % 6);
        judge->table().weakenTicketTarget(ticket);
        break;
      default: {
        codec::Response answer;
        answer.kind = codec::ResponseKind::kNonce;
        // Few nonces and versions, so that answers repeat themselves.
        answer.nonceWire[3] = input.byte() & 0x0f;
        answer.jobIdByte = input.byte();
        answer.versionField = static_cast<std::uint16_t>((input.byte() & 3) * 0x4001);
        const Record record = judge->judge(answer, 0);
        ++answers;
        const auto verdict = static_cast<Verdict>(record.code);
        if (verdict == Verdict::unknownWork || verdict == Verdict::hardwareError) break;
        checkGood(record, sent);
        const bool isNew = good.emplace(record.hashLe, record.nonce, record.version).second;
        require(isNew == (verdict != Verdict::duplicate));
        break;
      }
    }
  }
  std::uint64_t counted = 0;
  for (const auto& counter : stats->nonces) counted += counter.load();
  require(counted == answers);
  return 0;
}
