#pragma once

#include <napi.h>

namespace miner::binding {

/// From now on threads give back what they free, where the C library can do that. Adds
/// releaseFreeMemory(), which gives back the free pages in between too.
void initMemory(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
