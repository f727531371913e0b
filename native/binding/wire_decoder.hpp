#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds the offline side of the codec to the addon: the class WireDecoder, the encoders, the CRCs
/// and the hash. For tools and tests; nothing here is on the way of a nonce.
Napi::Object initWireDecoder(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
