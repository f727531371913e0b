#include "util/spsc_ring.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <thread>

using miner::util::SpscRing;

TEST_CASE("a ring holds a power of two and refuses more") {
  SpscRing<int> ring(5);
  CHECK(ring.capacity() == 8);
  CHECK(ring.empty());
  for (int i = 0; i < 8; ++i) CHECK(ring.tryPush(i));
  CHECK(!ring.tryPush(8));
  int value = -1;
  for (int i = 0; i < 8; ++i) {
    CHECK(ring.tryPop(value));
    CHECK(value == i);
  }
  CHECK(!ring.tryPop(value));
  CHECK(ring.empty());
}

TEST_CASE("a push can leave places free for others") {
  SpscRing<int> ring(8);
  int pushed = 0;
  while (ring.tryPush(pushed, 3)) ++pushed;
  CHECK(pushed == 5);
  CHECK(ring.tryPush(5));
  int value = 0;
  CHECK(ring.tryPop(value));
  CHECK(!ring.tryPush(6, 3));
}

TEST_CASE("what was popped is no longer held") {
  SpscRing<std::shared_ptr<int>> ring(4);
  const auto held = std::make_shared<int>(1);
  ring.tryPush(held);
  std::shared_ptr<int> popped;
  ring.tryPop(popped);
  CHECK(held.use_count() == 2);
}

TEST_CASE("two threads pass values in order, none lost, none twice") {
  constexpr std::uint64_t kValues = 200'000;
  SpscRing<std::unique_ptr<std::uint64_t>> ring(64);
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < kValues; ++i) {
      while (!ring.tryPush(std::make_unique<std::uint64_t>(i))) std::this_thread::yield();
    }
  });
  bool isInOrder = true;
  std::unique_ptr<std::uint64_t> value;
  for (std::uint64_t i = 0; i < kValues; ++i) {
    while (!ring.tryPop(value)) std::this_thread::yield();
    isInOrder &= *value == i;
  }
  producer.join();
  CHECK(isInOrder);
  CHECK(ring.empty());
}
