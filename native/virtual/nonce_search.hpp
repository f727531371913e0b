#pragma once

#include <napi.h>

namespace miner::virtual_machine {

/// Adds `searchNonces(header, versions, nonces, count, targetLe): Uint32Array`. For each i below
/// `count` the 80-byte header is hashed with `versions[i]` (a number, stored little-endian) and
/// `nonces[i]` (most significant byte first, stored in that order); the answer holds the indexes,
/// rising, whose SHA-256d is at or below the 32-byte little-endian target.
void defineNonceSearch(Napi::Env env, Napi::Object exports);

}  // namespace miner::virtual_machine
