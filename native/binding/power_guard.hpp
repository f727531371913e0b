#pragma once

#include <napi.h>

namespace miner::binding {

/// JavaScript class PowerGuard: native/guard/power_guard.hpp, beside its companion.
void initPowerGuard(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
