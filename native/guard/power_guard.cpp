#include "guard/power_guard.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <limits>
#include <system_error>
#include <utility>

#include "guard/companion_watch.hpp"
#include "util/monotonic_clock.hpp"
#include "util/rt_thread.hpp"

namespace miner::guard {

namespace {

/// What fails is tried again as soon as that may help, and later less often.
constexpr int kQuickTries = 20;
constexpr std::uint64_t kQuickUs = 5'000;
constexpr std::uint64_t kSlowUs = 100'000;
/// Of a process that dies and must not hang in that.
constexpr int kDyingTries = 3;

std::int64_t unixMs() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void send(int socket, std::string_view packet) noexcept {
  if (socket >= 0) ::send(socket, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

PowerGuard::PowerGuard(Options options, std::vector<OffAction> actions, gpio::Kernel& kernel)
    : options_(options), actions_(std::move(actions), kernel) {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
}

PowerGuard::~PowerGuard() {
  stop();
  useCompanion(-1);
  if (wakeFd_ >= 0) ::close(wakeFd_);
}

bool PowerGuard::start() noexcept {
  if (wakeFd_ < 0) wakeFd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wakeFd_ < 0) return false;
  isStopping_.store(false, std::memory_order_relaxed);
  try {
    thread_ = std::thread([this]() noexcept { run(); });
  } catch (const std::system_error& error) {
    errno = error.code().value();
    return false;
  }
  return true;
}

void PowerGuard::stop() noexcept {
  if (thread_.joinable()) {
    isStopping_.store(true, std::memory_order_release);
    wake();
    thread_.join();
  }
  cutDying("exit");
}

void PowerGuard::useCompanion(int socket) noexcept {
  const std::lock_guard lock(socketMutex_);
  answeredUs_.store(0, std::memory_order_relaxed);
  const int former = socket_.exchange(socket);
  if (former >= 0) ::close(former);
  if (mayBeOn_.load()) send(socket, message::kArmed);
}

void PowerGuard::arm(std::uint64_t nowUs) noexcept {
  cause_.store(Cause::none, std::memory_order_relaxed);
  answeredUs_.store(0, std::memory_order_relaxed);
  // The companion hears it before the power can be on: whatever becomes of us after this.
  mayBeOn_.store(true);
  tell(message::kArmed);
  fedUs_.store(nowUs);
  wake();
}

void PowerGuard::feed(std::uint64_t nowUs) noexcept {
  std::uint64_t seen = fedUs_.load(std::memory_order_relaxed);
  // What was disarmed or tripped meanwhile is not brought back by a feed.
  while (seen > kTripped && !fedUs_.compare_exchange_weak(seen, nowUs)) {
  }
}

void PowerGuard::disarm() noexcept {
  mayBeOn_.store(false);
  std::uint64_t seen = fedUs_.load();
  while (seen > kTripped && !fedUs_.compare_exchange_weak(seen, kDisarmed)) {
  }
  tell(message::kDisarmed);
  wake();
}

void PowerGuard::trip() noexcept {
  if (!mayBeOn_.load() || !note(Cause::ordered, fedUs_.load())) return;
  static_cast<void>(actions_.tryAll(0));
  wake();  // the thread tries what failed again
}

void PowerGuard::askLease(std::uint32_t leaseMs) noexcept {
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%s%u", message::kLease.data(), leaseMs);
  tell(std::string_view(text, static_cast<std::size_t>(size)));
}

void PowerGuard::leave() noexcept {
  mayBeOn_.store(false);
  fedUs_.store(kDisarmed);
  useCompanion(-1);
}

PowerGuard::State PowerGuard::state() const noexcept {
  switch (fedUs_.load()) {
    case kDisarmed:
      return State::disarmed;
    case kTripped:
      return State::tripped;
    default:
      return State::armed;
  }
}

std::uint64_t PowerGuard::companionAgeUs(std::uint64_t nowUs) const noexcept {
  const std::uint64_t answeredUs = answeredUs_.load(std::memory_order_relaxed);
  return answeredUs == 0 || answeredUs >= nowUs || !mayBeOn_.load() ? 0 : nowUs - answeredUs;
}

void PowerGuard::cutDying(const char* why) noexcept {
  if (!mayBeOn_.exchange(false)) return;
  // The companion acts too: whoever is first, the power goes off.
  std::array<char, 64> packet{};
  std::size_t size = 0;
  for (const char letter : message::kDying) packet[size++] = letter;
  while (*why != '\0' && size < packet.size()) packet[size++] = *why++;
  send(socket_.load(), {packet.data(), size});
  fedUs_.store(kTripped);
  static_cast<void>(actions_.tryAll(0, kDyingTries));
}

std::uint64_t PowerGuard::step(std::uint64_t nowUs) noexcept {
  const std::uint64_t seen = fedUs_.load();
  if (seen > kTripped && nowUs >= seen + options_.limitUs) note(Cause::unfed, seen);
  std::uint64_t dueUs = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t now = fedUs_.load();
  if (const std::uint32_t trips = trips_.load(); trips != servedTrip_) {
    servedTrip_ = trips;
    done_ = 0;
    tries_ = 0;
  }
  if (now > kTripped) {
    dueUs = now + options_.limitUs;
  } else if (now == kTripped && mayBeOn_.load() && !actions_.areDone(done_)) {
    done_ = actions_.tryAll(done_);
    dueUs = nowUs + (++tries_ < kQuickTries ? kQuickUs : kSlowUs);
  }
  if (!mayBeOn_.load()) return dueUs;
  hearCompanion(nowUs);
  if (nowUs >= nextBeatUs_) {
    tell(message::kArmed);
    nextBeatUs_ = nowUs + kBeatUs;
  }
  return std::min(dueUs, nextBeatUs_);
}

/// False when it was fed, disarmed or tripped since `seen`.
bool PowerGuard::note(Cause cause, std::uint64_t seen) noexcept {
  if (seen <= kTripped) return false;
  if (!fedUs_.compare_exchange_strong(seen, kTripped)) return false;
  trippedUnixMs_.store(unixMs());
  cause_.store(cause);
  trips_.fetch_add(1);
  return true;
}

void PowerGuard::tell(std::string_view packet) noexcept {
  const std::lock_guard lock(socketMutex_);
  send(socket_.load(), packet);
}

void PowerGuard::hearCompanion(std::uint64_t nowUs) noexcept {
  const std::lock_guard lock(socketMutex_);
  const int socket = socket_.load();
  if (socket < 0) return;
  // The first beat is not answered yet: from then on an answer is waited for.
  if (answeredUs_.load(std::memory_order_relaxed) == 0) answeredUs_.store(nowUs);
  char answer = 0;
  while (::recv(socket, &answer, 1, MSG_DONTWAIT) > 0) answeredUs_.store(nowUs);
}

void PowerGuard::run() noexcept {
  util::nameThisThread("guard");
  if (options_.priority > 0) util::makeThisThreadRealTime(options_.priority);
  while (!isStopping_.load(std::memory_order_acquire)) sleepUntil(step(util::nowUs()));
}

void PowerGuard::sleepUntil(std::uint64_t deadlineUs) noexcept {
  constexpr std::uint64_t kLongestUs = 3'600'000'000;
  const std::uint64_t nowUs = util::nowUs();
  const std::uint64_t waitUs = deadlineUs > nowUs ? std::min(deadlineUs - nowUs, kLongestUs) : 0;
  const timespec timeout{static_cast<time_t>(waitUs / 1'000'000U),
                         static_cast<long>(waitUs % 1'000'000U) * 1000L};
  pollfd wait{wakeFd_, POLLIN, 0};
  std::uint64_t count = 0;
  if (::ppoll(&wait, 1, &timeout, nullptr) > 0 && ::read(wakeFd_, &count, sizeof count) < 0) return;
}

void PowerGuard::wake() noexcept {
  const std::uint64_t one = 1;
  if (wakeFd_ >= 0 && ::write(wakeFd_, &one, sizeof one) < 0) return;  // it is awake already
}

}  // namespace miner::guard
