#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds the class TwoLineBus: I2C on two GPIO lines, on worker threads of libuv.
/// src/hal/native-gpio.ts documents it.
void initTwoLineBus(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
