#include "gpio/char_line.hpp"

#include <linux/gpio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace miner::gpio {

namespace {

constexpr char kConsumer[] = "headframe";
constexpr std::size_t kEventsPerRead = 16;
/// Edges that the kernel keeps for us: what a fan at 10,000 turns a minute makes in a quarter
/// second, and as much again.
constexpr std::uint32_t kEventBuffer = 256;

/// A kernel or a file that does not know the call.
bool isUnknownCall() noexcept { return errno == EINVAL || errno == ENOTTY; }

std::uint64_t flagsOfSecond(LineUse use) noexcept {
  switch (use) {
    case LineUse::input:
      return GPIO_V2_LINE_FLAG_INPUT;
    case LineUse::output:
    case LineUse::outputAsIs:
      return GPIO_V2_LINE_FLAG_OUTPUT;
    case LineUse::openDrain:
      return GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_OPEN_DRAIN;
    case LineUse::fallingEdges:
      return GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_FALLING;
  }
  return 0;
}

std::uint32_t flagsOfFirst(LineUse use) noexcept {
  switch (use) {
    case LineUse::output:
    case LineUse::outputAsIs:
      return GPIOHANDLE_REQUEST_OUTPUT;
    case LineUse::openDrain:
      return GPIOHANDLE_REQUEST_OUTPUT | GPIOHANDLE_REQUEST_OPEN_DRAIN;
    case LineUse::input:
    case LineUse::fallingEdges:
      break;
  }
  return GPIOHANDLE_REQUEST_INPUT;
}

/// The file descriptor of the line, or -1 with errno. No flags ask for the line as it is.
int requestSecond(Kernel& kernel, int chipFd, std::uint32_t offset, std::uint64_t flags,
                  bool level) noexcept {
  gpio_v2_line_request request{};
  request.offsets[0] = offset;
  request.num_lines = 1;
  std::memcpy(request.consumer, kConsumer, sizeof kConsumer);
  request.config.flags = flags;
  if ((flags & GPIO_V2_LINE_FLAG_EDGE_FALLING) != 0) request.event_buffer_size = kEventBuffer;
  if ((flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0) {
    request.config.num_attrs = 1;
    request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    request.config.attrs[0].attr.values = level ? 1U : 0U;
    request.config.attrs[0].mask = 1;
  }
  if (kernel.ioctl(chipFd, GPIO_V2_GET_LINE_IOCTL, &request) < 0) return -1;
  return request.fd;
}

int requestFirst(Kernel& kernel, int chipFd, std::uint32_t offset, std::uint32_t flags,
                 bool level) noexcept {
  gpiohandle_request request{};
  request.lineoffsets[0] = offset;
  request.lines = 1;
  request.flags = flags;
  request.default_values[0] = level ? 1 : 0;
  std::memcpy(request.consumer_label, kConsumer, sizeof kConsumer);
  if (kernel.ioctl(chipFd, GPIO_GET_LINEHANDLE_IOCTL, &request) < 0) return -1;
  return request.fd;
}

int requestFirstEdges(Kernel& kernel, int chipFd, std::uint32_t offset) noexcept {
  gpioevent_request request{};
  request.lineoffset = offset;
  request.handleflags = GPIOHANDLE_REQUEST_INPUT;
  request.eventflags = GPIOEVENT_REQUEST_FALLING_EDGE;
  std::memcpy(request.consumer_label, kConsumer, sizeof kConsumer);
  if (kernel.ioctl(chipFd, GPIO_GET_LINEEVENT_IOCTL, &request) < 0) return -1;
  return request.fd;
}

int readSecond(Kernel& kernel, int fd) noexcept {
  gpio_v2_line_values values{};
  values.mask = 1;
  if (kernel.ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0) return -1;
  return static_cast<int>(values.bits & 1U);
}

int readFirst(Kernel& kernel, int fd) noexcept {
  gpiohandle_data data{};
  if (kernel.ioctl(fd, GPIOHANDLE_GET_LINE_VALUES_IOCTL, &data) < 0) return -1;
  return data.values[0] != 0 ? 1 : 0;
}

bool writeSecond(Kernel& kernel, int fd, bool level) noexcept {
  gpio_v2_line_values values{};
  values.mask = 1;
  values.bits = level ? 1U : 0U;
  return kernel.ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) >= 0;
}

bool writeFirst(Kernel& kernel, int fd, bool level) noexcept {
  gpiohandle_data data{};
  data.values[0] = level ? 1 : 0;
  return kernel.ioctl(fd, GPIOHANDLE_SET_LINE_VALUES_IOCTL, &data) >= 0;
}

/// Closes without losing the reason.
void closeKeepingErrno(Kernel& kernel, int fd) noexcept {
  const int reason = errno;
  kernel.close(fd);
  errno = reason;
}

/// The level of a line that nobody holds, asked for without touching its direction; -1 with errno.
int levelAsIs(Kernel& kernel, int chipFd, std::uint32_t offset, bool isSecond) noexcept {
  const int fd = isSecond ? requestSecond(kernel, chipFd, offset, 0, false)
                          : requestFirst(kernel, chipFd, offset, 0, false);
  if (fd < 0) return -1;
  const int level = isSecond ? readSecond(kernel, fd) : readFirst(kernel, fd);
  closeKeepingErrno(kernel, fd);
  return level;
}

bool isDriven(LineUse use) noexcept { return use == LineUse::output || use == LineUse::outputAsIs; }

/// The line by one of the two interfaces, or -1 with errno. An output is told its level once more:
/// a chip may forget what it was told while the line was an input. Captured: the AST2600 of
/// QEMU 7.2.
int requestBy(bool isSecond, Kernel& kernel, int chipFd, std::uint32_t offset, LineUse use,
              bool initial) noexcept {
  bool level = initial || use == LineUse::openDrain;
  if (use == LineUse::outputAsIs) {
    const int found = levelAsIs(kernel, chipFd, offset, isSecond);
    if (found < 0) return -1;
    level = found != 0;
  }
  if (!isSecond && use == LineUse::fallingEdges) return requestFirstEdges(kernel, chipFd, offset);
  const int fd = isSecond ? requestSecond(kernel, chipFd, offset, flagsOfSecond(use), level)
                          : requestFirst(kernel, chipFd, offset, flagsOfFirst(use), level);
  if (fd < 0 || !isDriven(use)) return fd;
  if (isSecond ? writeSecond(kernel, fd, level) : writeFirst(kernel, fd, level)) return fd;
  closeKeepingErrno(kernel, fd);
  return -1;
}

/// Events of type `Event` in `bytes` as their times.
template <typename Event, typename TimeOf>
std::size_t timesOf(std::span<const unsigned char> bytes, std::span<std::uint64_t> into,
                    TimeOf timeOf) noexcept {
  const std::size_t count = std::min(bytes.size() / sizeof(Event), into.size());
  for (std::size_t i = 0; i < count; ++i) {
    Event event;
    std::memcpy(&event, bytes.data() + i * sizeof(Event), sizeof(Event));
    into[i] = timeOf(event);
  }
  return count;
}

}  // namespace

std::optional<ChipInfo> readChipInfo(Kernel& kernel, int chipFd) {
  gpiochip_info info{};
  if (kernel.ioctl(chipFd, GPIO_GET_CHIPINFO_IOCTL, &info) < 0) return std::nullopt;
  return ChipInfo{std::string(info.label, ::strnlen(info.label, sizeof info.label)), info.lines};
}

std::optional<CharLine> CharLine::request(Kernel& kernel, int chipFd, std::uint32_t offset,
                                          LineUse use, bool initial) noexcept {
  bool isSecond = true;
  int fd = requestBy(true, kernel, chipFd, offset, use, initial);
  if (fd < 0 && isUnknownCall()) {
    isSecond = false;
    fd = requestBy(false, kernel, chipFd, offset, use, initial);
  }
  if (fd < 0) return std::nullopt;
  if (use == LineUse::fallingEdges && kernel.makeNonBlocking(fd) < 0) {
    closeKeepingErrno(kernel, fd);
    return std::nullopt;
  }
  return CharLine(kernel, fd, isSecond);
}

CharLine::CharLine(CharLine&& other) noexcept
    : kernel_(other.kernel_), fd_(std::exchange(other.fd_, -1)), isSecond_(other.isSecond_) {}

CharLine& CharLine::operator=(CharLine&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) kernel_->close(fd_);
  kernel_ = other.kernel_;
  fd_ = std::exchange(other.fd_, -1);
  isSecond_ = other.isSecond_;
  return *this;
}

CharLine::~CharLine() {
  if (fd_ >= 0) kernel_->close(fd_);
}

int CharLine::read() const noexcept {
  return isSecond_ ? readSecond(*kernel_, fd_) : readFirst(*kernel_, fd_);
}

bool CharLine::write(bool level) const noexcept {
  return isSecond_ ? writeSecond(*kernel_, fd_, level) : writeFirst(*kernel_, fd_, level);
}

std::ptrdiff_t CharLine::takeEdges(std::span<std::uint64_t> timesNs) const noexcept {
  static_assert(sizeof(gpio_v2_line_event) >= sizeof(gpioevent_data));
  const std::size_t size = isSecond_ ? sizeof(gpio_v2_line_event) : sizeof(gpioevent_data);
  std::array<unsigned char, kEventsPerRead * sizeof(gpio_v2_line_event)> buffer;
  std::size_t taken = 0;
  while (taken < timesNs.size()) {
    const auto into = timesNs.subspan(taken);
    const ssize_t got =
        kernel_->read(fd_, buffer.data(), std::min(kEventsPerRead, into.size()) * size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != EAGAIN) return -1;
    if (got <= 0) break;
    const std::span<const unsigned char> bytes(buffer.data(), static_cast<std::size_t>(got));
    taken += isSecond_ ? timesOf<gpio_v2_line_event>(
                             bytes, into, [](const auto& event) { return event.timestamp_ns; })
                       : timesOf<gpioevent_data>(bytes, into,
                                                 [](const auto& event) { return event.timestamp; });
  }
  return static_cast<std::ptrdiff_t>(taken);
}

int readLineLevel(Kernel& kernel, int lineFd) noexcept {
  const int level = readSecond(kernel, lineFd);
  return level < 0 && isUnknownCall() ? readFirst(kernel, lineFd) : level;
}

bool writeLineLevel(Kernel& kernel, int lineFd, bool level) noexcept {
  return writeSecond(kernel, lineFd, level) ||
         (isUnknownCall() && writeFirst(kernel, lineFd, level));
}

}  // namespace miner::gpio
