#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds the encoders, the CRCs and the hash to the addon, so that tools and tests can compare them
/// with others.
void initWireCodec(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
