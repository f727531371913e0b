#include "gpio/char_line.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <vector>

#include "fake_kernel.hpp"

using miner::gpio::CharLine;
using miner::gpio::LineUse;
using miner::test::FakeKernel;

namespace {

constexpr FakeKernel::Interfaces kBoth[] = {FakeKernel::Interfaces::both,
                                            FakeKernel::Interfaces::first};

std::optional<CharLine> ask(FakeKernel& kernel, LineUse use, bool initial = false,
                            std::uint32_t offset = 7) {
  return CharLine::request(kernel, FakeKernel::kChipFd, offset, use, initial);
}

}  // namespace

TEST_CASE("a chip tells its label and how many lines it has") {
  FakeKernel kernel(FakeKernel::Interfaces::both);
  const auto info = miner::gpio::readChipInfo(kernel, FakeKernel::kChipFd);
  REQUIRE(info.has_value());
  CHECK(info->label == "periphs-banks");
  CHECK(info->lines == 32);
  CHECK(!miner::gpio::readChipInfo(kernel, 99).has_value());
}

TEST_CASE("a line is an input, by either interface of the kernel") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    kernel.line(7).outside = true;
    const auto line = ask(kernel, LineUse::input);
    REQUIRE(line.has_value());
    CHECK(line->read() == 1);
    kernel.line(7).outside = false;
    CHECK(line->read() == 0);
    CHECK(!line->write(true));
  }
}

TEST_CASE("an output has its first level at once and no other before it") {
  for (const auto interfaces : kBoth)
    for (const bool initial : {false, true}) {
      FakeKernel kernel(interfaces);
      const auto line = ask(kernel, LineUse::output, initial);
      REQUIRE(line.has_value());
      CHECK(kernel.line(7).driven == std::vector{initial, initial});
      CHECK(line->write(!initial));
      CHECK(line->read() == (initial ? 0 : 1));
    }
}

TEST_CASE("an output that is taken over keeps its level") {
  for (const auto interfaces : kBoth)
    for (const bool level : {false, true}) {
      FakeKernel kernel(interfaces);
      kernel.line(7).isOutput = true;
      kernel.line(7).isDrivenHigh = level;
      const auto line = ask(kernel, LineUse::outputAsIs, !level);
      REQUIRE(line.has_value());
      CHECK(kernel.line(7).driven == std::vector{level, level});
      CHECK(kernel.openLines() == 1);
    }
}

TEST_CASE("an input that is taken over as an output keeps the level that it had") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    kernel.line(7).outside = true;
    REQUIRE(ask(kernel, LineUse::outputAsIs).has_value());
    CHECK(kernel.line(7).driven == std::vector{true, true});
  }
}

TEST_CASE("an open-drain line is let go of at first, pulls low and can be read back") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    kernel.line(7).outside = true;
    const auto line = ask(kernel, LineUse::openDrain);
    REQUIRE(line.has_value());
    CHECK(kernel.line(7).driven == std::vector{true});
    CHECK(line->read() == 1);
    kernel.line(7).outside = false;
    CHECK(line->read() == 0);
    kernel.line(7).outside = true;
    CHECK(line->write(false));
    CHECK(line->read() == 0);
  }
}

TEST_CASE("edges come with their times in batches, and none is no error") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    const auto line = ask(kernel, LineUse::fallingEdges);
    REQUIRE(line.has_value());
    std::array<std::uint64_t, 40> times{};
    CHECK(line->takeEdges(times) == 0);
    for (std::uint64_t i = 0; i < 50; ++i) kernel.line(7).edges.push_back(1000 * i);
    CHECK(line->takeEdges(times) == 40);
    CHECK(times[0] == 0);
    CHECK(times[39] == 39'000);
    CHECK(line->takeEdges(times) == 10);
    CHECK(times[9] == 49'000);
  }
}

TEST_CASE("a line that somebody else has is refused with the reason, by either interface") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    kernel.line(7).isBusy = true;
    CHECK(!ask(kernel, LineUse::input).has_value());
    CHECK(errno == EBUSY);
  }
}

TEST_CASE("an offset that the chip does not have is refused") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    CHECK(!ask(kernel, LineUse::output, false, 32).has_value());
    CHECK(errno == EINVAL);
  }
}

TEST_CASE("a line is let go of with its object") {
  FakeKernel kernel(FakeKernel::Interfaces::both);
  {
    auto line = ask(kernel, LineUse::output);
    CHECK(kernel.openLines() == 1);
    const CharLine moved = std::move(*line);
    CHECK(kernel.openLines() == 1);
  }
  CHECK(kernel.openLines() == 0);
}

TEST_CASE("a held line can be driven and read by its file descriptor alone") {
  for (const auto interfaces : kBoth) {
    FakeKernel kernel(interfaces);
    const auto line = ask(kernel, LineUse::output, true);
    REQUIRE(line.has_value());
    CHECK(miner::gpio::writeLineLevel(kernel, line->fd(), false));
    CHECK(miner::gpio::readLineLevel(kernel, line->fd()) == 0);
    CHECK(!kernel.line(7).level());
    CHECK(!miner::gpio::writeLineLevel(kernel, 99, false));
    CHECK(errno == EBADF);
  }
}
