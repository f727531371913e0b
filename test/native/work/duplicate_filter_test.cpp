#include "work/duplicate_filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>

using miner::work::DuplicateFilter;

TEST_CASE("an answer is new once") {
  DuplicateFilter filter;
  CHECK(filter.insert({1, 2, 3}));
  CHECK(!filter.insert({1, 2, 3}));
  SUBCASE("another work, nonce or version is another answer") {
    CHECK(filter.insert({2, 2, 3}));
    CHECK(filter.insert({1, 3, 3}));
    CHECK(filter.insert({1, 2, 4}));
  }
  SUBCASE("after clear it is new again") {
    filter.clear();
    CHECK(filter.insert({1, 2, 3}));
    CHECK(!filter.insert({1, 2, 3}));
  }
}

TEST_CASE("the oldest answer is forgotten when there is no room") {
  DuplicateFilter filter;
  for (std::uint32_t i = 0; i < DuplicateFilter::kCapacity; ++i) REQUIRE(filter.insert({1, i, 0}));
  CHECK(!filter.insert({1, 0, 0}));
  CHECK(filter.insert({1, DuplicateFilter::kCapacity, 0}));
  CHECK(filter.insert({1, 0, 0}));
  CHECK(!filter.insert({1, 2, 0}));
}

TEST_CASE("remembers exactly what a list of the last answers remembers") {
  DuplicateFilter filter;
  std::deque<DuplicateFilter::Key> list;
  std::mt19937 random(7);
  bool isSame = true;
  for (int i = 0; i < 20'000; ++i) {
    const DuplicateFilter::Key key{1 + static_cast<std::uint32_t>(random() % 3),
                                   static_cast<std::uint32_t>(random() % 3'000), 0};
    const bool isNew = std::find(list.begin(), list.end(), key) == list.end();
    isSame &= filter.insert(key) == isNew;
    if (!isNew) continue;
    list.push_back(key);
    if (list.size() > DuplicateFilter::kCapacity) list.pop_front();
  }
  CHECK(isSame);
  CHECK(list.size() == DuplicateFilter::kCapacity);
}
