#include "guard/off_action.hpp"

#include <doctest/doctest.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "../gpio/fake_kernel.hpp"
#include "gpio/char_line.hpp"
#include "guard_files.hpp"

using miner::guard::OffAction;
using miner::guard::OffActions;
using miner::guard::parseOffAction;
using miner::guard::perform;
using miner::test::FakeKernel;
using miner::test::GuardFiles;

namespace {

bool performText(const std::string& text,
                 miner::gpio::Kernel& kernel = miner::gpio::systemKernel()) {
  const auto action = parseOffAction(text);
  REQUIRE(action.has_value());
  return perform(*action, kernel);
}

/// Keeps what an I2C device is told.
class BusKernel final : public miner::gpio::Kernel {
 public:
  std::vector<std::uint8_t> written;
  std::uint16_t address = 0;

  int ioctl(int, unsigned long request, void* argument) noexcept override {
    if (request != I2C_RDWR) return -1;
    const auto* transfer = static_cast<const i2c_rdwr_ioctl_data*>(argument);
    const i2c_msg& message = transfer->msgs[0];
    address = message.addr;
    written.assign(message.buf, message.buf + message.len);
    return static_cast<int>(transfer->nmsgs);
  }
  ssize_t read(int, void*, std::size_t) noexcept override { return -1; }
  int makeNonBlocking(int) noexcept override { return -1; }
  void close(int) noexcept override {}
};

/// Answers one request on a socket.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string answer) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    thread_ = std::thread([this, text = std::move(answer)] {
      const int client = ::accept(listener_, nullptr, nullptr);
      char line[128];
      const ssize_t size = ::recv(client, line, sizeof line, 0);
      heard_.assign(line, static_cast<std::size_t>(size < 0 ? 0 : size));
      ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
      ::close(client);
    });
  }
  ~OneAnswer() { ::close(listener_); }
  std::string heard() {
    thread_.join();
    return heard_;
  }

 private:
  int listener_ = -1;
  std::string heard_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("an off action is told as text, and nothing else is taken for one") {
  for (const char* text : {"file\t/a b\t1", "line\t/dev/gpiochip0\t31\t0\t-1",
                           "i2c\t/dev/i2c-0\t36\t0100", "request\t/hardware.sock\t{\"do\":1}"})
    CHECK(parseOffAction(text).has_value());
  for (const char* text :
       {"", "file", "file\t\t1", "file\t/a\t", "file\t/a\t1\t2", "line\t/dev/gpiochip0\t31\t2\t-1",
        "line\t/dev/gpiochip0\tx\t0\t-1", "i2c\t/dev/i2c-0\t128\t0100", "i2c\t/dev/i2c-0\t36\t010",
        "i2c\t/dev/i2c-0\t36\txy", "other\t/a\t1", "file\t/a\t1\t2\t3\t4"})
    CHECK(!parseOffAction(text).has_value());
}

TEST_CASE("a file gets its text; one that is not there or that nobody reads fails at once") {
  const GuardFiles files;
  const std::string enable = files.line("enable");
  CHECK(performText("file\t" + enable + "\t1"));
  CHECK(files.text("enable") == "1");
  CHECK(!performText("file\t" + files.path("missing") + "\t1"));
  const std::string fifo = files.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(!performText("file\t" + fifo + "\t1"));
}

TEST_CASE("a held line is driven, by either interface of the kernel") {
  for (const auto interfaces : {FakeKernel::Interfaces::both, FakeKernel::Interfaces::first}) {
    FakeKernel kernel(interfaces);
    const auto line = miner::gpio::CharLine::request(kernel, FakeKernel::kChipFd, 5,
                                                     miner::gpio::LineUse::output, false);
    REQUIRE(line.has_value());
    CHECK(performText("line\t/dev/gpiochip0\t5\t1\t" + std::to_string(line->fd()), kernel));
    CHECK(kernel.line(5).level());
  }
}

TEST_CASE("a regulator is told over its bus") {
  BusKernel kernel;
  CHECK(performText("i2c\t/dev/null\t36\t0100", kernel));
  CHECK(kernel.address == 36);
  CHECK(kernel.written == std::vector<std::uint8_t>{1, 0});
  CHECK(!performText("i2c\t/nowhere\t36\t0100", kernel));
}

TEST_CASE("a request is done when the answer says so") {
  for (const bool isGood : {true, false}) {
    const GuardFiles files;
    OneAnswer server(files.path("socket"),
                     isGood ? "{\"id\":1,\"ok\":true}\n" : "{\"ok\":false}\n");
    CHECK(performText("request\t" + files.path("socket") + "\t{\"id\":1}") == isGood);
    CHECK(server.heard() == "{\"id\":1}\n");
  }
  CHECK(!performText("request\t/nowhere/socket\t{}"));
}

TEST_CASE("actions are done in order, and what fails is tried again without the rest") {
  const GuardFiles files;
  const std::string late = files.path("late");
  std::vector<OffAction> list;
  for (const std::string& path : {late, files.line("reset")})
    list.push_back(*parseOffAction("file\t" + path + "\t1"));
  const OffActions actions(std::move(list));
  const OffActions::Done done = actions.tryAll(0, 2);
  CHECK(!actions.areDone(done));
  CHECK(files.text("reset") == "1");
  files.line("reset");
  files.line("late");
  CHECK(actions.areDone(actions.tryAll(done)));
  CHECK(files.text("late") == "1");
  CHECK(files.text("reset") == "0");
}
