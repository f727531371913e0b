#include "chain/chain_loop.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace miner::chain {

namespace {

/// Often enough to notice a device that came back, rare enough to cost nothing.
constexpr std::uint64_t kReopenUs = 250'000;
constexpr std::uint64_t kLineCountersUs = 1'000'000;
/// Longest sleep: bounds every mistake in a deadline.
constexpr std::uint64_t kMaxSleepUs = 1'000'000;
/// A line that never falls silent must not keep the thread from sending or from stopping.
constexpr int kMaxReadsPerStep = 4;

}  // namespace

ChainLoop::ChainLoop(const ChainOptions& options, link::Link& link, Mailbox& mailbox)
    : options_(options),
      link_(link),
      mailbox_(mailbox),
      locator_(options.chips, options.addressStep, options.useNonceOffsets),
      cores_(options.chips, options.family->cores),
      deadMan_(options.deadManUs),
      resetLine_(options.resetPath, options.resetFd),
      baud_(options.resetBaud),
      transmitter_(link),
      judge_(*options.family, locator_, stats_, cores_),
      generator_(options.chainIndex, options.chainCount) {}

void ChainLoop::begin() noexcept {
  baud_ = options_.resetBaud;
  transmitter_.reset(baud_);
  parser_.reset();
  parser_.setFrameLength(codec::ResponseLength::kNine);
  lineBase_ = {static_cast<std::uint32_t>(stats_.uartOverruns.load()),
               static_cast<std::uint32_t>(stats_.uartFramingErrors.load())};
}

std::uint64_t ChainLoop::step(std::uint64_t nowUs) noexcept {
  takeJobCommands(nowUs);
  watchDeadMan(nowUs);
  keepLink(nowUs);
  receive(nowUs);
  transmit(nowUs);
  return nextEventUs(nowUs);
}

void ChainLoop::end(std::uint64_t nowUs) noexcept {
  takeJobCommands(nowUs);
  stopWork(true, CommandStatus::dropped, nowUs);
  failWireCommands(CommandStatus::dropped, nowUs);
  deadMan_.disarm();
}

void ChainLoop::takeJobCommands(std::uint64_t nowUs) noexcept {
  Command command;
  while (mailbox_.takeJobCommand(command)) {
    switch (command.kind) {
      case CommandKind::newJob:
        setJob(command, nowUs);
        break;
      case CommandKind::configureWork:
        configureWork(command, nowUs);
        break;
      case CommandKind::stopWork:
        stopWork(command.value != 0, CommandStatus::dropped, nowUs);
        break;
      case CommandKind::awaitWork:
        completeAwaitedWork(CommandStatus::dropped, nowUs);
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

void ChainLoop::setJob(Command& command, std::uint64_t nowUs) noexcept {
  const work::JobTemplate& job = *command.job;
  // Another pool's job is no new session: work that good shares may still come of goes on.
  const bool isNewSession = job.poolKey == poolKey_ && job.sessionKey != sessionKey_;
  const bool isUrgent =
      job.urgent || job.clean || isNewSession || !generator_.hasJob() || isStarved_;
  if (job.clean) judge_.table().markStale(job.poolKey, job.jobKey);
  judge_.table().markOtherSessionsStale(job.poolKey, job.sessionKey);
  poolKey_ = job.poolKey;
  sessionKey_ = job.sessionKey;
  ChainStats::add(stats_.jobsReceived);
  mailbox_.retire(generator_.setJob(std::move(command.job), command.fingerprint));
  isStarved_ = false;
  if (isUrgent) nextWorkUs_ = nowUs;
}

void ChainLoop::configureWork(const Command& command, std::uint64_t nowUs) noexcept {
  intervalUs_ = command.intervalUs;
  ticketTargetLe_ = command.targetLe;
  judge_.table().weakenTicketTarget(ticketTargetLe_);
  // Chips that got faster repeat themselves sooner; the old interval may be too long for them.
  nextWorkUs_ = std::min(nextWorkUs_, nowUs + intervalUs_);
}

void ChainLoop::stopWork(bool forget, CommandStatus why, std::uint64_t nowUs) noexcept {
  mailbox_.retire(generator_.dropJob());
  lastWorkUs_ = 0;
  isStarved_ = false;
  completeAwaitedWork(why, nowUs);
  if (forget) judge_.forgetAll();
}

void ChainLoop::watchDeadMan(std::uint64_t nowUs) noexcept {
  if (!deadMan_.hasTripped(nowUs)) return;
  stopWork(true, CommandStatus::dropped, nowUs);
  failWireCommands(CommandStatus::dropped, nowUs);
  driveReset(false);
  pushEvent(RecordKind::deadMan, nowUs);
}

void ChainLoop::keepLink(std::uint64_t nowUs) noexcept {
  if (link_.isOpen()) {
    if (nowUs >= lineCountersUs_) {
      lineCountersUs_ = nowUs + kLineCountersUs;
      readLineCounters();
    }
    return;
  }
  if (nowUs < reopenUs_) return;
  reopenUs_ = nowUs + kReopenUs;
  if (link_.open(options_.resetBaud) != link::Status::ok) return;
  begin();
  pushEvent(RecordKind::linkUp, nowUs);
}

void ChainLoop::readLineCounters() noexcept {
  const link::LineCounters now = link_.counters();
  stats_.uartOverruns.store(lineBase_.overruns + now.overruns, std::memory_order_relaxed);
  stats_.uartFramingErrors.store(lineBase_.framingErrors + now.framingErrors,
                                 std::memory_order_relaxed);
}

void ChainLoop::dropLink(std::uint64_t nowUs) noexcept {
  link_.close();
  transmitter_.reset(baud_);
  ChainStats::add(stats_.hangUps);
  reopenUs_ = nowUs + kReopenUs;
  stopWork(true, CommandStatus::linkDown, nowUs);
  failWireCommands(CommandStatus::linkDown, nowUs);
  pushEvent(RecordKind::linkDown, nowUs);
}

void ChainLoop::receive(std::uint64_t nowUs) noexcept {
  std::array<std::uint8_t, 1024> bytes;
  for (int reads = 0; reads < kMaxReadsPerStep && link_.isOpen(); ++reads) {
    const std::ptrdiff_t count = link_.read(bytes);
    if (count < 0) dropLink(nowUs);
    if (count <= 0) return;
    const std::span<const std::uint8_t> given(bytes.data(), static_cast<std::size_t>(count));
    ChainStats::add(stats_.bytesReceived, given.size());
    tap(true, given, nowUs);
    parser_.parse(given, [&](const codec::Response& response) { handle(response, nowUs); });
    const codec::ResponseCounters& counted = parser_.counters();
    stats_.framesReceived.store(counted.frames, std::memory_order_relaxed);
    stats_.crcErrors.store(counted.crcErrors + counted.kindErrors, std::memory_order_relaxed);
    stats_.garbageBytes.store(counted.garbageBytes, std::memory_order_relaxed);
  }
}

void ChainLoop::handle(const codec::Response& response, std::uint64_t nowUs) noexcept {
  if (response.kind == codec::ResponseKind::kNonce) {
    push(judge_.judge(response, nowUs));
    return;
  }
  Record record;
  record.kind = RecordKind::registerAnswer;
  record.atUs = nowUs;
  record.chip = response.chipAddress;
  record.registerAddress = response.registerAddress;
  record.value = response.value;
  push(record);
}

void ChainLoop::push(const Record& record) noexcept {
  if (!mailbox_.push(record)) ChainStats::add(stats_.recordsDropped);
}

void ChainLoop::pushEvent(RecordKind kind, std::uint64_t nowUs) noexcept {
  Record record;
  record.kind = kind;
  record.atUs = nowUs;
  push(record);
}

void ChainLoop::tap(bool fromChips, std::span<const std::uint8_t> bytes,
                    std::uint64_t nowUs) noexcept {
  if (!options_.tap) return;
  while (!bytes.empty()) {
    TapChunk chunk;
    chunk.atUs = nowUs;
    chunk.fromChips = fromChips;
    chunk.length = static_cast<std::uint8_t>(std::min(bytes.size(), TapChunk::kMaxBytes));
    std::copy_n(bytes.begin(), chunk.length, chunk.bytes.begin());
    bytes = bytes.subspan(chunk.length);
    if (!mailbox_.pushTap(chunk)) ChainStats::add(stats_.tapDropped);
  }
}

std::uint64_t ChainLoop::nextEventUs(std::uint64_t nowUs) const noexcept {
  const std::uint64_t next = std::min(nowUs + kMaxSleepUs, deadMan_.deadlineUs());
  if (!link_.isOpen()) return std::min(next, reopenUs_);
  // readyAtUs is never while a frame is under way: then the line wakes us, or the stall ends it.
  const std::uint64_t readyUs = transmitter_.readyAtUs();
  const bool mayStartCommand = !active_ && mailbox_.hasWireCommand();
  return std::min({next, transmitter_.stallDeadlineUs(), activeDueUs(nowUs),
                   mayStartCommand ? readyUs : kNever,
                   maySendWork() ? std::max(nextWorkUs_, readyUs) : kNever});
}

}  // namespace miner::chain
