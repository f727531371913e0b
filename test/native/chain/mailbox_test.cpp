#include "chain/mailbox.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "commands.hpp"

using namespace miner::chain;
using namespace miner::test;

namespace {

class AtomicBell final : public Bell {
 public:
  void ring() noexcept override { rings.fetch_add(1); }
  std::atomic<int> rings{0};
};

Record recordOf(RecordKind kind, std::uint32_t key = 0) {
  Record record;
  record.kind = kind;
  record.jobKey = key;
  return record;
}

bool isAwake(const Mailbox& mailbox) {
  pollfd fd{mailbox.wakeFd(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

}  // namespace

TEST_CASE("the bell rings once until somebody drains") {
  AtomicBell bell;
  Mailbox mailbox(64, false, bell);
  for (std::uint32_t i = 0; i < 10; ++i) CHECK(mailbox.push(recordOf(RecordKind::nonce, i)));
  CHECK(bell.rings == 1);
  std::array<Record, 4> into;
  CHECK(mailbox.drain(into) == 4);
  mailbox.push(recordOf(RecordKind::nonce));
  CHECK(bell.rings == 2);
}

TEST_CASE("answers leave room for everything else") {
  AtomicBell bell;
  Mailbox mailbox(16, false, bell);
  int answers = 0;
  while (mailbox.push(recordOf(RecordKind::registerAnswer))) ++answers;
  CHECK(answers == 12);
  CHECK(!mailbox.push(recordOf(RecordKind::nonce)));
  for (int i = 0; i < 4; ++i) CHECK(mailbox.push(recordOf(RecordKind::commandDone)));
  CHECK(!mailbox.push(recordOf(RecordKind::commandDone)));
}

TEST_CASE("a posted command wakes the chain thread, each kind in its queue") {
  AtomicBell bell;
  Mailbox mailbox(16, false, bell);
  REQUIRE(mailbox.openWake());
  CHECK(!isAwake(mailbox));
  mailbox.post(frameCommand(1, 1));
  CHECK(isAwake(mailbox));
  mailbox.clearWake();
  CHECK(!isAwake(mailbox));
  mailbox.post(jobCommand(makeJob(1)));
  CHECK(isAwake(mailbox));
  Command command;
  CHECK(mailbox.takeWireCommand(command));
  CHECK(command.kind == CommandKind::frame);
  CHECK(!mailbox.takeWireCommand(command));
  CHECK(mailbox.takeJobCommand(command));
  CHECK(command.kind == CommandKind::newJob);
  CHECK(!mailbox.takeJobCommand(command));
}

TEST_CASE("more commands than there is room for are refused, not lost") {
  AtomicBell bell;
  Mailbox mailbox(16, false, bell);
  std::size_t taken = 0;
  while (mailbox.post(frameCommand(1, 1))) ++taken;
  CHECK(taken == Mailbox::kWireCommands);
  CHECK(mailbox.post(commandOf(CommandKind::stopWork, 0)));
}

TEST_CASE("every job comes back to the owner, however the queues are filled") {
  AtomicBell bell;
  Mailbox mailbox(16, false, bell);
  for (int round = 0; round < 10; ++round) {
    while (mailbox.post(jobCommand(makeJob(1)))) {
    }
    Command command;
    while (mailbox.takeJobCommand(command)) mailbox.retire(std::move(command.job));
  }
}

// Two threads: no record is lost, none comes without a ring that is answered by a later drain.
TEST_CASE("whoever drains only when the bell rings gets every record") {
  AtomicBell bell;
  Mailbox mailbox(4'096, false, bell);
  constexpr std::uint32_t kRecords = 20'000;
  std::atomic<std::uint32_t> taken{0};
  std::thread chain([&] {
    for (std::uint32_t i = 0; i < kRecords; ++i) {
      while (!mailbox.push(recordOf(RecordKind::commandDone, i))) std::this_thread::yield();
      // Let the ring run empty often: that is where a wake-up could be lost.
      if (i % 7 == 0)
        while (taken.load() <= i) std::this_thread::yield();
    }
  });
  std::array<Record, 16> into;
  int answered = 0;
  bool isInOrder = true;
  while (taken.load() < kRecords) {
    if (bell.rings.load() == answered) {
      std::this_thread::yield();
      continue;
    }
    answered = bell.rings.load();
    for (std::size_t count = into.size(); count == into.size();) {
      count = mailbox.drain(into);
      for (std::size_t i = 0; i < count; ++i) isInOrder &= into[i].jobKey == taken.load() + i;
      taken.fetch_add(static_cast<std::uint32_t>(count));
    }
  }
  chain.join();
  CHECK(isInOrder);
}
