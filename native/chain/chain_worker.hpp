#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <utility>

#include "chain/chain_loop.hpp"
#include "chain/chain_options.hpp"
#include "chain/chain_stats.hpp"
#include "chain/command.hpp"
#include "chain/mailbox.hpp"
#include "chain/record.hpp"
#include "link/link.hpp"

namespace miner::chain {

/// The thread of one chain: runs a ChainLoop and sleeps between its steps.
///
/// The owner thread (JavaScript's) posts commands and drains records; the chain thread never waits
/// for it and never allocates. What does not fit into the record ring is counted and dropped.
class ChainWorker {
 public:
  /// Allocates everything. `bell` must outlive the worker.
  ChainWorker(ChainOptions options, std::unique_ptr<link::Link> link, Bell& bell);
  ~ChainWorker();

  // Owner thread only.
  /// Opens the line and starts the thread; also after stop. On failure errno tells why and nothing
  /// runs.
  link::Status start() noexcept;
  /// Ends the thread and closes the line; commands that wait end as dropped. Blocks for one step of
  /// the loop.
  void stop() noexcept;
  /// False when too many commands wait.
  bool post(Command command) noexcept { return mailbox_.post(std::move(command)); }
  /// Takes up to `into.size()` records; the bell rings again for later ones.
  std::size_t drain(std::span<Record> into) noexcept { return mailbox_.drain(into); }
  std::size_t drainTap(std::span<TapChunk> into) noexcept { return mailbox_.drainTap(into); }

  // Any thread.
  void kick() noexcept;
  [[nodiscard]] const ChainStats& stats() const noexcept { return loop_.stats(); }
  [[nodiscard]] const CoreStats& cores() const noexcept { return loop_.cores(); }

 private:
  void run() noexcept;
  void sleepUntil(std::uint64_t deadlineUs) noexcept;

  const ChainOptions options_;
  const std::unique_ptr<link::Link> link_;
  Mailbox mailbox_;
  ChainLoop loop_;
  std::atomic<bool> isStopping_{false};
  std::thread thread_;
};

}  // namespace miner::chain
