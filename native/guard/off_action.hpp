#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpio/kernel.hpp"

namespace miner::guard {

/// One thing to do so that power goes off or a chain is held in reset.
///
/// As text, its fields parted by tabs, so that the guard in the controller and the companion are
/// told the same:
///   file     PATH TEXT              a value file or a FIFO that takes the text
///   line     DEVICE OFFSET LEVEL FD a line of a GPIO character device; FD: held, -1: not held
///   i2c      DEVICE ADDRESS HEX     one write on a bus
///   request  SOCKET TEXT            a line to a unix socket that answers with {..."ok":true...}
struct OffAction {
  enum class Kind : std::uint8_t { file, line, i2c, request };

  Kind kind = Kind::file;
  std::string path;
  std::string bytes;
  std::uint32_t offset = 0;  ///< of a line; the address of an I2C write
  bool level = false;
  int fd = -1;
};

/// Empty when the text is none.
std::optional<OffAction> parseOffAction(std::string_view text);

/// True when it is done as far as anybody can tell. Calls async-signal-safe functions only; files
/// and lines do not block, a request waits a third of a second for its answer, and a bus as long as
/// its driver does.
bool perform(const OffAction& action, gpio::Kernel& kernel) noexcept;

/// What switches the machine off, in order. Any thread, also in a signal handler.
class OffActions {
 public:
  /// One bit for each that is done.
  using Done = std::uint64_t;
  static constexpr std::size_t kMost = 64;

  /// Lines that are held are duplicated, so that nobody can close them meanwhile. At most kMost.
  explicit OffActions(std::vector<OffAction> actions, gpio::Kernel& kernel = gpio::systemKernel());
  OffActions(const OffActions&) = delete;
  OffActions& operator=(const OffActions&) = delete;
  ~OffActions();

  /// Tries all that are not done yet, each once, in order; returns those that are done now.
  [[nodiscard]] Done tryAll(Done done) const noexcept;
  /// The same up to `tries` times with a little time in between.
  [[nodiscard]] Done tryAll(Done done, int tries) const noexcept;
  [[nodiscard]] bool areDone(Done done) const noexcept { return done == all(); }
  [[nodiscard]] std::size_t count() const noexcept { return actions_.size(); }

 private:
  [[nodiscard]] Done all() const noexcept;

  std::vector<OffAction> actions_;
  gpio::Kernel& kernel_;
};

/// Between two tries of what failed.
constexpr int kRetryMs = 5;

}  // namespace miner::guard
