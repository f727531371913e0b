#pragma once

#include <sys/types.h>

#include <string>

#include "guard/companion_watch.hpp"
#include "guard/off_action.hpp"

namespace miner::guard {

struct CompanionOptions {
  /// The controller, whose child this process is.
  pid_t controller = 0;
  /// This end of a pair of packet sockets.
  int socket = -1;
  /// Where the next controller finds it while it holds a lease.
  std::string leasePath;
  /// Written when it has acted.
  std::string reportPath;
};

/// The process beside the controller: switches off when the controller dies or hangs as a whole.
/// Prints `ready` and `leased` lines for the controller. One thread.
class Companion {
 public:
  Companion(CompanionOptions options, const OffActions& actions);
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;
  ~Companion();

  /// Returns when there is nothing left to watch, with an exit status.
  int run();

 private:
  void hear();
  void listenForNext();
  void acceptNext();
  void hearNext();
  void tellNext(const char* text) const;
  void act(std::uint64_t nowUs);
  void report(const std::string& cause, std::size_t failed) const;
  void endController() const;
  void waitUntil(std::uint64_t deadlineUs);

  const CompanionOptions options_;
  const OffActions& actions_;
  CompanionWatch watch_;
  int listener_ = -1;
  int next_ = -1;
  bool isClosed_ = false;
};

}  // namespace miner::guard
