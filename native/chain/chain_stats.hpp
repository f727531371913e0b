#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "chain/record.hpp"

namespace miner::chain {

/// Counters of one chain: written by its thread alone, read by any.
struct ChainStats {
  using Counter = std::atomic<std::uint64_t>;

  Counter jobsReceived{0};
  Counter worksSent{0};
  Counter bytesSent{0};
  Counter bytesReceived{0};
  Counter framesReceived{0};
  Counter crcErrors{0};
  Counter garbageBytes{0};
  Counter recordsDropped{0};
  Counter tapDropped{0};
  Counter uartOverruns{0};
  Counter uartFramingErrors{0};
  Counter hangUps{0};
  Counter writeStalls{0};
  Counter workStarved{0};
  Counter worstWorkGapUs{0};
  Counter isRealTime{0};
  std::array<Counter, kVerdicts> nonces{};

  static void add(Counter& counter, std::uint64_t amount = 1) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

/// Verified nonces and hardware errors by chip and core, chip-major.
class CoreStats {
 public:
  CoreStats(std::size_t chips, std::size_t cores)
      : chips_(chips), cores_(cores), valid_(chips * cores), errors_(chips * cores) {}

  void countValid(std::size_t chip, std::size_t core) noexcept { count(valid_, chip, core); }
  void countError(std::size_t chip, std::size_t core) noexcept { count(errors_, chip, core); }

  [[nodiscard]] std::size_t chips() const noexcept { return chips_; }
  [[nodiscard]] std::size_t cores() const noexcept { return cores_; }
  [[nodiscard]] std::uint32_t validAt(std::size_t i) const noexcept {
    return valid_.at(i).load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t errorsAt(std::size_t i) const noexcept {
    return errors_.at(i).load(std::memory_order_relaxed);
  }

 private:
  using Grid = std::vector<std::atomic<std::uint32_t>>;

  /// A damaged frame can name a chip or core that does not exist; such counts have no place here.
  void count(Grid& grid, std::size_t chip, std::size_t core) noexcept {
    if (chip < chips_ && core < cores_)
      grid[chip * cores_ + core].fetch_add(1, std::memory_order_relaxed);
  }

  const std::size_t chips_;
  const std::size_t cores_;
  Grid valid_;
  Grid errors_;
};

}  // namespace miner::chain
