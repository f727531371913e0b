#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds releaseFreeMemory(): gives free pages of the C heap back to the system, where the C library
/// can do that.
void initMemory(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
