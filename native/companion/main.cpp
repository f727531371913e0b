#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "guard/companion.hpp"
#include "util/rt_thread.hpp"

namespace {

using namespace miner;

/// Where whoever starts it puts its end of the pair of sockets.
constexpr int kSocket = 3;
constexpr int kArguments = 5;
constexpr int kUsage = 2;

/// Whatever ends the controller by the terminal or its supervisor must not end what watches it.
void outliveOthers() {
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGPIPE, SIGUSR1, SIGUSR2})
    ::signal(number, SIG_IGN);
  // Files that the controller had open without meaning us: a tty or a line must not stay held.
  for (int fd = kSocket + 1; fd < 1024; ++fd) ::close(fd);
  // When memory runs out, somebody else is to go. Refused without the right to it.
  const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    if (::write(score, "-1000", 5) != 5) ::write(score, "0", 1);
    ::close(score);
  }
}

}  // namespace

/// usage: companion CONTROLLER_PID LEASE_PATH REPORT_PATH PRIORITY ACTION...
int main(int count, char** arguments) {
  if (count <= kArguments) return kUsage;
  std::vector<guard::OffAction> actions;
  for (int i = kArguments; i < count; ++i) {
    auto action = guard::parseOffAction(arguments[i]);
    if (!action) return kUsage;
    // The controller's own files are not ours.
    action->fd = -1;
    actions.push_back(std::move(*action));
  }
  outliveOthers();
  util::nameThisThread("companion");
  const int priority = std::atoi(arguments[4]);
  if (priority > 0) util::makeThisThreadRealTime(priority);
  guard::CompanionOptions options;
  options.controller = static_cast<pid_t>(std::atoi(arguments[1]));
  options.socket = kSocket;
  options.leasePath = arguments[2];
  options.reportPath = arguments[3];
  const guard::OffActions off(std::move(actions));
  return guard::Companion(std::move(options), off).run();
}
