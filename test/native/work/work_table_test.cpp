#include "work/work_table.hpp"

#include <doctest/doctest.h>

#include "../jobs.hpp"

using miner::test::hashOf;
using namespace miner::work;

namespace {

Work workOf(std::uint32_t jobKey, std::uint32_t poolKey = 1) {
  Work work;
  work.jobKey = jobKey;
  work.poolKey = poolKey;
  return work;
}

const Hash256 kTicket = hashOf(miner::test::kTicket256);

}  // namespace

TEST_CASE("a slot keeps the last two works, newest first") {
  WorkTable table;
  CHECK(table.find(5, 0) == nullptr);
  for (std::uint32_t key = 1; key <= 3; ++key) table.put(5, workOf(key), 9, kTicket);
  REQUIRE(table.find(5, 0) != nullptr);
  REQUIRE(table.find(5, 1) != nullptr);
  CHECK(table.find(5, 0)->work.jobKey == 3);
  CHECK(table.find(5, 1)->work.jobKey == 2);
  CHECK(table.find(5, 2) == nullptr);
  CHECK(table.find(5, 0)->sessionKey == 9);
  CHECK(table.find(4, 0) == nullptr);
}

TEST_CASE("a slot that no chip can name holds nothing") {
  WorkTable table;
  CHECK(table.find(WorkTable::kMaxSlots, 0) == nullptr);
}

TEST_CASE("every use of a slot has a number of its own, also after clear") {
  WorkTable table;
  const std::uint32_t first = table.put(1, workOf(1), 1, kTicket).generation;
  const std::uint32_t second = table.put(1, workOf(1), 1, kTicket).generation;
  table.clear();
  CHECK(table.find(1, 0) == nullptr);
  const std::uint32_t third = table.put(1, workOf(1), 1, kTicket).generation;
  CHECK(first != 0);
  CHECK(second > first);
  CHECK(third > second);
}

TEST_CASE("what was sent before a clean job is stale, what comes after is not") {
  WorkTable table;
  table.put(0, workOf(1), 1, kTicket);
  table.put(31, workOf(2), 1, kTicket);
  table.markStale(1, 3);
  table.put(0, workOf(3), 1, kTicket);
  CHECK(!table.find(0, 0)->stale);
  CHECK(table.find(0, 1)->stale);
  CHECK(table.find(31, 0)->stale);
}

TEST_CASE("a clean job leaves the work of other pools alone, and its own") {
  WorkTable table;
  table.put(0, workOf(1, 1), 1, kTicket);
  table.put(1, workOf(2, 2), 2, kTicket);
  table.put(2, workOf(3, 1), 1, kTicket);
  table.markStale(1, 3);
  CHECK(table.find(0, 0)->stale);
  CHECK(!table.find(1, 0)->stale);
  CHECK(!table.find(2, 0)->stale);
}

TEST_CASE("a session of a pool ends the pool's other sessions and no other pool's") {
  WorkTable table;
  table.put(0, workOf(1, 1), 10, kTicket);
  table.put(1, workOf(2, 1), 11, kTicket);
  table.put(2, workOf(3, 2), 20, kTicket);
  table.markOtherSessionsStale(1, 11);
  CHECK(table.find(0, 0)->stale);
  CHECK(!table.find(1, 0)->stale);
  CHECK(!table.find(2, 0)->stale);
}

TEST_CASE("a weaker ticket target holds for work already sent, a stronger one does not") {
  WorkTable table;
  table.put(0, workOf(1), 1, kTicket);
  table.weakenTicketTarget(hashOf(miner::test::kTargetOf8192));
  CHECK(table.find(0, 0)->ticketTargetLe == kTicket);
  table.weakenTicketTarget(hashOf(miner::test::kTicket1));
  CHECK(table.find(0, 0)->ticketTargetLe == hashOf(miner::test::kTicket1));
}
