#include "i2c/pace.hpp"

#include <ctime>

#include "util/monotonic_clock.hpp"

namespace miner::i2c {

namespace {

/// A sleep takes some 50 us more than it is asked for; below this it would rule the speed of the
/// bus.
constexpr std::uint32_t kSpinBelowUs = 50;

}  // namespace

std::uint64_t SystemPace::nowUs() noexcept { return util::nowUs(); }

void SystemPace::wait(std::uint32_t us) noexcept {
  const std::uint64_t endUs = util::nowUs() + us;
  if (us >= kSpinBelowUs) {
    const timespec time{static_cast<time_t>(us / 1'000'000U),
                        static_cast<long>(us % 1'000'000U) * 1000L};
    ::nanosleep(&time, nullptr);
  }
  while (util::nowUs() < endUs) {
  }
}

}  // namespace miner::i2c
