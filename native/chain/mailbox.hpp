#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "chain/command.hpp"
#include "chain/record.hpp"
#include "util/spsc_ring.hpp"
#include "work/job_template.hpp"

namespace miner::chain {

/// Told from the chain thread that records wait; must return at once and not throw.
class Bell {
 public:
  Bell() = default;
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  virtual ~Bell() = default;
  virtual void ring() noexcept = 0;
};

/// Everything that passes between the owner thread (JavaScript's) and the chain thread. Neither
/// waits for the other; all memory is allocated by the constructor.
class Mailbox {
 public:
  static constexpr std::size_t kWireCommands = 1024;
  static constexpr std::size_t kJobCommands = 64;

  /// `bell` must outlive the mailbox.
  Mailbox(std::size_t recordCapacity, bool hasTap, Bell& bell);
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  // Owner thread.
  /// Needed before the chain thread starts. False with errno when the system has no descriptor
  /// left.
  bool openWake() noexcept;
  /// False when too many commands wait.
  bool post(Command command) noexcept;
  /// Takes up to `into.size()` records; the bell rings again for later ones.
  std::size_t drain(std::span<Record> into) noexcept;
  std::size_t drainTap(std::span<TapChunk> into) noexcept;
  /// Ends the chain thread's sleep.
  void wake() noexcept;

  // Chain thread.
  bool takeJobCommand(Command& command) noexcept { return jobCommands_.tryPop(command); }
  bool takeWireCommand(Command& command) noexcept { return wireCommands_.tryPop(command); }
  [[nodiscard]] bool hasWireCommand() const noexcept { return !wireCommands_.empty(); }
  /// False when there was no room. Answers of chips leave room for the rest: the end of a command
  /// or a lost line is never dropped because nonces flood the ring.
  bool push(const Record& record) noexcept;
  bool pushTap(const TapChunk& chunk) noexcept { return tapChunks_.tryPush(chunk); }
  /// Gives a job back to the owner thread, which frees it with the next command.
  void retire(std::unique_ptr<work::JobTemplate> job) noexcept;
  /// Readable when the owner posted something.
  [[nodiscard]] int wakeFd() const noexcept { return wakeFd_; }
  void clearWake() noexcept;

 private:
  /// One for each command that can wait, one for the line, one for the dead man; a small ring keeps
  /// a quarter.
  static constexpr std::size_t reservedOf(std::size_t capacity) noexcept {
    return std::min(kWireCommands + kJobCommands + 2, capacity / 4);
  }

  Bell& bell_;
  util::SpscRing<Record> records_;
  const std::size_t reserved_;
  util::SpscRing<TapChunk> tapChunks_;
  util::SpscRing<Command> wireCommands_{kWireCommands};
  util::SpscRing<Command> jobCommands_{kJobCommands};
  /// Room for all that can come back between two posts: the waiting jobs and the one in work.
  util::SpscRing<std::unique_ptr<work::JobTemplate>> retired_{2 * kJobCommands};
  std::atomic<bool> isBellPending_{false};
  int wakeFd_ = -1;
};

}  // namespace miner::chain
