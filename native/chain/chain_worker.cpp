#include "chain/chain_worker.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "util/monotonic_clock.hpp"
#include "util/rt_thread.hpp"

namespace miner::chain {

namespace {

/// Often enough to notice a device that came back, rare enough to cost nothing.
constexpr std::uint64_t kReopenUs = 250'000;
constexpr std::uint64_t kLineCountersUs = 1'000'000;
/// How often an unfinished wait for the transmitter is looked at.
constexpr std::uint64_t kDrainPollUs = 500;
/// Longest sleep: bounds every mistake in a deadline.
constexpr std::uint64_t kMaxSleepUs = 1'000'000;

}  // namespace

ChainWorker::ChainWorker(ChainOptions options, std::unique_ptr<link::Link> link, Bell& bell)
    : options_(std::move(options)),
      link_(std::move(link)),
      bell_(bell),
      locator_(options_.chips, options_.addressStep, options_.useNonceOffsets),
      cores_(options_.chips, options_.family->cores),
      deadMan_(options_.deadManUs),
      resetLine_(options_.resetPath),
      records_(options_.recordCapacity),
      tapChunks_(options_.tap ? 8192 : 2),
      baud_(options_.resetBaud),
      transmitter_(*link_),
      judge_(*options_.family, locator_, stats_, cores_),
      generator_(options_.chainIndex, options_.chainCount) {}

ChainWorker::~ChainWorker() { stop(); }

link::Status ChainWorker::start() {
  const link::Status status = link_->open(options_.resetBaud);
  if (status != link::Status::ok) return status;
  wakeFd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wakeFd_ < 0) {
    link_->close();
    return link::Status::openFailed;
  }
  transmitter_.reset(baud_);
  thread_ = std::thread([this]() noexcept { run(); });
  return link::Status::ok;
}

void ChainWorker::stop() noexcept {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  wake();
  thread_.join();
  link_->close();
  ::close(wakeFd_);
  wakeFd_ = -1;
}

bool ChainWorker::post(Command command) noexcept {
  std::unique_ptr<work::JobTemplate> old;
  while (retired_.tryPop(old)) old.reset();
  const bool isForWire =
      command.kind == CommandKind::frame || command.kind == CommandKind::setBaud ||
      command.kind == CommandKind::responseLength || command.kind == CommandKind::reset;
  auto& ring = isForWire ? wireCommands_ : jobCommands_;
  if (!ring.tryPush(std::move(command))) return false;
  wake();
  return true;
}

std::size_t ChainWorker::drain(std::span<Record> into) noexcept {
  // Cleared first: a record pushed from here on rings again, at worst for nothing.
  bellPending_.store(false, std::memory_order_seq_cst);
  std::size_t count = 0;
  while (count < into.size() && records_.tryPop(into[count])) ++count;
  return count;
}

std::size_t ChainWorker::drainTap(std::span<TapChunk> into) noexcept {
  std::size_t count = 0;
  while (count < into.size() && tapChunks_.tryPop(into[count])) ++count;
  return count;
}

void ChainWorker::kick() noexcept { deadMan_.kick(util::nowUs()); }

void ChainWorker::wake() noexcept {
  const std::uint64_t one = 1;
  // A full counter means that a wake-up is pending already.
  [[maybe_unused]] const ssize_t written = ::write(wakeFd_, &one, sizeof one);
}

void ChainWorker::run() noexcept {
  util::nameThisThread(options_.name.c_str());
  if (options_.priority > 0 && util::makeThisThreadRealTime(options_.priority))
    stats_.isRealTime.store(1, std::memory_order_relaxed);
  while (!stopping_.load(std::memory_order_acquire)) {
    std::uint64_t nowUs = util::nowUs();
    takeJobCommands(nowUs);
    watchDeadMan(nowUs);
    keepLink(nowUs);
    if (link_->isOpen()) receive();
    nowUs = util::nowUs();
    transmit(nowUs);
    waitUntil(nextEventUs(nowUs), nowUs);
  }
}

void ChainWorker::takeJobCommands(std::uint64_t nowUs) noexcept {
  Command command;
  while (jobCommands_.tryPop(command)) {
    switch (command.kind) {
      case CommandKind::newJob:
        setJob(command, nowUs);
        break;
      case CommandKind::configureWork:
        intervalUs_ = command.intervalUs;
        ticketTargetLe_ = command.targetLe;
        judge_.table().weakenTicketTarget(ticketTargetLe_);
        break;
      case CommandKind::stopWork:
        stopWork(command.value != 0);
        break;
      case CommandKind::awaitWork:
        if (workToken_ != 0) complete(workToken_, CommandStatus::dropped);
        workToken_ = command.token;
        break;
      case CommandKind::frame:
      case CommandKind::setBaud:
      case CommandKind::responseLength:
      case CommandKind::reset:
        break;  // in the other queue
    }
  }
}

void ChainWorker::setJob(Command& command, std::uint64_t nowUs) noexcept {
  const work::JobTemplate& job = *command.job;
  const bool isNewSession = job.sessionKey != sessionKey_;
  const bool isUrgent = job.clean || isNewSession || !generator_.hasJob() || isStarved_;
  if (job.clean || isNewSession) judge_.table().markAllStale();
  sessionKey_ = job.sessionKey;
  if (!generator_.hasJob()) lastWorkUs_ = 0;
  ChainStats::add(stats_.jobsReceived);
  retire(generator_.setJob(std::move(command.job), command.fingerprint));
  isStarved_ = false;
  if (isUrgent) {
    nextWorkUs_ = nowUs;
    lastWasWork_ = false;
  }
}

void ChainWorker::stopWork(bool forget) noexcept {
  retire(generator_.dropJob());
  lastWorkUs_ = 0;
  isStarved_ = false;
  if (forget) judge_.forgetAll();
}

void ChainWorker::retire(std::unique_ptr<work::JobTemplate> job) noexcept {
  if (!job) return;
  // The ring holds more than JavaScript can have posted since it last emptied it, so this cannot
  // fail.
  retired_.tryPush(std::move(job));
}

void ChainWorker::watchDeadMan(std::uint64_t nowUs) noexcept {
  if (!deadMan_.hasTripped(nowUs)) return;
  stopWork(true);
  failWireCommands(CommandStatus::dropped);
  driveReset(false);
  Record record;
  record.kind = RecordKind::deadMan;
  record.atUs = nowUs;
  push(record);
}

void ChainWorker::driveReset(bool run) noexcept {
  resetLine_.drive(run);
  parser_.reset();
  parser_.setFrameLength(codec::ResponseLength::kNine);
  judge_.forgetAll();
}

void ChainWorker::keepLink(std::uint64_t nowUs) noexcept {
  if (link_->isOpen()) {
    if (nowUs >= lineCountersUs_) {
      lineCountersUs_ = nowUs + kLineCountersUs;
      readLineCounters();
    }
    return;
  }
  if (nowUs < reopenUs_) return;
  reopenUs_ = nowUs + kReopenUs;
  if (link_->open(options_.resetBaud) != link::Status::ok) return;
  baud_ = options_.resetBaud;
  transmitter_.reset(baud_);
  parser_.reset();
  lineBase_ = {static_cast<std::uint32_t>(stats_.uartOverruns.load()),
               static_cast<std::uint32_t>(stats_.uartFramingErrors.load())};
  Record record;
  record.kind = RecordKind::linkUp;
  record.atUs = nowUs;
  push(record);
}

void ChainWorker::readLineCounters() noexcept {
  const link::LineCounters now = link_->counters();
  stats_.uartOverruns.store(lineBase_.overruns + now.overruns, std::memory_order_relaxed);
  stats_.uartFramingErrors.store(lineBase_.framingErrors + now.framingErrors,
                                 std::memory_order_relaxed);
}

void ChainWorker::dropLink(std::uint64_t nowUs) noexcept {
  link_->close();
  ChainStats::add(stats_.hangUps);
  reopenUs_ = nowUs + kReopenUs;
  stopWork(true);
  failWireCommands(CommandStatus::linkDown);
  Record record;
  record.kind = RecordKind::linkDown;
  record.atUs = nowUs;
  push(record);
}

void ChainWorker::receive() noexcept {
  std::array<std::uint8_t, 1024> bytes{};
  for (;;) {
    const std::ptrdiff_t count = link_->read(bytes);
    const std::uint64_t atUs = util::nowUs();
    if (count < 0) {
      dropLink(atUs);
      return;
    }
    if (count == 0) return;
    const std::span<const std::uint8_t> given(bytes.data(), static_cast<std::size_t>(count));
    ChainStats::add(stats_.bytesReceived, given.size());
    tap(true, given, atUs);
    parser_.parse(given, [&](const codec::Response& response) { handle(response, atUs); });
    const codec::ResponseCounters& counted = parser_.counters();
    stats_.framesReceived.store(counted.frames, std::memory_order_relaxed);
    stats_.crcErrors.store(counted.crcErrors + counted.kindErrors, std::memory_order_relaxed);
    stats_.garbageBytes.store(counted.garbageBytes, std::memory_order_relaxed);
  }
}

void ChainWorker::handle(const codec::Response& response, std::uint64_t atUs) noexcept {
  if (response.kind == codec::ResponseKind::kNonce) {
    push(judge_.judge(response, atUs));
    return;
  }
  Record record;
  record.kind = RecordKind::registerAnswer;
  record.atUs = atUs;
  record.chip = response.chipAddress;
  record.registerAddress = response.registerAddress;
  record.value = response.value;
  push(record);
}

void ChainWorker::push(const Record& record) noexcept {
  if (!records_.tryPush(record)) ChainStats::add(stats_.recordsDropped);
  if (!bellPending_.exchange(true, std::memory_order_seq_cst)) bell_.ring();
}

void ChainWorker::tap(bool fromChips, std::span<const std::uint8_t> bytes,
                      std::uint64_t atUs) noexcept {
  if (!options_.tap) return;
  while (!bytes.empty()) {
    TapChunk chunk;
    chunk.atUs = atUs;
    chunk.fromChips = fromChips;
    chunk.length = static_cast<std::uint8_t>(std::min(bytes.size(), TapChunk::kMaxBytes));
    std::copy_n(bytes.begin(), chunk.length, chunk.bytes.begin());
    bytes = bytes.subspan(chunk.length);
    if (!tapChunks_.tryPush(chunk)) ChainStats::add(stats_.tapDropped);
  }
}

std::uint64_t ChainWorker::nextEventUs(std::uint64_t nowUs) const noexcept {
  std::uint64_t next = std::min(nowUs + kMaxSleepUs, deadMan_.deadlineUs());
  if (!link_->isOpen()) return std::min(next, reopenUs_);
  next = std::min(next, transmitter_.stallDeadlineUs());
  if (active_)
    next = std::min(next, active_->doneAtUs != 0 ? active_->doneAtUs : nowUs + kDrainPollUs);
  const bool mayStartCommand = !active_ && !wireCommands_.empty();
  const bool isSwitchingBaud = active_ && active_->command.kind == CommandKind::setBaud;
  const bool mayStartWork = generator_.hasJob() && intervalUs_ != 0 && !isSwitchingBaud;
  if (mayStartCommand) next = std::min(next, transmitter_.readyAtUs());
  if (mayStartWork) next = std::min(next, std::max(nextWorkUs_, transmitter_.readyAtUs()));
  return next;
}

void ChainWorker::waitUntil(std::uint64_t deadlineUs, std::uint64_t nowUs) noexcept {
  const std::uint64_t waitUs = deadlineUs > nowUs ? deadlineUs - nowUs : 0;
  const timespec timeout{static_cast<time_t>(waitUs / 1'000'000U),
                         static_cast<long>(waitUs % 1'000'000U) * 1000L};
  const short wanted = static_cast<short>(POLLIN | (transmitter_.hasPending() ? POLLOUT : 0));
  std::array<pollfd, 2> fds{{{wakeFd_, POLLIN, 0}, {link_->fd(), wanted, 0}}};
  ::ppoll(fds.data(), link_->isOpen() ? 2 : 1, &timeout, nullptr);
  if ((fds[0].revents & POLLIN) != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t taken = ::read(wakeFd_, &count, sizeof count);
  }
  // A hung-up line polls as ready for ever; receive() finds out by reading and closes it.
}

}  // namespace miner::chain
