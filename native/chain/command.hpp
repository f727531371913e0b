#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "work/job_template.hpp"

namespace miner::chain {

enum class CommandKind : std::uint8_t {
  frame,           ///< send `frame`
  setBaud,         ///< wait for the transmitter, switch to `value`, flush
  responseLength,  ///< answers are `value` bytes from now on
  reset,           ///< write `value` (0 pulls reset, 1 releases) to the reset line
  awaitWork,       ///< done when the next work has been written
  newJob,          ///< `job`
  configureWork,   ///< `intervalUs`, `targetLe`
  stopWork,        ///< `value` 1: forget what was sent
};

/// One order from JavaScript to the chain thread. Moves the job template along; everything else is
/// plain data.
struct Command {
  CommandKind kind = CommandKind::frame;
  std::uint8_t frameLength = 0;
  std::array<std::uint8_t, 16> frame{};
  /// Answered with a commandDone record; 0 asks for none.
  std::uint32_t token = 0;
  std::uint32_t value = 0;
  /// Nothing else from the queue of wire commands goes out for this long after the frame has left.
  std::uint32_t delayAfterUs = 0;
  std::uint32_t intervalUs = 0;
  work::Hash256 targetLe{};
  std::uint64_t fingerprint = 0;
  std::unique_ptr<work::JobTemplate> job;
};

}  // namespace miner::chain
