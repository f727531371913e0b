#include "guard/fatal_signals.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace miner::guard {

namespace {

struct Watched {
  int number;
  const char* why;
};
constexpr std::array<Watched, 5> kWatched{{{SIGSEGV, "SIGSEGV"},
                                           {SIGBUS, "SIGBUS"},
                                           {SIGILL, "SIGILL"},
                                           {SIGFPE, "SIGFPE"},
                                           {SIGABRT, "SIGABRT"}}};

/// Room for the off actions; a kernel with wide registers puts some kilobytes there by itself.
constexpr std::size_t kStackSize = 64 * 1024;

std::atomic<PowerGuard*> guarded{nullptr};
std::array<struct sigaction, kWatched.size()> formers;
bool isInstalled = false;

extern "C" void onFatalSignal(int number, siginfo_t* info, void* /*context*/) {
  const int reason = errno;
  for (std::size_t i = 0; i < kWatched.size(); ++i) {
    if (kWatched[i].number != number) continue;
    if (PowerGuard* guard = guarded.load()) guard->cutDying(kWatched[i].why);
    ::sigaction(number, &formers[i], nullptr);
  }
  errno = reason;
  // A fault of the processor happens once more when we return. One that somebody sent is sent once
  // more; it waits until this handler is left.
  if (info->si_code <= 0) ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), number);
}

extern "C" void onExit() {
  if (PowerGuard* guard = guarded.load()) guard->cutDying("exit");
}

bool useOwnStack() noexcept {
  stack_t now{};
  if (::sigaltstack(nullptr, &now) != 0) return false;
  if ((now.ss_flags & SS_DISABLE) == 0) return true;
  stack_t own{};
  own.ss_sp = std::malloc(kStackSize);  // as long as the thread, which lives as long as we do
  own.ss_size = kStackSize;
  return own.ss_sp != nullptr && ::sigaltstack(&own, nullptr) == 0;
}

}  // namespace

bool watchFatalSignals(PowerGuard& guard) noexcept {
  guarded.store(&guard);
  if (isInstalled) return true;
  if (!useOwnStack() || std::atexit(onExit) != 0) return false;
  struct sigaction action {};
  action.sa_sigaction = onFatalSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kWatched.size(); ++i)
    if (::sigaction(kWatched[i].number, &action, &formers[i]) != 0) return false;
  isInstalled = true;
  return true;
}

void forgetFatalSignals(const PowerGuard& guard) noexcept {
  auto* expected = const_cast<PowerGuard*>(&guard);
  guarded.compare_exchange_strong(expected, nullptr);
}

}  // namespace miner::guard
