#pragma once

#include <linux/gpio.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "gpio/kernel.hpp"

namespace miner::test {

/// One line of the chip as the world sees it.
struct FakeGpioLine {
  bool isOutput = false;
  bool isOpenDrain = false;
  bool isDrivenHigh = false;
  bool outside = false;  ///< what others do to it while we do not drive it
  bool isBusy = false;
  /// Every level that it had as an output.
  std::vector<bool> driven;
  std::deque<std::uint64_t> edges;

  [[nodiscard]] bool level() const {
    if (!isOutput || (isOpenDrain && isDrivenHigh)) return outside;
    return isDrivenHigh;
  }
};

/// A kernel with one GPIO chip. `interfaces` says which of the two it has.
class FakeKernel final : public gpio::Kernel {
 public:
  enum class Interfaces { both, first };
  static constexpr int kChipFd = 3;

  explicit FakeKernel(Interfaces interfaces) : interfaces_(interfaces) {}

  FakeGpioLine& line(std::uint32_t offset) { return lines_[offset]; }
  [[nodiscard]] std::size_t openLines() const { return held_.size(); }

  int ioctl(int fd, unsigned long request, void* argument) noexcept override {
    const bool isSecond = request == GPIO_V2_GET_LINE_IOCTL ||
                          request == GPIO_V2_LINE_GET_VALUES_IOCTL ||
                          request == GPIO_V2_LINE_SET_VALUES_IOCTL;
    if (isSecond && interfaces_ == Interfaces::first) return failWith(EINVAL);
    if (fd == kChipFd) return chipCall(request, argument);
    const auto held = held_.find(fd);
    if (held == held_.end()) return failWith(EBADF);
    // A line of one interface does not know the calls of the other.
    if (isSecond != held->second.isSecond) return failWith(EINVAL);
    return lineCall(held->second.offset, request, argument);
  }

  ssize_t read(int fd, void* into, std::size_t size) noexcept override {
    const Held& held = held_.at(fd);
    auto& edges = lines_[held.offset].edges;
    if (edges.empty()) return failWith(held.isNonBlocking ? EAGAIN : EDEADLK);
    std::size_t used = 0;
    while (!edges.empty() && used + eventSize(held) <= size) {
      putEvent(held, static_cast<char*>(into) + used, edges.front());
      edges.pop_front();
      used += eventSize(held);
    }
    return static_cast<ssize_t>(used);
  }

  int makeNonBlocking(int fd) noexcept override {
    held_.at(fd).isNonBlocking = true;
    return 0;
  }

  void close(int fd) noexcept override {
    if (held_.contains(fd)) lines_[held_[fd].offset].isBusy = false;
    held_.erase(fd);
  }

 private:
  struct Held {
    std::uint32_t offset = 0;
    bool isSecond = false;
    bool isNonBlocking = false;
  };

  static int failWith(int reason) noexcept {
    errno = reason;
    return -1;
  }

  static std::size_t eventSize(const Held& held) noexcept {
    return held.isSecond ? sizeof(gpio_v2_line_event) : sizeof(gpioevent_data);
  }

  static void putEvent(const Held& held, char* into, std::uint64_t timeNs) noexcept {
    if (held.isSecond) {
      gpio_v2_line_event event{};
      event.timestamp_ns = timeNs;
      std::memcpy(into, &event, sizeof event);
    } else {
      gpioevent_data event{};
      event.timestamp = timeNs;
      std::memcpy(into, &event, sizeof event);
    }
  }

  int hold(std::uint32_t offset, bool isSecond) {
    if (offset >= kLines) return failWith(EINVAL);
    if (lines_[offset].isBusy) return failWith(EBUSY);
    lines_[offset].isBusy = true;
    held_[nextFd_] = Held{offset, isSecond, false};
    return nextFd_++;
  }

  void drive(std::uint32_t offset, bool isOpenDrain, bool level) {
    FakeGpioLine& line = lines_[offset];
    line.isOutput = true;
    line.isOpenDrain = isOpenDrain;
    line.isDrivenHigh = level;
    line.driven.push_back(level);
  }

  int chipCall(unsigned long request, void* argument) {
    switch (request) {
      case GPIO_GET_CHIPINFO_IOCTL: {
        auto& info = *static_cast<gpiochip_info*>(argument);
        std::strncpy(info.label, "periphs-banks", sizeof info.label);
        info.lines = kLines;
        return 0;
      }
      case GPIO_V2_GET_LINE_IOCTL: {
        auto& asked = *static_cast<gpio_v2_line_request*>(argument);
        asked.fd = hold(asked.offsets[0], true);
        if (asked.fd < 0) return -1;
        const std::uint64_t flags = asked.config.flags;
        if ((flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0)
          drive(asked.offsets[0], (flags & GPIO_V2_LINE_FLAG_OPEN_DRAIN) != 0,
                (asked.config.attrs[0].attr.values & 1) != 0);
        if ((flags & GPIO_V2_LINE_FLAG_INPUT) != 0) lines_[asked.offsets[0]].isOutput = false;
        return 0;
      }
      case GPIO_GET_LINEHANDLE_IOCTL: {
        auto& asked = *static_cast<gpiohandle_request*>(argument);
        asked.fd = hold(asked.lineoffsets[0], false);
        if (asked.fd < 0) return -1;
        if ((asked.flags & GPIOHANDLE_REQUEST_OUTPUT) != 0)
          drive(asked.lineoffsets[0], (asked.flags & GPIOHANDLE_REQUEST_OPEN_DRAIN) != 0,
                asked.default_values[0] != 0);
        if ((asked.flags & GPIOHANDLE_REQUEST_INPUT) != 0)
          lines_[asked.lineoffsets[0]].isOutput = false;
        return 0;
      }
      case GPIO_GET_LINEEVENT_IOCTL: {
        auto& asked = *static_cast<gpioevent_request*>(argument);
        asked.fd = hold(asked.lineoffset, false);
        return asked.fd < 0 ? -1 : 0;
      }
      default:
        return failWith(EINVAL);
    }
  }

  int lineCall(std::uint32_t offset, unsigned long request, void* argument) {
    FakeGpioLine& line = lines_[offset];
    switch (request) {
      case GPIO_V2_LINE_GET_VALUES_IOCTL:
        static_cast<gpio_v2_line_values*>(argument)->bits = line.level() ? 1 : 0;
        return 0;
      case GPIOHANDLE_GET_LINE_VALUES_IOCTL:
        static_cast<gpiohandle_data*>(argument)->values[0] = line.level() ? 1 : 0;
        return 0;
      case GPIO_V2_LINE_SET_VALUES_IOCTL:
        if (!line.isOutput) return failWith(EPERM);
        drive(offset, line.isOpenDrain,
              (static_cast<gpio_v2_line_values*>(argument)->bits & 1) != 0);
        return 0;
      case GPIOHANDLE_SET_LINE_VALUES_IOCTL:
        if (!line.isOutput) return failWith(EPERM);
        drive(offset, line.isOpenDrain, static_cast<gpiohandle_data*>(argument)->values[0] != 0);
        return 0;
      default:
        return failWith(EINVAL);
    }
  }

  static constexpr std::uint32_t kLines = 32;
  const Interfaces interfaces_;
  std::map<std::uint32_t, FakeGpioLine> lines_;
  std::map<int, Held> held_;
  int nextFd_ = 10;
};

}  // namespace miner::test
