#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "chain/chain_loop.hpp"
#include "chain/chain_options.hpp"
#include "chain/mailbox.hpp"
#include "codec/host_frame_parser.hpp"
#include "commands.hpp"
#include "fake_link.hpp"

namespace miner::test {

class CountingBell final : public chain::Bell {
 public:
  void ring() noexcept override { ++rings; }
  int rings = 0;
};

/// A chain without a thread whose time stands still until the test moves it.
class LoopRig {
 public:
  explicit LoopRig(chain::ChainOptions chosen = optionsOf("BM1370"))
      : options(std::move(chosen)),
        mailbox(options.recordCapacity, options.tap, bell),
        loop(options, link, mailbox) {
    REQUIRE(link.open(options.resetBaud) == link::Status::ok);
    loop.begin();
  }

  /// What the thread does after a wake-up. A loop that asks to be called at once again would spin.
  void step() {
    link.nowUs = nowUs;
    dueUs = loop.step(nowUs);
    ++steps;
    REQUIRE(dueUs > nowUs);
  }

  /// Steps at every due time up to `untilUs`, which becomes the time.
  void runUntil(std::uint64_t untilUs) {
    while (dueUs <= untilUs) {
      nowUs = dueUs;
      step();
    }
    nowUs = untilUs;
  }
  void runFor(std::uint64_t us) { runUntil(nowUs + us); }

  void post(chain::Command command) {
    REQUIRE(mailbox.post(std::move(command)));
    step();
  }

  void receive(std::string_view hex) {
    const auto bytes = bytesOf(hex);
    link.incoming.insert(link.incoming.end(), bytes.begin(), bytes.end());
    step();
  }

  std::vector<chain::Record> drain() {
    std::vector<chain::Record> all;
    std::array<chain::Record, 64> some;
    for (std::size_t count = some.size(); count == some.size();) {
      count = mailbox.drain(some);
      all.insert(all.end(), some.begin(), some.begin() + std::ptrdiff_t(count));
    }
    return all;
  }

  /// Token and status of the commands that ended since the last drain.
  std::vector<std::pair<std::uint32_t, chain::CommandStatus>> ended() {
    std::vector<std::pair<std::uint32_t, chain::CommandStatus>> all;
    for (const chain::Record& record : drain())
      if (record.kind == chain::RecordKind::commandDone)
        all.emplace_back(record.jobKey, static_cast<chain::CommandStatus>(record.code));
    return all;
  }

  /// Frames sent since the last call.
  std::vector<codec::HostFrame> frames() {
    codec::HostFrameParser parser;
    std::vector<codec::HostFrame> all;
    codec::HostFrame frame;
    for (const FakeLink::Write& write : link.writes) {
      CHECK(parser.feed(write.bytes) == write.bytes.size());
      while (parser.next(frame)) all.push_back(frame);
    }
    CHECK(parser.counters().garbageBytes == 0);
    CHECK(parser.waitingBytes() == 0);
    link.writes.clear();
    return all;
  }

  const chain::ChainOptions options;
  CountingBell bell;
  FakeLink link;
  chain::Mailbox mailbox;
  chain::ChainLoop loop;
  std::uint64_t nowUs = 1'000'000'000;
  std::uint64_t dueUs = nowUs;
  std::uint64_t steps = 0;
};

using Ended = std::vector<std::pair<std::uint32_t, chain::CommandStatus>>;

}  // namespace miner::test
