#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "chain/chain_stats.hpp"
#include "chain/command.hpp"
#include "chain/dead_man.hpp"
#include "chain/nonce_judge.hpp"
#include "chain/record.hpp"
#include "chain/transmitter.hpp"
#include "codec/bm13xx_frame.hpp"
#include "codec/chip_family.hpp"
#include "codec/response_parser.hpp"
#include "link/link.hpp"
#include "util/spsc_ring.hpp"
#include "work/work_generator.hpp"

namespace miner::chain {

struct ChainOptions {
  std::string name;
  const codec::ChipFamily* family = nullptr;
  std::uint32_t chips = 1;
  std::uint32_t addressStep = 1;
  bool useNonceOffsets = false;
  /// This chain's part of extranonce2: values chainIndex modulo chainCount.
  std::uint32_t chainIndex = 0;
  std::uint32_t chainCount = 1;
  /// The rate after a reset.
  std::uint32_t resetBaud = 115'200;
  std::uint8_t jobLengthByte = codec::kJobLengthTrue;
  std::string resetPath;
  /// 0 switches the dead man off.
  std::uint64_t deadManUs = 0;
  /// SCHED_FIFO priority, 0 to stay in the normal class.
  int priority = 0;
  std::size_t recordCapacity = 8192;
  /// Keep both directions of the wire for drainTap.
  bool tap = false;
};

/// Told from the chain thread that records wait; must return at once and not throw.
class Bell {
 public:
  Bell() = default;
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  virtual ~Bell() = default;
  virtual void ring() noexcept = 0;
};

/// One chain: one thread that owns the wire, makes the work and judges the answers.
///
/// The owner thread (JavaScript's) posts commands and drains records; the chain thread never waits
/// for it and never allocates. What does not fit into the record ring is counted and dropped.
class ChainWorker {
 public:
  /// Allocates everything. `bell` must outlive the worker.
  ChainWorker(ChainOptions options, std::unique_ptr<link::Link> link, Bell& bell);
  ~ChainWorker();

  /// Opens the line and starts the thread. On failure errno tells why and nothing runs.
  link::Status start();
  /// Ends the thread and closes the line. Blocks for at most one frame.
  void stop() noexcept;

  // Owner thread only.
  /// False when too many commands wait.
  bool post(Command command) noexcept;
  /// Takes up to `into.size()` records; the bell rings again for later ones.
  std::size_t drain(std::span<Record> into) noexcept;
  std::size_t drainTap(std::span<TapChunk> into) noexcept;
  void kick() noexcept;

  // Any thread.
  [[nodiscard]] const ChainStats& stats() const noexcept { return stats_; }
  [[nodiscard]] const CoreStats& cores() const noexcept { return cores_; }
  [[nodiscard]] const ChainOptions& options() const noexcept { return options_; }

 private:
  /// A wire command that has been started and is not finished.
  struct Active {
    Command command;
    std::uint64_t doneAtUs = 0;  ///< 0: not known yet
    bool hasDrained = false;
  };

  void run() noexcept;
  void takeJobCommands(std::uint64_t nowUs) noexcept;
  void watchDeadMan(std::uint64_t nowUs) noexcept;
  void keepLink(std::uint64_t nowUs) noexcept;
  void dropLink(std::uint64_t nowUs) noexcept;
  void receive() noexcept;
  void handle(const codec::Response& response, std::uint64_t atUs) noexcept;
  void transmit(std::uint64_t nowUs) noexcept;
  bool transmitOne(std::uint64_t nowUs) noexcept;
  bool finishActive(std::uint64_t nowUs) noexcept;
  void finishBaud(std::uint64_t nowUs) noexcept;
  void startCommand(std::uint64_t nowUs) noexcept;
  void sendWork(std::uint64_t nowUs) noexcept;
  bool send(std::span<const std::uint8_t> frame, std::uint64_t nowUs) noexcept;
  void checkProgress(Transmitter::Progress progress, std::uint64_t nowUs) noexcept;
  void complete(std::uint32_t token, CommandStatus status) noexcept;
  void failWireCommands(CommandStatus status) noexcept;
  void setJob(Command& command, std::uint64_t nowUs) noexcept;
  void stopWork(bool forget) noexcept;
  void driveReset(bool run) noexcept;
  void retire(std::unique_ptr<work::JobTemplate> job) noexcept;
  void push(const Record& record) noexcept;
  void tap(bool fromChips, std::span<const std::uint8_t> bytes, std::uint64_t atUs) noexcept;
  void readLineCounters() noexcept;
  [[nodiscard]] bool isWorkDue(std::uint64_t nowUs) const noexcept;
  [[nodiscard]] std::uint64_t nextEventUs(std::uint64_t nowUs) const noexcept;
  void waitUntil(std::uint64_t deadlineUs, std::uint64_t nowUs) noexcept;
  void wake() noexcept;

  const ChainOptions options_;
  const std::unique_ptr<link::Link> link_;
  Bell& bell_;
  const codec::ChipLocator locator_;
  ChainStats stats_;
  CoreStats cores_;
  DeadMan deadMan_;
  const ResetLine resetLine_;

  util::SpscRing<Record> records_;
  util::SpscRing<TapChunk> tapChunks_;
  util::SpscRing<Command> wireCommands_{1024};
  util::SpscRing<Command> jobCommands_{64};
  util::SpscRing<std::unique_ptr<work::JobTemplate>> retired_{128};
  std::atomic<bool> bellPending_{false};
  std::atomic<bool> stopping_{false};
  int wakeFd_ = -1;

  // Chain thread only.
  std::uint32_t baud_;
  Transmitter transmitter_;
  codec::ResponseParser parser_;
  NonceJudge judge_;
  work::WorkGenerator generator_;
  std::optional<Active> active_;
  bool lastWasWork_ = false;
  std::uint32_t workToken_ = 0;
  std::uint32_t sessionKey_ = 0;
  std::uint32_t workCount_ = 0;
  std::uint64_t intervalUs_ = 0;
  work::Hash256 ticketTargetLe_{};
  std::uint64_t nextWorkUs_ = 0;
  std::uint64_t lastWorkUs_ = 0;
  bool isStarved_ = false;
  std::uint64_t reopenUs_ = 0;
  std::uint64_t lineCountersUs_ = 0;
  link::LineCounters lineBase_{};

  std::thread thread_;
};

}  // namespace miner::chain
