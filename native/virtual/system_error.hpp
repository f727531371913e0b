#pragma once

#include <napi.h>

namespace miner::virtual_machine {

/// The current errno as a JavaScript error with `code` (like EIO), `errno` and `syscall`, as Node's
/// own are.
Napi::Error systemError(Napi::Env env, const char* systemCall);

}  // namespace miner::virtual_machine
