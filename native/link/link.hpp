#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace miner::link {

enum class Status : std::uint8_t {
  ok,
  openFailed,   ///< errno tells why
  busy,         ///< somebody else holds the line
  baudRefused,  ///< the driver gave a rate more than 1 % off
  hungUp,       ///< the device went away
};

/// What the driver counted since the line was opened; zero where the driver counts nothing.
struct LineCounters {
  std::uint32_t overruns = 0;
  std::uint32_t framingErrors = 0;
};

/// A byte pipe to a chain. Used by one thread; nothing blocks, nothing throws.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  /// Opens the device at `baud`, exclusively. Closes an earlier one first.
  virtual Status open(std::uint32_t baud) noexcept = 0;
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual bool isOpen() const noexcept = 0;

  /// For poll(); -1 when closed.
  [[nodiscard]] virtual int fd() const noexcept = 0;

  /// Bytes taken or given, 0 when the kernel has no room or no data, -1 when the device hung up.
  virtual std::ptrdiff_t write(std::span<const std::uint8_t> bytes) noexcept = 0;
  virtual std::ptrdiff_t read(std::span<std::uint8_t> into) noexcept = 0;

  /// Bytes that the kernel has taken and the transmitter has not sent yet (its own FIFO excluded).
  [[nodiscard]] virtual std::size_t unsentBytes() const noexcept = 0;
  /// Switches the rate at once; the caller waits for the transmitter first.
  virtual Status setBaud(std::uint32_t baud) noexcept = 0;
  virtual void flushInput() noexcept = 0;
  virtual void flushOutput() noexcept = 0;
  [[nodiscard]] virtual LineCounters counters() noexcept = 0;
};

}  // namespace miner::link
