#pragma once

#include "hash/sha256.hpp"

/// The implementations that exist for the target architecture, one file each.
namespace miner::hash {

extern const Implementation kPortable;

#if defined(__x86_64__)
extern const Implementation kSse2;
extern const Implementation kAvx2;
extern const Implementation kShaNi;
#elif defined(__aarch64__)
extern const Implementation kNeon;
extern const Implementation kArmCrypto;
#elif defined(__arm__)
extern const Implementation kNeon;
#endif

}  // namespace miner::hash
