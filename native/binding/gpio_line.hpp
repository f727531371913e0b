#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds the class GpioLine and the function readGpioChip: lines of GPIO character devices. System
/// errors are thrown as Node's own are. The calls are short and run on the thread of JavaScript.
/// src/hal/native-gpio.ts documents them.
void initGpioLine(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
