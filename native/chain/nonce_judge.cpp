#include "chain/nonce_judge.hpp"

#include "codec/bm13xx_frame.hpp"
#include "hash/sha256.hpp"

namespace miner::chain {

namespace {

/// Header bits 28:13. Documented: fact sheet BM13xx, section 5; captured.
constexpr unsigned kVersionFieldShift = 13;

hash::Header headerOf(const work::Work& work, std::uint32_t version,
                      const codec::Response& answer) noexcept {
  codec::JobFields fields;
  fields.nbits = work.nbits;
  fields.ntime = work.ntime;
  fields.merkleRoot = work.merkleRoot;
  fields.prevhash = work.prevhash;
  return codec::headerOf(fields, version, answer.nonceWire);
}

}  // namespace

void NonceJudge::forgetAll() noexcept {
  table_.clear();
  seen_.clear();
}

Record NonceJudge::judge(const codec::Response& answer, std::uint64_t atUs) noexcept {
  const std::uint32_t nonceMsb = answer.nonceMsb();
  Record record;
  record.kind = RecordKind::nonce;
  record.atUs = atUs;
  record.nonce = answer.nonceLe();
  record.core = codec::ChipFamily::coreOf(nonceMsb);
  record.chip = static_cast<std::uint16_t>(locator_.chipOf(nonceMsb));
  const Verdict verdict = classify(answer, record);
  record.code = static_cast<std::uint8_t>(verdict);
  ChainStats::add(stats_.nonces[record.code]);
  switch (verdict) {
    case Verdict::share:
    case Verdict::belowTarget:
    case Verdict::stale:
      cores_.countValid(record.chip, record.core);
      break;
    case Verdict::hardwareError:
      cores_.countError(record.chip, record.core);
      break;
    case Verdict::duplicate:
    case Verdict::unknownWork:
      break;
  }
  return record;
}

Verdict NonceJudge::classify(const codec::Response& answer, Record& record) noexcept {
  const std::size_t slot = family_.slotOf(family_.jobByteOf(answer.jobIdByte));
  const std::uint32_t rolled = std::uint32_t{answer.versionField} << kVersionFieldShift;
  bool hasWork = false;
  for (std::size_t age = 0; age < work::WorkTable::kDepth; ++age) {
    const work::WorkTable::Entry* entry = table_.find(slot, age);
    if (entry == nullptr) break;
    hasWork = true;
    const work::Work& work = entry->work;
    if ((rolled & ~work.versionMask) != 0) continue;
    const std::uint32_t version = work.version | rolled;
    const hash::Digest hashLe = hash::sha256d(headerOf(work, version, answer));
    if (!hash::hashMeetsTarget(hashLe, entry->ticketTargetLe)) continue;
    record.jobKey = work.jobKey;
    record.sessionKey = entry->sessionKey;
    record.value = work.poolKey;
    record.version = version;
    record.ntime = work.ntime;
    record.extranonce2 = work.extranonce2;
    record.extranonce2Size = work.extranonce2Size;
    record.hashLe = hashLe;
    if (!seen_.insert({entry->generation, record.nonce, version})) return Verdict::duplicate;
    if (entry->stale) return Verdict::stale;
    return hash::hashMeetsTarget(hashLe, work.shareTargetLe) ? Verdict::share
                                                             : Verdict::belowTarget;
  }
  return hasWork ? Verdict::hardwareError : Verdict::unknownWork;
}

}  // namespace miner::chain
