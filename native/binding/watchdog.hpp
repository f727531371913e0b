#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds setWatchdogTimeout(fd, seconds): asks the driver of an open watchdog device for a time and
/// gives the time that it took. Documented: the kernel's Documentation/watchdog/watchdog-api.rst.
void initWatchdog(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
