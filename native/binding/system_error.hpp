#pragma once

#include <napi.h>

namespace miner::binding {

/// `reason` (an errno) as a JavaScript error with `code` (like EIO), `errno` and `syscall`, as
/// Node's own are.
Napi::Error systemError(Napi::Env env, int reason, const char* systemCall);

}  // namespace miner::binding
