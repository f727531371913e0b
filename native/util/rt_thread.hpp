#pragma once

namespace miner::util {

/// Names the calling thread (15 characters are kept) for top, gdb and perf.
void nameThisThread(const char* name) noexcept;

/// Asks for SCHED_FIFO at `priority` (1..99) for the calling thread. False when the process may
/// not; the thread then stays in the normal class and the caller says so.
bool makeThisThreadRealTime(int priority) noexcept;

}  // namespace miner::util
