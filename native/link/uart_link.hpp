#pragma once

#include <string>

#include "link/link.hpp"

namespace miner::link {

/// A Linux tty: raw, 8N1, no flow control, any rate (termios2 with BOTHER).
class UartLink final : public Link {
 public:
  explicit UartLink(std::string path);
  ~UartLink() override;

  Status open(std::uint32_t baud) noexcept override;
  void close() noexcept override;
  [[nodiscard]] bool isOpen() const noexcept override { return fd_ >= 0; }
  [[nodiscard]] int fd() const noexcept override { return fd_; }
  std::ptrdiff_t write(std::span<const std::uint8_t> bytes) noexcept override;
  std::ptrdiff_t read(std::span<std::uint8_t> into) noexcept override;
  [[nodiscard]] std::size_t unsentBytes() const noexcept override;
  Status setBaud(std::uint32_t baud) noexcept override;
  void flushInput() noexcept override;
  void flushOutput() noexcept override;
  [[nodiscard]] LineCounters counters() noexcept override;

 private:
  Status closeAfter(Status failure) noexcept;
  /// False where the driver counts nothing.
  bool readDriverCounters(LineCounters& into) const noexcept;
  void askLowLatency() const noexcept;

  const std::string path_;
  int fd_ = -1;
  bool isOwner_ = false;
  LineCounters atOpen_{};
  LineCounters lastCounters_{};
};

}  // namespace miner::link
