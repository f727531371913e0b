#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>

#include "chain/chain_options.hpp"
#include "chain/chain_stats.hpp"
#include "chain/command.hpp"
#include "chain/dead_man.hpp"
#include "chain/mailbox.hpp"
#include "chain/nonce_judge.hpp"
#include "chain/record.hpp"
#include "chain/transmitter.hpp"
#include "codec/chip_family.hpp"
#include "codec/response_parser.hpp"
#include "link/link.hpp"
#include "work/work_generator.hpp"

namespace miner::chain {

inline constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// A wire command that has been started and is not finished.
struct ActiveCommand {
  Command command;
  std::uint64_t startedUs = 0;
  std::uint64_t doneAtUs = kNever;  ///< kNever: the wire is still busy with it
};

/// What the thread of a chain does, one step at a time: owns the wire, makes the work, judges the
/// answers. Knows no thread and no clock, allocates nothing and never blocks.
///
/// A step does all that can be done at its time. The next is due when the returned time comes, when
/// the line is readable (or writable, if wantsToWrite) or when the mailbox wakes.
class ChainLoop {
 public:
  /// All three must outlive the loop.
  ChainLoop(const ChainOptions& options, link::Link& link, Mailbox& mailbox);

  /// Owner thread, no step running: the line was just opened.
  void begin() noexcept;
  /// Returns the latest time of the next step, always after `nowUs`.
  std::uint64_t step(std::uint64_t nowUs) noexcept;
  /// The last step: commands that wait end as dropped.
  void end(std::uint64_t nowUs) noexcept;
  /// True while the kernel still has to take a part of a frame.
  [[nodiscard]] bool wantsToWrite() const noexcept { return transmitter_.hasPending(); }
  void noteRealTime(bool isRealTime) noexcept { stats_.isRealTime.store(isRealTime ? 1 : 0); }

  // Any thread.
  void kick(std::uint64_t nowUs) noexcept { deadMan_.kick(nowUs); }
  [[nodiscard]] const ChainStats& stats() const noexcept { return stats_; }
  [[nodiscard]] const CoreStats& cores() const noexcept { return cores_; }

 private:
  // chain_loop.cpp
  void takeJobCommands(std::uint64_t nowUs) noexcept;
  void setJob(Command& command, std::uint64_t nowUs) noexcept;
  void configureWork(const Command& command, std::uint64_t nowUs) noexcept;
  void stopWork(bool forget, CommandStatus why, std::uint64_t nowUs) noexcept;
  void watchDeadMan(std::uint64_t nowUs) noexcept;
  void keepLink(std::uint64_t nowUs) noexcept;
  void dropLink(std::uint64_t nowUs) noexcept;
  void readLineCounters() noexcept;
  void receive(std::uint64_t nowUs) noexcept;
  void handle(const codec::Response& response, std::uint64_t nowUs) noexcept;
  void push(const Record& record) noexcept;
  void pushEvent(RecordKind kind, std::uint64_t nowUs) noexcept;
  void tap(bool fromChips, std::span<const std::uint8_t> bytes, std::uint64_t nowUs) noexcept;
  [[nodiscard]] std::uint64_t nextEventUs(std::uint64_t nowUs) const noexcept;

  // chain_transmit.cpp
  void transmit(std::uint64_t nowUs) noexcept;
  bool transmitOne(std::uint64_t nowUs) noexcept;
  [[nodiscard]] bool maySendWork() const noexcept;
  [[nodiscard]] bool isSwitchingBaud() const noexcept;
  void startCommand(std::uint64_t nowUs) noexcept;
  CommandStatus driveReset(bool run) noexcept;
  bool finishActive(std::uint64_t nowUs) noexcept;
  void endActive(CommandStatus status, std::uint64_t nowUs) noexcept;
  [[nodiscard]] bool isOffTheWire(const ActiveCommand& active, std::uint64_t nowUs) const noexcept;
  [[nodiscard]] std::uint64_t activeDueUs(std::uint64_t nowUs) const noexcept;
  CommandStatus switchBaud(std::uint32_t baud) noexcept;
  void sendWork(std::uint64_t nowUs) noexcept;
  bool send(std::span<const std::uint8_t> frame, std::uint64_t nowUs) noexcept;
  void checkProgress(Transmitter::Progress progress, std::uint64_t nowUs) noexcept;
  void complete(std::uint32_t token, CommandStatus status, std::uint64_t nowUs) noexcept;
  void completeAwaitedWork(CommandStatus status, std::uint64_t nowUs) noexcept;
  void failWireCommands(CommandStatus status, std::uint64_t nowUs) noexcept;

  const ChainOptions& options_;
  link::Link& link_;
  Mailbox& mailbox_;
  const codec::ChipLocator locator_;
  ChainStats stats_;
  CoreStats cores_;
  DeadMan deadMan_;
  const ResetLine resetLine_;

  std::uint32_t baud_;
  Transmitter transmitter_;
  codec::ResponseParser parser_;
  NonceJudge judge_;
  work::WorkGenerator generator_;
  std::optional<ActiveCommand> active_;
  /// Work and commands take turns.
  bool lastWasWork_ = false;
  std::uint32_t workToken_ = 0;
  // Of the job in work.
  std::uint32_t poolKey_ = 0;
  std::uint32_t sessionKey_ = 0;
  std::uint32_t workCount_ = 0;
  std::uint64_t intervalUs_ = 0;
  work::Hash256 ticketTargetLe_{};
  std::uint64_t nextWorkUs_ = 0;
  std::uint64_t lastWorkUs_ = 0;  ///< 0: no work yet, or a pause that is no gap
  bool isStarved_ = false;
  std::uint64_t reopenUs_ = 0;
  std::uint64_t lineCountersUs_ = 0;
  link::LineCounters lineBase_{};
};

}  // namespace miner::chain
