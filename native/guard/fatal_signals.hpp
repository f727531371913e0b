#pragma once

#include "guard/power_guard.hpp"

namespace miner::guard {

/// From now on a fatal signal (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) and the end of the process
/// switch off what `guard` has armed, and then go on as if nobody had listened: the same core, the
/// same exit status. The calling thread gets a signal stack of its own, so that an overflow of its
/// stack can be acted on. One guard at a time; false with errno when the kernel refuses.
bool watchFatalSignals(PowerGuard& guard) noexcept;

/// Before the guard goes away. The handlers stay and do nothing.
void forgetFatalSignals(const PowerGuard& guard) noexcept;

}  // namespace miner::guard
