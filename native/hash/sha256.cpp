#include "hash/sha256.hpp"

#include <algorithm>

#include "hash/sha256_backends.hpp"
#include "hash/sha256_constants.hpp"
#include "hash/sha256_single.hpp"

namespace miner::hash {

namespace {

/// The last one this CPU can run is used. Later ones are faster for single messages; in batches the
/// bench shows avx2 a little ahead of sha-ni on an AMD EPYC, and NEON was never timed on a board.
constexpr std::array kBuiltIn = {
    &kPortable,
#if defined(__x86_64__)
    &kSse2,
    &kAvx2,
    &kShaNi,
#elif defined(__aarch64__)
    &kNeon,
    &kArmCrypto,
#elif defined(__arm__)
    &kNeon,
#endif
};

struct Selection {
  std::array<Implementation, kBuiltIn.size()> runnable{};
  std::size_t count = 0;
  /// For many headers.
  const Implementation* batch = &kPortable;
  /// For one message.
  Compress single = kPortable.compress;

  Selection() noexcept {
    for (const Implementation* implementation : kBuiltIn) {
      if (!implementation->isSupported()) continue;
      runnable[count++] = *implementation;
      batch = implementation;
      if (implementation->compress != nullptr) single = implementation->compress;
    }
  }
};

const Selection& selection() noexcept {
  static const Selection kSelection;
  return kSelection;
}

}  // namespace

Digest sha256(std::span<const std::uint8_t> message) noexcept {
  return finish(selection().single, kInitialState, 0, message);
}

Digest sha256d(std::span<const std::uint8_t> message) noexcept {
  return hashDigest(selection().single, sha256(message));
}

Midstate midstateOf(std::span<const std::uint8_t, 64> block) noexcept {
  Midstate midstate{kInitialState};
  selection().single(midstate.words, block.data());
  return midstate;
}

Digest sha256dFromMidstate(const Midstate& midstate,
                           std::span<const std::uint8_t, 16> tail) noexcept {
  const Compress compress = selection().single;
  return hashDigest(compress, finish(compress, midstate.words, 64, tail));
}

void sha256dHeaders(std::span<const Header> headers, std::span<Digest> out) noexcept {
  const Implementation& batch = *selection().batch;
  std::size_t done = 0;
  for (; done + batch.lanes <= headers.size(); done += batch.lanes)
    batch.hashHeaders(&headers[done], &out[done]);
  for (; done < headers.size(); ++done) out[done] = hashHeader(selection().single, headers[done]);
}

std::span<const Implementation> implementations() noexcept {
  return std::span{selection().runnable}.first(selection().count);
}

std::size_t laneCount() noexcept { return selection().batch->lanes; }

const char* implementationName() noexcept { return selection().batch->name; }

bool hashMeetsTarget(const Digest& hashLe, const std::array<std::uint8_t, 32>& targetLe) noexcept {
  return !std::lexicographical_compare(targetLe.rbegin(), targetLe.rend(), hashLe.rbegin(),
                                       hashLe.rend());
}

}  // namespace miner::hash
