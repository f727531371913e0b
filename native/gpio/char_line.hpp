#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "gpio/kernel.hpp"

namespace miner::gpio {

/// What the character device of a chip says of it.
struct ChipInfo {
  std::string label;
  std::uint32_t lines = 0;
};

/// Empty with errno when `chipFd` is no GPIO chip.
std::optional<ChipInfo> readChipInfo(Kernel& kernel, int chipFd);

enum class LineUse : std::uint8_t {
  input,
  output,        ///< driven; gets its first level in the moment it becomes an output
  outputAsIs,    ///< driven with the level that the line has already
  openDrain,     ///< pulled low or released; can be read back; released at first
  fallingEdges,  ///< an input whose falling edges the kernel notes with their times
};

/// One line of a GPIO character device. Documented: the kernel's include/uapi/linux/gpio.h; the
/// second interface since 5.10, the first since 4.8. One thread at a time; nothing blocks, nothing
/// throws. The line is held by `fd`: when it is closed the kernel lets go of the line, whose level
/// then stays with most chips.
class CharLine {
 public:
  /// Asks for line `offset` of the chip open at `chipFd`, by the second interface or else the
  /// first. Empty with errno on failure (EBUSY: somebody else has the line). The chip may be closed
  /// afterwards. `kernel` must outlive the line.
  static std::optional<CharLine> request(Kernel& kernel, int chipFd, std::uint32_t offset,
                                         LineUse use, bool initial) noexcept;

  CharLine(CharLine&& other) noexcept;
  CharLine& operator=(CharLine&& other) noexcept;
  CharLine(const CharLine&) = delete;
  CharLine& operator=(const CharLine&) = delete;
  ~CharLine();

  /// 0, 1, or -1 with errno.
  [[nodiscard]] int read() const noexcept;
  /// False with errno. With open drain true releases the line.
  bool write(bool level) const noexcept;
  /// Kernel times in ns of the edges since the last call, oldest first: how many were put into
  /// `timesNs`, or -1 with errno. More may wait when all of `timesNs` was used. The clock is the
  /// monotonic one, but the wall clock before Linux 5.7.
  std::ptrdiff_t takeEdges(std::span<std::uint64_t> timesNs) const noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  CharLine(Kernel& kernel, int fd, bool isSecond) noexcept
      : kernel_(&kernel), fd_(fd), isSecond_(isSecond) {}

  Kernel* kernel_;
  int fd_;
  bool isSecond_;
};

/// Level of a line that is held by `lineFd`, whichever interface it came by; 0, 1, or -1 with
/// errno.
int readLineLevel(Kernel& kernel, int lineFd) noexcept;
/// False with errno.
bool writeLineLevel(Kernel& kernel, int lineFd, bool level) noexcept;

}  // namespace miner::gpio
