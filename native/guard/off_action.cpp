#include "guard/off_action.hpp"

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "gpio/char_line.hpp"

namespace miner::guard {

namespace {

/// Whoever answers a request does so at once; longer than this nobody is there.
constexpr int kAnswerMs = 300;
constexpr std::size_t kMostBytes = 32;

template <typename Number>
bool numberOf(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

bool bytesOfHex(std::string_view hex, std::string& into) {
  if (hex.empty() || hex.size() % 2 != 0 || hex.size() / 2 > kMostBytes) return false;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* from = hex.data() + i;
    if (const auto [end, error] = std::from_chars(from, from + 2, byte, 16);
        error != std::errc{} || end != from + 2)
      return false;
    into.push_back(static_cast<char>(byte));
  }
  return true;
}

/// A file that is closed when this goes.
class OpenFile {
 public:
  explicit OpenFile(int fd) noexcept : fd_(fd) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  const int fd_;
};

bool writeFile(const OffAction& action) noexcept {
  // Without O_NONBLOCK a FIFO that nobody reads would hold whoever opens it.
  const OpenFile file(::open(action.path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.fd() < 0) return false;
  return ::write(file.fd(), action.bytes.data(), action.bytes.size()) ==
         static_cast<ssize_t>(action.bytes.size());
}

bool driveLine(const OffAction& action, gpio::Kernel& kernel) noexcept {
  if (action.fd >= 0) return gpio::writeLineLevel(kernel, action.fd, action.level);
  const OpenFile chip(::open(action.path.c_str(), O_RDWR | O_CLOEXEC));
  if (chip.fd() < 0) return false;
  // The line gets its level in the moment it is asked for, and keeps it when it is let go.
  return gpio::CharLine::request(kernel, chip.fd(), action.offset, gpio::LineUse::output,
                                 action.level)
      .has_value();
}

bool writeBus(const OffAction& action, gpio::Kernel& kernel) noexcept {
  const OpenFile bus(::open(action.path.c_str(), O_RDWR | O_CLOEXEC));
  if (bus.fd() < 0) return false;
  std::array<std::uint8_t, kMostBytes> bytes{};
  std::memcpy(bytes.data(), action.bytes.data(), action.bytes.size());
  i2c_msg message{};
  message.addr = static_cast<std::uint16_t>(action.offset);
  message.len = static_cast<std::uint16_t>(action.bytes.size());
  message.buf = bytes.data();
  i2c_rdwr_ioctl_data transfer{};
  transfer.msgs = &message;
  transfer.nmsgs = 1;
  return kernel.ioctl(bus.fd(), I2C_RDWR, &transfer) == 1;
}

bool isAnswerGood(int fd) noexcept {
  std::array<char, 256> answer{};
  std::size_t size = 0;
  pollfd wait{fd, POLLIN, 0};
  while (size < answer.size() && ::poll(&wait, 1, kAnswerMs) == 1) {
    const ssize_t got = ::recv(fd, answer.data() + size, answer.size() - size, MSG_DONTWAIT);
    if (got <= 0) return false;
    size += static_cast<std::size_t>(got);
    const std::string_view seen(answer.data(), size);
    if (seen.find('\n') != std::string_view::npos)
      return seen.find("\"ok\":true") != std::string_view::npos;
  }
  return false;
}

bool askSocket(const OffAction& action) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (action.path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, action.path.c_str(), action.path.size() + 1);
  const OpenFile socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.fd() < 0 ||
      ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  const auto sent = ::send(socket.fd(), action.bytes.data(), action.bytes.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(action.bytes.size()) && isAnswerGood(socket.fd());
}

}  // namespace

std::optional<OffAction> parseOffAction(std::string_view text) {
  std::array<std::string_view, 5> field;
  std::size_t fields = 0;
  for (;;) {
    if (fields == field.size()) return std::nullopt;
    const std::size_t tab = text.find('\t');
    field[fields++] = text.substr(0, tab);
    if (tab == std::string_view::npos) break;
    text.remove_prefix(tab + 1);
  }
  OffAction action;
  action.path = field[1];
  if (action.path.empty()) return std::nullopt;
  if (field[0] == "file" && fields == 3 && !field[2].empty()) {
    action.bytes = field[2];
    return action;
  }
  if (field[0] == "request" && fields == 3 && !field[2].empty()) {
    action.kind = OffAction::Kind::request;
    action.bytes = std::string(field[2]) + "\n";
    return action;
  }
  if (field[0] == "i2c" && fields == 4) {
    action.kind = OffAction::Kind::i2c;
    const bool isGood = numberOf(field[2], action.offset) && action.offset <= 0x7f &&
                        bytesOfHex(field[3], action.bytes);
    return isGood ? std::optional(action) : std::nullopt;
  }
  if (field[0] == "line" && fields == 5 && (field[3] == "0" || field[3] == "1")) {
    action.kind = OffAction::Kind::line;
    action.level = field[3] == "1";
    const bool isGood = numberOf(field[2], action.offset) && numberOf(field[4], action.fd);
    return isGood ? std::optional(action) : std::nullopt;
  }
  return std::nullopt;
}

bool perform(const OffAction& action, gpio::Kernel& kernel) noexcept {
  switch (action.kind) {
    case OffAction::Kind::file:
      return writeFile(action);
    case OffAction::Kind::line:
      return driveLine(action, kernel);
    case OffAction::Kind::i2c:
      return writeBus(action, kernel);
    case OffAction::Kind::request:
      return askSocket(action);
  }
  return false;
}

OffActions::OffActions(std::vector<OffAction> actions, gpio::Kernel& kernel)
    : actions_(std::move(actions)), kernel_(kernel) {
  if (actions_.size() > kMost) actions_.resize(kMost);
  for (OffAction& action : actions_)
    if (action.fd >= 0) action.fd = ::fcntl(action.fd, F_DUPFD_CLOEXEC, 0);
}

OffActions::~OffActions() {
  for (const OffAction& action : actions_)
    if (action.fd >= 0) ::close(action.fd);
}

OffActions::Done OffActions::tryAll(Done done) const noexcept {
  Done bit = 1;
  for (const OffAction& action : actions_) {
    if ((done & bit) == 0 && perform(action, kernel_)) done |= bit;
    bit <<= 1;
  }
  return done;
}

OffActions::Done OffActions::tryAll(Done done, int tries) const noexcept {
  for (int attempt = 0; attempt < tries; ++attempt) {
    if (attempt > 0) ::poll(nullptr, 0, kRetryMs);
    done = tryAll(done);
    if (areDone(done)) break;
  }
  return done;
}

OffActions::Done OffActions::all() const noexcept {
  return actions_.size() == kMost ? ~Done{0} : (Done{1} << actions_.size()) - 1;
}

}  // namespace miner::guard
