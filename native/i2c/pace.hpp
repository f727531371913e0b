#pragma once

#include <cstdint>

namespace miner::i2c {

/// Time for a bus: the system's, or that of a test.
class Pace {
 public:
  Pace() = default;
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;
  virtual ~Pace() = default;

  /// Microseconds, monotonic.
  [[nodiscard]] virtual std::uint64_t nowUs() noexcept = 0;
  /// Returns after at least `us`.
  virtual void wait(std::uint32_t us) noexcept = 0;
};

/// The system's clock. Short waits spin, since a sleep costs a part of a bit; longer ones sleep.
class SystemPace final : public Pace {
 public:
  [[nodiscard]] std::uint64_t nowUs() noexcept override;
  void wait(std::uint32_t us) noexcept override;
};

}  // namespace miner::i2c
