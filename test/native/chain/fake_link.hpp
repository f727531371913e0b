#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "link/link.hpp"

namespace miner::test {

/// A line in memory: the test is kernel and chip. One thread.
class FakeLink final : public link::Link {
 public:
  struct Write {
    std::uint64_t atUs;
    std::vector<std::uint8_t> bytes;
  };

  // Set by the test.
  std::uint64_t nowUs = 0;  ///< noted with each write
  link::Status openStatus = link::Status::ok;
  link::Status baudStatus = link::Status::ok;
  bool isHungUp = false;
  bool isFlooding = false;  ///< reading gives zeros without end
  /// Bytes that the kernel still takes.
  std::size_t room = std::numeric_limits<std::size_t>::max();
  std::size_t unsent = 0;
  std::vector<std::uint8_t> incoming;
  link::LineCounters lineCounters{};

  // Looked at by the test.
  std::vector<Write> writes;
  std::uint32_t baud = 0;
  std::vector<std::uint32_t> baudsSet;
  int opens = 0;
  int outputFlushes = 0;

  link::Status open(std::uint32_t rate) noexcept override {
    ++opens;
    isOpen_ = openStatus == link::Status::ok;
    if (isOpen_) baud = rate;
    return openStatus;
  }
  void close() noexcept override { isOpen_ = false; }
  [[nodiscard]] bool isOpen() const noexcept override { return isOpen_; }
  [[nodiscard]] int fd() const noexcept override { return -1; }

  std::ptrdiff_t write(std::span<const std::uint8_t> bytes) noexcept override {
    if (isHungUp) return -1;
    const std::size_t taken = std::min(bytes.size(), room);
    room -= taken;
    if (taken > 0)
      writes.push_back({nowUs, {bytes.begin(), bytes.begin() + std::ptrdiff_t(taken)}});
    return static_cast<std::ptrdiff_t>(taken);
  }

  std::ptrdiff_t read(std::span<std::uint8_t> into) noexcept override {
    if (isHungUp) return -1;
    if (isFlooding) {
      std::fill(into.begin(), into.end(), std::uint8_t{0});
      return static_cast<std::ptrdiff_t>(into.size());
    }
    const std::size_t given = std::min(into.size(), incoming.size());
    std::copy_n(incoming.begin(), given, into.begin());
    incoming.erase(incoming.begin(), incoming.begin() + std::ptrdiff_t(given));
    return static_cast<std::ptrdiff_t>(given);
  }

  [[nodiscard]] std::size_t unsentBytes() const noexcept override { return unsent; }
  link::Status setBaud(std::uint32_t rate) noexcept override {
    baudsSet.push_back(rate);
    baud = rate;
    return baudStatus;
  }
  void flushInput() noexcept override { incoming.clear(); }
  void flushOutput() noexcept override { ++outputFlushes; }
  [[nodiscard]] link::LineCounters counters() noexcept override { return lineCounters; }

 private:
  bool isOpen_ = false;
};

}  // namespace miner::test
