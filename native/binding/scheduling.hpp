#pragma once

#include <napi.h>

namespace miner::binding {

/// Adds makeMainThreadRealTime(priority): SCHED_FIFO for the calling thread and for none of the
/// threads and processes that it starts. False when this process may not.
void initScheduling(Napi::Env env, Napi::Object exports);

}  // namespace miner::binding
