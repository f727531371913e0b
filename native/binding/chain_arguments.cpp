#include "binding/chain_arguments.hpp"

#include <algorithm>
#include <string>

#include "binding/convert.hpp"
#include "codec/chip_family.hpp"
#include "util/monotonic_clock.hpp"

namespace miner::binding {

namespace {

constexpr std::uint32_t kMaxFd = 0x7fff'ffff;

}  // namespace

chain::ChainOptions optionsOf(const Napi::Object& given) {
  const std::string chip = stringOf(given, "chip");
  chain::ChainOptions options;
  options.family = codec::findChipFamily(chip);
  if (options.family == nullptr)
    throw Napi::TypeError::New(given.Env(), "chip: no family is called " + chip);
  options.name = stringOf(given, "name");
  options.chips = rangeOf(given, "chips", 1, 256);
  options.addressStep = rangeOf(given, "addressStep", 1, 256);
  options.useNonceOffsets = boolOf(given, "useNonceOffsets");
  options.chainIndex = uint32Of(given, "chainIndex");
  options.chainCount = uint32Of(given, "chainCount");
  if (options.chainIndex >= options.chainCount)
    throw Napi::TypeError::New(given.Env(), "chainIndex: expected less than chainCount");
  options.resetBaud = rangeOf(given, "resetBaud", 1, kMaxBaud);
  options.jobLengthByte = static_cast<std::uint8_t>(rangeOf(given, "jobLengthByte", 0, 255));
  options.resetPath = stringOf(given, "resetPath");
  if (!given.Get("resetFd").IsUndefined())
    options.resetFd = static_cast<int>(rangeOf(given, "resetFd", 0, kMaxFd));
  options.deadManUs = std::uint64_t{uint32Of(given, "deadManMs")} * 1000U;
  options.priority = static_cast<int>(rangeOf(given, "priority", 0, 99));
  options.tap = boolOf(given, "tap");
  return options;
}

std::unique_ptr<work::JobTemplate> jobOf(const Napi::Object& given) {
  auto job = std::make_unique<work::JobTemplate>();
  job->jobKey = uint32Of(given, "jobKey");
  job->poolKey = uint32Of(given, "poolKey");
  job->sessionKey = uint32Of(given, "sessionKey");
  job->version = uint32Of(given, "version");
  job->versionMask = uint32Of(given, "versionMask");
  if ((job->version & job->versionMask) != 0)
    throw Napi::TypeError::New(given.Env(), "versionMask: has bits that version sets");
  job->nbits = uint32Of(given, "nbits");
  job->ntime = uint32Of(given, "ntime");
  job->clean = boolOf(given, "clean");
  job->urgent = boolOf(given, "urgent");
  job->prevhash = hashOf(given.Get("prevhash"), "prevhash");
  job->shareTargetLe = hashOf(given.Get("shareTargetLe"), "shareTargetLe");
  job->extranonce2Size = rangeOf(given, "extranonce2Size", 0, work::kMaxExtranonce2);
  const auto prefix = bytesOf(given.Get("coinbasePrefix"), "coinbasePrefix");
  const auto suffix = bytesOf(given.Get("coinbaseSuffix"), "coinbaseSuffix");
  job->coinbase.assign(prefix.begin(), prefix.end());
  job->extranonce2Offset = prefix.size();
  job->coinbase.resize(prefix.size() + job->extranonce2Size);
  job->coinbase.insert(job->coinbase.end(), suffix.begin(), suffix.end());
  const Napi::Value list = given.Get("merkleBranches");
  if (!list.IsArray()) throw Napi::TypeError::New(given.Env(), "merkleBranches: expected an array");
  const auto branches = list.As<Napi::Array>();
  for (std::uint32_t i = 0; i < branches.Length(); ++i)
    job->merkleBranches.push_back(hashOf(branches.Get(i), "merkleBranches"));
  job->receivedUs = util::nowUs();
  return job;
}

work::Hash256 hashOf(const Napi::Value& value, const char* name) {
  const auto bytes = bytesOf(value, name, 32);
  work::Hash256 hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace miner::binding
