#pragma once

#include <napi.h>

namespace miner::virtual_machine {

/// Adds `makeFifo(path)`: a named pipe with mode 0600. Throws when the path exists or cannot be
/// made.
void defineFifo(Napi::Env env, Napi::Object exports);

}  // namespace miner::virtual_machine
