#include "guard/companion.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "util/monotonic_clock.hpp"

namespace miner::guard {

namespace {

/// The kernel frees the lines of a killed process within a few milliseconds; what cannot be done
/// for so long is reported as not done.
constexpr std::uint64_t kFirstTriesUs = 1'000'000;
/// And given up: somebody else may hold the lines by then.
constexpr std::uint64_t kAllTriesUs = 5'000'000;
constexpr char kReady[] = "ready\n";
constexpr char kLeased[] = "leased\n";

/// Whoever read it may be gone.
void print(const char* text) {
  if (::write(STDOUT_FILENO, text, std::strlen(text)) < 0) return;
}

std::size_t countOf(OffActions::Done done) {
  return static_cast<std::size_t>(__builtin_popcountll(done));
}

long long unixMs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

Companion::Companion(CompanionOptions options, const OffActions& actions)
    : options_(std::move(options)), actions_(actions) {}

Companion::~Companion() {
  if (listener_ >= 0) ::unlink(options_.leasePath.c_str());
  for (const int fd : {options_.socket, next_, listener_})
    if (fd >= 0) ::close(fd);
}

int Companion::run() {
  print(kReady);
  for (;;) {
    const std::uint64_t now = util::nowUs();
    switch (watch_.verdict(now)) {
      case CompanionWatch::Verdict::wait:
        waitUntil(watch_.deadlineUs());
        break;
      case CompanionWatch::Verdict::act:
        act(now);
        return 0;
      case CompanionWatch::Verdict::leave:
        tellNext("released\n");
        return 0;
    }
  }
}

void Companion::waitUntil(std::uint64_t deadlineUs) {
  const std::uint64_t now = util::nowUs();
  const std::uint64_t waitUs = deadlineUs > now ? deadlineUs - now : 0;
  const timespec timeout{static_cast<time_t>(std::min(waitUs / 1'000'000U, std::uint64_t{3600})),
                         static_cast<long>(waitUs % 1'000'000U) * 1000L};
  // A file number below 0 is left out by the kernel.
  std::array<pollfd, 3> fds{
      {{isClosed_ ? -1 : options_.socket, POLLIN, 0}, {listener_, POLLIN, 0}, {next_, POLLIN, 0}}};
  if (::ppoll(fds.data(), fds.size(), &timeout, nullptr) <= 0) return;
  if (fds[0].revents != 0) hear();
  if (fds[1].revents != 0) acceptNext();
  if (fds[2].revents != 0) hearNext();
}

void Companion::hear() {
  std::array<char, 64> packet{};
  const ssize_t size = ::recv(options_.socket, packet.data(), packet.size(), MSG_DONTWAIT);
  const std::uint64_t now = util::nowUs();
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    isClosed_ = true;
    watch_.closed(now);
    return;
  }
  const std::string_view text(packet.data(), static_cast<std::size_t>(size));
  watch_.hear(text, now);
  // An answer to each beat: a companion that does not answer is none.
  if (text == message::kArmed) ::send(options_.socket, text.data(), 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (watch_.hasLease() && listener_ < 0) listenForNext();
}

void Companion::listenForNext() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = options_.leasePath;
  if (path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ::unlink(path.c_str());
  ::umask(S_IRWXG | S_IRWXO);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  // Without it nobody is told that there is a lease, and the controller stays.
  if (listener_ >= 0 && ::bind(listener_, where, sizeof address) == 0 &&
      ::listen(listener_, 1) == 0)
    print(kLeased);
}

void Companion::acceptNext() {
  const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (accepted < 0) return;
  // The last one that comes is the one that runs.
  if (next_ >= 0) ::close(next_);
  next_ = accepted;
  char text[32];
  std::snprintf(text, sizeof text, "leased %u\n", watch_.leaseLeftMs(util::nowUs()));
  tellNext(text);
}

void Companion::hearNext() {
  constexpr std::string_view kRelease = "release";
  std::array<char, 64> line{};
  const ssize_t size = ::recv(next_, line.data(), line.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size > 0) {
    const std::string_view text(line.data(), static_cast<std::size_t>(size));
    if (text.starts_with(kRelease)) watch_.released();
    return;
  }
  ::close(next_);
  next_ = -1;
}

void Companion::tellNext(const char* text) const {
  if (next_ >= 0) ::send(next_, text, std::strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Companion::act(std::uint64_t nowUs) {
  const std::string cause = watch_.cause(nowUs);
  // A stopped controller still holds its lines, and must not wake up and switch on again.
  if (watch_.isHanging(nowUs)) endController();
  OffActions::Done done = 0;
  bool isReported = false;
  for (;;) {
    done = actions_.tryAll(done);
    const std::uint64_t tookUs = util::nowUs() - nowUs;
    if (!isReported && (actions_.areDone(done) || tookUs > kFirstTriesUs)) {
      tellNext("acted\n");
      report(cause, actions_.count() - countOf(done));
      isReported = true;
    }
    if (actions_.areDone(done) || tookUs > kAllTriesUs) return;
    ::poll(nullptr, 0, kRetryMs);
  }
}

void Companion::endController() const {
  // Only as long as it is our parent: its number may belong to somebody else after that.
  if (::getppid() == options_.controller) ::kill(options_.controller, SIGKILL);
}

void Companion::report(const std::string& cause, std::size_t failed) const {
  const std::string draft = options_.reportPath + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  char text[160];
  const int size = std::snprintf(
      text, sizeof text, "{\"version\":1,\"atUnixMs\":%lld,\"cause\":\"%.60s\",\"failed\":%zu}\n",
      unixMs(), cause.c_str(), failed);
  const bool isWritten =
      size > 0 && ::write(fd, text, static_cast<std::size_t>(size)) == size && ::fsync(fd) == 0;
  ::close(fd);
  if (isWritten) ::rename(draft.c_str(), options_.reportPath.c_str());
}

}  // namespace miner::guard
