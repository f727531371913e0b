#pragma once

#include "gpio/char_line.hpp"
#include "gpio/kernel.hpp"

namespace miner::gpio {

/// A line that is pulled low or left alone, and can be read back: half of an I2C bus. One thread at
/// a time; nothing blocks for long, nothing throws.
class OpenDrainLine {
 public:
  OpenDrainLine() = default;
  OpenDrainLine(const OpenDrainLine&) = delete;
  OpenDrainLine& operator=(const OpenDrainLine&) = delete;
  virtual ~OpenDrainLine() = default;

  /// False: lets go of the line. True: pulls it low. The result is false when the kernel refused.
  virtual bool pull(bool low) noexcept = 0;
  /// 0, 1, or -1 when the kernel refused.
  [[nodiscard]] virtual int level() noexcept = 0;
};

/// A line of a character device, asked for with LineUse::openDrain.
class CharOpenDrainLine final : public OpenDrainLine {
 public:
  /// Owns `lineFd`. `kernel` must outlive the line.
  CharOpenDrainLine(Kernel& kernel, int lineFd) noexcept : kernel_(kernel), lineFd_(lineFd) {}
  ~CharOpenDrainLine() override { kernel_.close(lineFd_); }

  bool pull(bool low) noexcept override { return writeLineLevel(kernel_, lineFd_, !low); }
  [[nodiscard]] int level() noexcept override { return readLineLevel(kernel_, lineFd_); }

 private:
  Kernel& kernel_;
  const int lineFd_;
};

/// A line of sysfs, on kernels without character devices: an input is let go of, an output is low.
/// Documented: the kernel's Documentation/admin-guide/gpio/sysfs.rst; "low" makes an output that
/// has never been high.
class SysfsOpenDrainLine final : public OpenDrainLine {
 public:
  /// Owns both files of the line, `direction` and `value`.
  SysfsOpenDrainLine(int directionFd, int valueFd) noexcept
      : directionFd_(directionFd), valueFd_(valueFd) {}
  ~SysfsOpenDrainLine() override;

  bool pull(bool low) noexcept override;
  [[nodiscard]] int level() noexcept override;

 private:
  const int directionFd_;
  const int valueFd_;
};

}  // namespace miner::gpio
