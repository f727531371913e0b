// The sending half of ChainLoop: who may use the wire next, and when a command is finished.

#include <algorithm>
#include <array>

#include "chain/chain_loop.hpp"
#include "codec/bm13xx_frame.hpp"

namespace miner::chain {

namespace {

/// ntime moves once a second; a chain without fresh headers looks again at this pace.
constexpr std::uint64_t kStarvedUs = 50'000;
/// How often a transmitter that should be empty by the clock is looked at.
constexpr std::uint64_t kDrainPollUs = 500;
/// A driver that still holds bytes after this long never sends them: its whole buffer of 4 kB takes
/// a third of that at 115,200 baud.
constexpr std::uint64_t kDrainLimitUs = 1'000'000;

}  // namespace

bool ChainLoop::isSwitchingBaud() const noexcept {
  return active_ && active_->command.kind == CommandKind::setBaud;
}

bool ChainLoop::maySendWork() const noexcept {
  return generator_.hasJob() && intervalUs_ != 0 && !isSwitchingBaud();
}

void ChainLoop::transmit(std::uint64_t nowUs) noexcept {
  if (!link_.isOpen()) {
    completeAwaitedWork(CommandStatus::linkDown, nowUs);
    failWireCommands(CommandStatus::linkDown, nowUs);
    return;
  }
  if (transmitter_.hasPending()) checkProgress(transmitter_.resume(nowUs), nowUs);
  while (link_.isOpen() && transmitOne(nowUs)) {
  }
}

/// Work and commands take turns when both are due, so neither can starve the other.
bool ChainLoop::transmitOne(std::uint64_t nowUs) noexcept {
  const bool hasFinished = active_ && finishActive(nowUs);
  const bool hasCommand = !active_ && mailbox_.hasWireCommand();
  if (!transmitter_.isReady(nowUs)) return hasFinished;
  if (maySendWork() && nowUs >= nextWorkUs_ && !(lastWasWork_ && hasCommand)) {
    sendWork(nowUs);
    lastWasWork_ = true;
    return true;
  }
  if (hasCommand) {
    startCommand(nowUs);
    lastWasWork_ = false;
    return true;
  }
  return hasFinished;
}

void ChainLoop::startCommand(std::uint64_t nowUs) noexcept {
  active_.emplace();
  mailbox_.takeWireCommand(active_->command);
  active_->startedUs = nowUs;
  const Command& command = active_->command;
  switch (command.kind) {
    case CommandKind::frame:
      send({command.frame.data(), command.frameLength}, nowUs);
      break;
    case CommandKind::responseLength:
      parser_.setFrameLength(command.value == 11 ? codec::ResponseLength::kEleven
                                                 : codec::ResponseLength::kNine);
      endActive(CommandStatus::done, nowUs);
      break;
    case CommandKind::reset:
      endActive(driveReset(command.value != 0), nowUs);
      break;
    default:
      break;  // setBaud waits for the transmitter in finishActive
  }
}

CommandStatus ChainLoop::driveReset(bool run) noexcept {
  if (!resetLine_.drive(run)) return CommandStatus::resetFailed;
  parser_.reset();
  parser_.setFrameLength(codec::ResponseLength::kNine);
  judge_.forgetAll();
  return CommandStatus::done;
}

/// True when the active command is finished and the next one may start.
bool ChainLoop::finishActive(std::uint64_t nowUs) noexcept {
  ActiveCommand& active = *active_;
  const Command& command = active.command;
  if (active.doneAtUs == kNever) {
    if (!isOffTheWire(active, nowUs)) {
      if (nowUs < active.startedUs + kDrainLimitUs || transmitter_.hasPending()) return false;
      ChainStats::add(stats_.writeStalls);
      endActive(CommandStatus::writeStalled, nowUs);
      return true;
    }
    active.doneAtUs = std::max(transmitter_.wireFreeUs(), nowUs) + command.delayAfterUs;
  }
  if (nowUs < active.doneAtUs) return false;
  const bool isBaud = command.kind == CommandKind::setBaud;
  endActive(isBaud ? switchBaud(command.value) : CommandStatus::done, nowUs);
  return true;
}

void ChainLoop::endActive(CommandStatus status, std::uint64_t nowUs) noexcept {
  complete(active_->command.token, status, nowUs);
  active_.reset();
}

/// A frame is timed by its rate from when the kernel has it; a change of rate needs an empty wire.
bool ChainLoop::isOffTheWire(const ActiveCommand& active, std::uint64_t nowUs) const noexcept {
  return active.command.kind == CommandKind::setBaud ? transmitter_.isDrained(nowUs)
                                                     : !transmitter_.hasPending();
}

std::uint64_t ChainLoop::activeDueUs(std::uint64_t nowUs) const noexcept {
  if (!active_) return kNever;
  if (active_->doneAtUs != kNever) return active_->doneAtUs;
  if (transmitter_.hasPending()) return kNever;
  return std::max(transmitter_.wireFreeUs(), nowUs + kDrainPollUs);
}

CommandStatus ChainLoop::switchBaud(std::uint32_t baud) noexcept {
  const bool isSwitched = link_.setBaud(baud) == link::Status::ok;
  if (isSwitched)
    baud_ = baud;
  else
    link_.setBaud(baud_);  // the driver keeps the rate that was refused
  transmitter_.reset(baud_);
  link_.flushInput();
  parser_.reset();
  return isSwitched ? CommandStatus::done : CommandStatus::baudRefused;
}

void ChainLoop::sendWork(std::uint64_t nowUs) noexcept {
  work::Work work;
  if (!generator_.next(nowUs, work)) {
    if (!isStarved_) ChainStats::add(stats_.workStarved);
    isStarved_ = true;
    lastWorkUs_ = 0;
    nextWorkUs_ = nowUs + kStarvedUs;
    return;
  }
  isStarved_ = false;
  codec::JobFields fields;
  fields.jobByte = options_.family->jobByteAt(workCount_++);
  fields.nbits = work.nbits;
  fields.ntime = work.ntime;
  fields.version = work.version;
  fields.merkleRoot = work.merkleRoot;
  fields.prevhash = work.prevhash;
  std::array<std::uint8_t, codec::kJobFrameSize> frame{};
  codec::encodeJob(frame, fields, options_.jobLengthByte);
  judge_.table().put(options_.family->slotOf(fields.jobByte), work, sessionKey_, ticketTargetLe_);
  if (!send(frame, nowUs)) return;
  ChainStats::add(stats_.worksSent);
  if (lastWorkUs_ != 0 && nowUs - lastWorkUs_ > stats_.worstWorkGapUs.load())
    stats_.worstWorkGapUs.store(nowUs - lastWorkUs_, std::memory_order_relaxed);
  lastWorkUs_ = nowUs;
  nextWorkUs_ += intervalUs_;
  // After a pause the rhythm starts anew instead of sending what was missed in a burst.
  if (nextWorkUs_ <= nowUs) nextWorkUs_ = nowUs + intervalUs_;
  completeAwaitedWork(CommandStatus::done, nowUs);
}

/// False when the line hung up, which ends whatever was sent.
bool ChainLoop::send(std::span<const std::uint8_t> frame, std::uint64_t nowUs) noexcept {
  tap(false, frame, nowUs);
  ChainStats::add(stats_.bytesSent, frame.size());
  checkProgress(transmitter_.start(frame, nowUs), nowUs);
  return link_.isOpen();
}

void ChainLoop::checkProgress(Transmitter::Progress progress, std::uint64_t nowUs) noexcept {
  switch (progress) {
    case Transmitter::Progress::idle:
    case Transmitter::Progress::sending:
      return;
    case Transmitter::Progress::hungUp:
      dropLink(nowUs);
      return;
    case Transmitter::Progress::stalled:
      ChainStats::add(stats_.writeStalls);
      failWireCommands(CommandStatus::writeStalled, nowUs);
      return;
  }
}

void ChainLoop::complete(std::uint32_t token, CommandStatus status, std::uint64_t nowUs) noexcept {
  if (token == 0) return;
  Record record;
  record.kind = RecordKind::commandDone;
  record.code = static_cast<std::uint8_t>(status);
  record.jobKey = token;
  record.atUs = nowUs;
  push(record);
}

void ChainLoop::completeAwaitedWork(CommandStatus status, std::uint64_t nowUs) noexcept {
  complete(workToken_, status, nowUs);
  workToken_ = 0;
}

void ChainLoop::failWireCommands(CommandStatus status, std::uint64_t nowUs) noexcept {
  if (active_) endActive(status, nowUs);
  Command waiting;
  while (mailbox_.takeWireCommand(waiting)) {
    // The reset line is another wire: chips whose tty is gone can still be put into reset.
    const bool isReset = status == CommandStatus::linkDown && waiting.kind == CommandKind::reset;
    complete(waiting.token, isReset ? driveReset(waiting.value != 0) : status, nowUs);
  }
}

}  // namespace miner::chain
