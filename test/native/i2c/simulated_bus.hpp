#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "gpio/open_drain_line.hpp"
#include "i2c/pace.hpp"

namespace miner::test {

/// A memory with 256 bytes and an address of its own, made from UM10204 and independent of the
/// master: it only sees edges.
class SimulatedMemory {
 public:
  explicit SimulatedMemory(std::uint8_t address) : address_(address) {}

  std::array<std::uint8_t, 256> bytes{};
  std::uint8_t pointer = 0;
  /// Takes the address and refuses the byte of this number that is written, counted from 0.
  int refusesByte = -1;
  /// Holds the clock this long after each byte.
  std::uint64_t stretchUs = 0;
  std::vector<std::uint8_t> written;

  [[nodiscard]] bool pullsSda() const { return pullsSda_; }
  [[nodiscard]] bool pullsScl(std::uint64_t nowUs) const { return nowUs < stretchUntilUs_; }

  /// As if the power came in the middle of a byte of zeros that it sends.
  void hangInByte(int bitsLeft) {
    state_ = State::sending;
    shift_ = 0;
    bit_ = 8 - bitsLeft;
    pullsSda_ = true;
  }

  void onStart() {
    state_ = State::address;
    bit_ = 0;
    shift_ = 0;
    writtenHere_ = 0;
    pullsSda_ = false;
  }

  void onStop() {
    state_ = State::idle;
    pullsSda_ = false;
  }

  void onClockUp(bool sda) {
    if (state_ == State::idle) return;
    if (bit_ == 8) {
      if (state_ == State::sending && sda) state_ = State::idle;  // the master has enough
      return;
    }
    if (state_ != State::sending)
      shift_ = static_cast<std::uint8_t>((std::uint32_t{shift_} << 1U) | (sda ? 1U : 0U));
  }

  void onClockDown(std::uint64_t nowUs) {
    if (state_ == State::idle) {
      pullsSda_ = false;
      return;
    }
    if (isFresh_) {
      isFresh_ = false;
      return;
    }
    ++bit_;
    if (bit_ == 8) {
      endByte();
    } else if (bit_ > 8) {
      beginByte(nowUs);
    } else if (state_ == State::sending) {
      pullsSda_ = ((shift_ >> (7 - bit_)) & 1) == 0;
    }
  }

  /// The first falling clock after a start belongs to the start.
  void onStartSeen() { isFresh_ = true; }

 private:
  enum class State { idle, address, receiving, sending };

  void endByte() {
    if (state_ == State::sending) {
      pullsSda_ = false;  // the master answers
      return;
    }
    if (state_ == State::address) {
      if (shift_ >> 1U != address_) {
        state_ = State::idle;
        return;
      }
      isRead_ = (shift_ & 1U) != 0;
      pullsSda_ = true;
      return;
    }
    if (writtenHere_ == refusesByte) {
      state_ = State::idle;
      return;
    }
    if (writtenHere_ == 0)
      pointer = shift_;
    else
      bytes[pointer++] = shift_;
    written.push_back(shift_);
    ++writtenHere_;
    pullsSda_ = true;
  }

  void beginByte(std::uint64_t nowUs) {
    bit_ = 0;
    pullsSda_ = false;
    if (state_ == State::address) state_ = isRead_ ? State::sending : State::receiving;
    if (state_ == State::sending) {
      shift_ = bytes[pointer++];
      pullsSda_ = (shift_ & 0x80) == 0;
    } else {
      shift_ = 0;
    }
    if (stretchUs > 0) stretchUntilUs_ = nowUs + stretchUs;
  }

  const std::uint8_t address_;
  State state_ = State::idle;
  int bit_ = 0;
  std::uint8_t shift_ = 0;
  bool isRead_ = false;
  bool isFresh_ = false;
  bool pullsSda_ = false;
  int writtenHere_ = 0;
  std::uint64_t stretchUntilUs_ = 0;
};

/// Two open-drain lines with pull-ups, a memory, and time that only waiting moves.
class SimulatedBus {
 public:
  explicit SimulatedBus(std::uint8_t address) : memory(address) {}

  SimulatedMemory memory;
  /// Somebody holds the clock low.
  bool isSclShort = false;
  /// Pulls the data line low from this rising clock on, as another master would; -1 never.
  int intruderAtClock = -1;
  /// The kernel refuses calls from this one on, counted from 0; -1 never.
  int failsAtCall = -1;
  std::uint64_t nowUs = 0;
  int clocks = 0;
  std::uint64_t shortestHighUs = ~std::uint64_t{0};
  std::uint64_t shortestLowUs = ~std::uint64_t{0};
  /// Any change of the data line while the clock is high is one of these.
  int starts = 0;
  int stops = 0;

  /// The memory holds the data line in the middle of a byte, unnoticed so far.
  void hangInByte(int bitsLeft) {
    memory.hangInByte(bitsLeft);
    lastSda_ = sda();
  }

  /// A short of the data line, there from before.
  void shortSda(bool isShort) {
    isSdaShort_ = isShort;
    lastSda_ = sda();
  }

  class Line final : public gpio::OpenDrainLine {
   public:
    Line(SimulatedBus& bus, bool isClock) : bus_(bus), isClock_(isClock) {}
    bool pull(bool low) noexcept override {
      if (bus_.refuses()) return false;
      bus_.pull(isClock_, low);
      return true;
    }
    [[nodiscard]] int level() noexcept override {
      if (bus_.refuses()) return -1;
      return (isClock_ ? bus_.scl() : bus_.sda()) ? 1 : 0;
    }

   private:
    SimulatedBus& bus_;
    const bool isClock_;
  };

  class Time final : public i2c::Pace {
   public:
    explicit Time(SimulatedBus& bus) : bus_(bus) {}
    [[nodiscard]] std::uint64_t nowUs() noexcept override { return bus_.nowUs; }
    void wait(std::uint32_t us) noexcept override {
      bus_.nowUs += us;
      bus_.settle();
    }

   private:
    SimulatedBus& bus_;
  };

  Line sclLine{*this, true};
  Line sdaLine{*this, false};
  Time time{*this};

  [[nodiscard]] bool scl() const { return !masterScl_ && !isSclShort && !memory.pullsScl(nowUs); }
  [[nodiscard]] bool sda() const {
    return !masterSda_ && !isSdaShort_ && !intruder_ && !memory.pullsSda();
  }
  /// The master drives neither line.
  [[nodiscard]] bool isLetGo() const { return !masterScl_ && !masterSda_; }

 private:
  bool refuses() { return failsAtCall >= 0 && calls_++ >= failsAtCall; }

  void pull(bool isClock, bool low) {
    (isClock ? masterScl_ : masterSda_) = low;
    settle();
  }

  /// Tells the memory of every edge.
  void settle() {
    const bool scl = this->scl();
    if (scl != lastScl_) {
      lastScl_ = scl;
      const std::uint64_t lasted = nowUs - lastChangeUs_;
      auto& shortest = scl ? shortestLowUs : shortestHighUs;
      if (clocks > 0 && lasted < shortest) shortest = lasted;
      lastChangeUs_ = nowUs;
      if (scl) {
        if (clocks++ == intruderAtClock) intruder_ = true;
        memory.onClockUp(sda());
      } else {
        memory.onClockDown(nowUs);
      }
      lastSda_ = sda();
      return;
    }
    const bool sda = this->sda();
    if (sda == lastSda_) return;
    lastSda_ = sda;
    if (!scl) return;
    if (sda) {
      ++stops;
      memory.onStop();
    } else {
      ++starts;
      memory.onStart();
      memory.onStartSeen();
    }
  }

  bool masterScl_ = false;
  bool masterSda_ = false;
  bool intruder_ = false;
  bool isSdaShort_ = false;
  bool lastScl_ = true;
  bool lastSda_ = true;
  std::uint64_t lastChangeUs_ = 0;
  int calls_ = 0;
};

}  // namespace miner::test
