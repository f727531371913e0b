#include "chain/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace miner::chain {

namespace {

constexpr std::size_t kTapChunks = 8192;

constexpr bool isForWire(CommandKind kind) noexcept {
  switch (kind) {
    case CommandKind::frame:
    case CommandKind::setBaud:
    case CommandKind::responseLength:
    case CommandKind::reset:
      return true;
    case CommandKind::awaitWork:
    case CommandKind::newJob:
    case CommandKind::configureWork:
    case CommandKind::stopWork:
      return false;
  }
  return false;
}

constexpr bool isFromChips(RecordKind kind) noexcept {
  return kind == RecordKind::nonce || kind == RecordKind::registerAnswer;
}

}  // namespace

Mailbox::Mailbox(std::size_t recordCapacity, bool hasTap, Bell& bell)
    : bell_(bell),
      records_(recordCapacity),
      reserved_(reservedOf(records_.capacity())),
      tapChunks_(hasTap ? kTapChunks : 1) {}

Mailbox::~Mailbox() {
  if (wakeFd_ >= 0) ::close(wakeFd_);
}

bool Mailbox::openWake() noexcept {
  if (wakeFd_ < 0) wakeFd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return wakeFd_ >= 0;
}

bool Mailbox::post(Command command) noexcept {
  std::unique_ptr<work::JobTemplate> old;
  while (retired_.tryPop(old)) old.reset();
  auto& ring = isForWire(command.kind) ? wireCommands_ : jobCommands_;
  if (!ring.tryPush(std::move(command))) return false;
  wake();
  return true;
}

std::size_t Mailbox::drain(std::span<Record> into) noexcept {
  // An exchange, not a store: it reads what push() wrote last, so either the record of a push that
  // did not ring is seen below, or that push comes later and rings.
  isBellPending_.exchange(false, std::memory_order_acq_rel);
  std::size_t count = 0;
  while (count < into.size() && records_.tryPop(into[count])) ++count;
  return count;
}

std::size_t Mailbox::drainTap(std::span<TapChunk> into) noexcept {
  std::size_t count = 0;
  while (count < into.size() && tapChunks_.tryPop(into[count])) ++count;
  return count;
}

void Mailbox::wake() noexcept {
  const std::uint64_t one = 1;
  // A full counter means that a wake-up is pending already.
  [[maybe_unused]] const ssize_t written = ::write(wakeFd_, &one, sizeof one);
}

void Mailbox::clearWake() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wakeFd_, &count, sizeof count);
}

bool Mailbox::push(const Record& record) noexcept {
  const bool isTaken = records_.tryPush(record, isFromChips(record.kind) ? reserved_ : 0);
  if (!isBellPending_.exchange(true, std::memory_order_acq_rel)) bell_.ring();
  return isTaken;
}

void Mailbox::retire(std::unique_ptr<work::JobTemplate> job) noexcept {
  if (job) retired_.tryPush(std::move(job));
}

}  // namespace miner::chain
