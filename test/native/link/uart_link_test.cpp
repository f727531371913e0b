#include "link/uart_link.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "pty.hpp"

using miner::link::Status;
using miner::link::UartLink;
using miner::test::Pty;

TEST_CASE("any rate is set exactly") {
  Pty pty;
  UartLink uart(pty.path());
  REQUIRE(uart.open(115'740) == Status::ok);
  CHECK(pty.settings().c_ospeed == 115'740);
  for (const std::uint32_t baud : {1'041'667U, 3'125'000U, 115'200U, 12'500'000U}) {
    CHECK(uart.setBaud(baud) == Status::ok);
    CHECK(pty.settings().c_ospeed == baud);
    CHECK(pty.settings().c_ispeed == baud);
  }
}

TEST_CASE("a line is raw: every byte passes both ways, none is echoed") {
  Pty pty;
  UartLink uart(pty.path());
  REQUIRE(uart.open(3'125'000) == Status::ok);
  std::vector<std::uint8_t> all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  REQUIRE(uart.write(all) == 256);
  CHECK(pty.read(256) == all);
  pty.write(all);
  std::vector<std::uint8_t> got;
  std::array<std::uint8_t, 300> part;
  while (got.size() < all.size()) {
    pollfd fd{uart.fd(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, Pty::kDeadlineMs) == 1);
    const std::ptrdiff_t count = uart.read(part);
    REQUIRE(count > 0);
    got.insert(got.end(), part.begin(), part.begin() + count);
  }
  CHECK(got == all);
  CHECK(pty.readAll().empty());
}

TEST_CASE("nothing to read and no room to write are no hang-ups and do not block") {
  Pty pty;
  UartLink uart(pty.path());
  REQUIRE(uart.open(115'200) == Status::ok);
  std::array<std::uint8_t, 4096> bytes{};
  CHECK(uart.read(bytes) == 0);
  std::ptrdiff_t taken = 1;
  std::size_t all = 0;
  while ((taken = uart.write(bytes)) > 0) all += static_cast<std::size_t>(taken);
  CHECK(taken == 0);
  CHECK(all > 0);
  while ((taken = uart.write(bytes)) == 0) pty.read(1);
  CHECK(taken > 0);
}

TEST_CASE("a line has one owner, and who is refused takes nothing away") {
  Pty pty;
  UartLink first(pty.path());
  REQUIRE(first.open(1'000'000) == Status::ok);
  CHECK(pty.isExclusive());
  UartLink second(pty.path());
  CHECK(second.open(9'600) == Status::busy);
  CHECK(!second.isOpen());
  CHECK(pty.isExclusive());
  CHECK(pty.settings().c_ospeed == 1'000'000);
  first.close();
  CHECK(!pty.isExclusive());
  CHECK(second.open(9'600) == Status::ok);
}

TEST_CASE("a missing device, a folder and a file are refused with the reason") {
  UartLink missing("/dev/no-such-tty");
  CHECK(missing.open(115'200) == Status::openFailed);
  CHECK(errno == ENOENT);
  UartLink folder("/tmp");
  CHECK(folder.open(115'200) == Status::openFailed);
  CHECK(errno == EISDIR);
  UartLink noTty("/dev/null");
  CHECK(noTty.open(115'200) == Status::openFailed);
  CHECK(errno == ENOTTY);
  CHECK(!noTty.isOpen());
}

TEST_CASE("a far side that goes away hangs up, and another one can be opened") {
  auto pty = std::make_unique<Pty>();
  UartLink uart(pty->path());
  REQUIRE(uart.open(115'200) == Status::ok);
  pty->close();
  std::array<std::uint8_t, 16> bytes{};
  CHECK(uart.read(bytes) == -1);
  CHECK(uart.write(bytes) == -1);
  CHECK(uart.counters().overruns == 0);
  uart.close();
  CHECK(uart.fd() == -1);
  CHECK(!uart.isOpen());
}

TEST_CASE("what waits unread is thrown away by a flush and by opening") {
  Pty pty;
  UartLink uart(pty.path());
  std::array<std::uint8_t, 16> bytes{};
  const auto send = [&] {
    pty.write(bytes);
    pollfd fd{pty.slave(), POLLIN, 0};
    REQUIRE(::poll(&fd, 1, Pty::kDeadlineMs) == 1);
  };
  send();
  REQUIRE(uart.open(115'200) == Status::ok);
  CHECK(uart.read(bytes) == 0);
  send();
  uart.flushInput();
  CHECK(uart.read(bytes) == 0);
}

TEST_CASE("a pty has no counters and no bytes that wait unsent") {
  Pty pty;
  UartLink uart(pty.path());
  REQUIRE(uart.open(115'200) == Status::ok);
  CHECK(uart.unsentBytes() == 0);
  CHECK(uart.counters().overruns == 0);
  CHECK(uart.counters().framingErrors == 0);
}
