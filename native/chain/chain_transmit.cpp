// The sending half of ChainWorker: who may use the wire next, and when a command is finished.

#include <algorithm>
#include <array>

#include "chain/chain_worker.hpp"
#include "codec/bm13xx_frame.hpp"
#include "util/monotonic_clock.hpp"

namespace miner::chain {

namespace {

/// ntime moves once a second; a chain without fresh headers looks again at this pace.
constexpr std::uint64_t kStarvedUs = 50'000;

}  // namespace

bool ChainWorker::isWorkDue(std::uint64_t nowUs) const noexcept {
  return generator_.hasJob() && intervalUs_ != 0 && nowUs >= nextWorkUs_;
}

void ChainWorker::transmit(std::uint64_t nowUs) noexcept {
  if (!link_->isOpen()) {
    failWireCommands(CommandStatus::linkDown);
    return;
  }
  if (transmitter_.hasPending()) checkProgress(transmitter_.resume(nowUs), nowUs);
  while (link_->isOpen() && transmitOne(nowUs)) nowUs = util::nowUs();
}

/// Work and commands take turns when both are due, so neither can starve the other.
bool ChainWorker::transmitOne(std::uint64_t nowUs) noexcept {
  const bool hasFinished = active_ && finishActive(nowUs);
  const bool isSwitchingBaud = active_ && active_->command.kind == CommandKind::setBaud;
  const bool hasCommand = !active_ && !wireCommands_.empty();
  if (transmitter_.isReady(nowUs) && !isSwitchingBaud) {
    const bool isTurnOfWork = !lastWasWork_ || !hasCommand;
    if (isWorkDue(nowUs) && isTurnOfWork) {
      sendWork(nowUs);
      lastWasWork_ = true;
      return true;
    }
    if (hasCommand) {
      startCommand(nowUs);
      lastWasWork_ = false;
      return true;
    }
  }
  return hasFinished;
}

void ChainWorker::startCommand(std::uint64_t nowUs) noexcept {
  active_.emplace();
  wireCommands_.tryPop(active_->command);
  const Command& command = active_->command;
  switch (command.kind) {
    case CommandKind::frame:
      if (send({command.frame.data(), command.frameLength}, nowUs) && active_)
        active_->doneAtUs = transmitter_.wireFreeUs() + command.delayAfterUs;
      break;
    case CommandKind::responseLength:
      parser_.setFrameLength(command.value == 11 ? codec::ResponseLength::kEleven
                                                 : codec::ResponseLength::kNine);
      active_->doneAtUs = nowUs;
      break;
    case CommandKind::reset: {
      const bool isRun = command.value != 0;
      if (!resetLine_.drive(isRun)) {
        complete(command.token, CommandStatus::resetFailed);
        active_.reset();
        break;
      }
      parser_.reset();
      parser_.setFrameLength(codec::ResponseLength::kNine);
      judge_.forgetAll();
      active_->doneAtUs = nowUs + command.delayAfterUs;
      break;
    }
    default:
      break;  // setBaud goes on in finishActive
  }
}

/// True when the active command is finished and the next one may start.
bool ChainWorker::finishActive(std::uint64_t nowUs) noexcept {
  if (active_->command.kind == CommandKind::setBaud && !active_->hasDrained) {
    if (!transmitter_.isDrained(nowUs)) return false;
    active_->hasDrained = true;
    active_->doneAtUs = nowUs + active_->command.delayAfterUs;
  }
  if (active_->doneAtUs == 0 || nowUs < active_->doneAtUs || transmitter_.hasPending())
    return false;
  if (active_->command.kind == CommandKind::setBaud) {
    finishBaud(nowUs);
  } else {
    complete(active_->command.token, CommandStatus::done);
  }
  active_.reset();
  return true;
}

void ChainWorker::finishBaud(std::uint64_t nowUs) noexcept {
  const link::Status status = link_->setBaud(active_->command.value);
  if (status == link::Status::ok) baud_ = active_->command.value;
  transmitter_.reset(baud_);
  link_->flushInput();
  parser_.reset();
  nextWorkUs_ = std::max(nextWorkUs_, nowUs);
  complete(active_->command.token,
           status == link::Status::ok ? CommandStatus::done : CommandStatus::baudRefused);
}

void ChainWorker::sendWork(std::uint64_t nowUs) noexcept {
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
  if (workToken_ != 0) {
    complete(workToken_, CommandStatus::done);
    workToken_ = 0;
  }
}

bool ChainWorker::send(std::span<const std::uint8_t> frame, std::uint64_t nowUs) noexcept {
  tap(false, frame, nowUs);
  ChainStats::add(stats_.bytesSent, frame.size());
  const Transmitter::Progress progress = transmitter_.start(frame, nowUs);
  checkProgress(progress, nowUs);
  return progress == Transmitter::Progress::idle || progress == Transmitter::Progress::sending;
}

void ChainWorker::checkProgress(Transmitter::Progress progress, std::uint64_t nowUs) noexcept {
  switch (progress) {
    case Transmitter::Progress::idle:
    case Transmitter::Progress::sending:
      return;
    case Transmitter::Progress::hungUp:
      dropLink(nowUs);
      return;
    case Transmitter::Progress::stalled:
      ChainStats::add(stats_.writeStalls);
      failWireCommands(CommandStatus::writeStalled);
      return;
  }
}

void ChainWorker::complete(std::uint32_t token, CommandStatus status) noexcept {
  if (token == 0) return;
  Record record;
  record.kind = RecordKind::commandDone;
  record.code = static_cast<std::uint8_t>(status);
  record.jobKey = token;
  record.atUs = util::nowUs();
  push(record);
}

void ChainWorker::failWireCommands(CommandStatus status) noexcept {
  if (active_) {
    complete(active_->command.token, status);
    active_.reset();
  }
  Command waiting;
  while (wireCommands_.tryPop(waiting)) complete(waiting.token, status);
}

}  // namespace miner::chain
