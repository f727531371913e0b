#include "link/uart_link.hpp"

// The kernel's own termios header: glibc's <termios.h> knows no BOTHER and clashes with it.
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <linux/tty_flags.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace miner::link {

namespace {

/// A start and a stop bit leave about 5 % for both ends together; one end may use a fifth of that.
constexpr std::uint32_t kMaxBaudErrorPercent = 1;

bool isNear(std::uint32_t wanted, std::uint32_t got) noexcept {
  const std::uint32_t difference = wanted > got ? wanted - got : got - wanted;
  return std::uint64_t{difference} * 100U <= std::uint64_t{wanted} * kMaxBaudErrorPercent;
}

}  // namespace

UartLink::UartLink(std::string path) : path_(std::move(path)) {}

UartLink::~UartLink() { close(); }

Status UartLink::open(std::uint32_t baud) noexcept {
  close();
  fd_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) return errno == EBUSY ? Status::busy : Status::openFailed;
  // TIOCEXCL does not stop root, flock does not stop programs that never ask: both together.
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) return closeAfter(Status::busy);
  if (::ioctl(fd_, TIOCEXCL) != 0) return closeAfter(Status::openFailed);
  isOwner_ = true;
  const Status status = setBaud(baud);
  if (status != Status::ok) return closeAfter(status);
  askLowLatency();
  flushInput();
  lastCounters_ = {};
  atOpen_ = {};
  readDriverCounters(atOpen_);
  return Status::ok;
}

void UartLink::close() noexcept {
  if (fd_ < 0) return;
  // The mark belongs to the line, not to the descriptor: only who set it may take it away.
  if (isOwner_) ::ioctl(fd_, TIOCNXCL);
  isOwner_ = false;
  ::close(fd_);
  fd_ = -1;
}

Status UartLink::closeAfter(Status failure) noexcept {
  const int reason = errno;
  close();
  errno = reason;
  return failure;
}

std::ptrdiff_t UartLink::write(std::span<const std::uint8_t> bytes) noexcept {
  const ssize_t taken = ::write(fd_, bytes.data(), bytes.size());
  if (taken >= 0) return taken;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

std::ptrdiff_t UartLink::read(std::span<std::uint8_t> into) noexcept {
  const ssize_t given = ::read(fd_, into.data(), into.size());
  if (given > 0) return given;
  if (given < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return -1;  // end of file or EIO: the far end of a pty closed, or the adapter was pulled
}

std::size_t UartLink::unsentBytes() const noexcept {
  int waiting = 0;
  return ::ioctl(fd_, TIOCOUTQ, &waiting) == 0 && waiting > 0 ? static_cast<std::size_t>(waiting)
                                                              : 0;
}

Status UartLink::setBaud(std::uint32_t baud) noexcept {
  termios2 settings{};
  if (::ioctl(fd_, TCGETS2, &settings) != 0) return Status::openFailed;
  settings.c_iflag = 0;
  settings.c_oflag = 0;
  settings.c_lflag = 0;
  settings.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | (BOTHER << IBSHIFT);
  settings.c_ispeed = baud;
  settings.c_ospeed = baud;
  settings.c_cc[VTIME] = 0;
  // With VMIN 0 an empty read returns 0, which looks like a hang-up; with 1 it gives EAGAIN.
  settings.c_cc[VMIN] = 1;
  if (::ioctl(fd_, TCSETS2, &settings) != 0) return Status::baudRefused;
  termios2 got{};
  if (::ioctl(fd_, TCGETS2, &got) != 0) return Status::openFailed;
  return isNear(baud, got.c_ospeed) && isNear(baud, got.c_ispeed) ? Status::ok
                                                                  : Status::baudRefused;
}

void UartLink::flushInput() noexcept { ::ioctl(fd_, TCFLSH, TCIFLUSH); }

void UartLink::flushOutput() noexcept { ::ioctl(fd_, TCFLSH, TCOFLUSH); }

LineCounters UartLink::counters() noexcept {
  LineCounters now;
  // A line that was pulled answers no more; what it said last stays true.
  if (readDriverCounters(now))
    lastCounters_ = {now.overruns - atOpen_.overruns, now.framingErrors - atOpen_.framingErrors};
  return lastCounters_;
}

bool UartLink::readDriverCounters(LineCounters& into) const noexcept {
  serial_icounter_struct counted{};
  if (::ioctl(fd_, TIOCGICOUNT, &counted) != 0) return false;
  into = {static_cast<std::uint32_t>(counted.overrun + counted.buf_overrun),
          static_cast<std::uint32_t>(counted.frame + counted.brk)};
  return true;
}

void UartLink::askLowLatency() const noexcept {
  serial_struct settings{};
  if (::ioctl(fd_, TIOCGSERIAL, &settings) != 0)
    return;  // ptys and some drivers know no such thing
  settings.flags |= ASYNC_LOW_LATENCY;
  ::ioctl(fd_, TIOCSSERIAL, &settings);
}

}  // namespace miner::link
