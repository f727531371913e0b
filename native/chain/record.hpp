#pragma once

#include <array>
#include <cstdint>

namespace miner::chain {

/// What a chain thread reports upwards. The numbers are part of the layout that src/hal/records.ts
/// reads.
enum class RecordKind : std::uint8_t {
  nonce = 1,
  registerAnswer = 2,
  commandDone = 3,
  linkDown = 4,
  linkUp = 5,
  deadMan = 6,
};

/// The order is that of NONCE_VERDICTS in src/hal/chain-port.ts.
enum class Verdict : std::uint8_t {
  share = 0,          ///< meets the job's target
  belowTarget = 1,    ///< meets the chips' ticket target, not the job's
  duplicate = 2,      ///< answered before
  unknownWork = 3,    ///< no work was sent under this id
  stale = 4,          ///< good, but the job is gone
  hardwareError = 5,  ///< misses the ticket target
};
inline constexpr std::size_t kVerdicts = 6;

/// How a command ended. The order is that of COMMAND_STATUS in src/hal/records.ts.
enum class CommandStatus : std::uint8_t {
  done = 0,
  linkDown = 1,
  writeStalled = 2,
  baudRefused = 3,
  resetFailed = 4,
  dropped = 5,
};

/// One report: fixed size, no pointers, little-endian like the machines this runs on. Copied as it
/// is into JavaScript's buffer.
struct Record {
  RecordKind kind{};
  std::uint8_t code = 0;  ///< Verdict or CommandStatus
  std::uint8_t core = 0;
  std::uint8_t extranonce2Size = 0;
  std::uint16_t chip = 0;  ///< chip index of a nonce, chip address of a register answer
  std::uint16_t registerAddress = 0;
  std::uint32_t jobKey = 0;  ///< job of a nonce, token of a command
  std::uint32_t nonce = 0;
  std::uint32_t version = 0;
  std::uint32_t ntime = 0;
  std::uint32_t value = 0;  ///< of a register, pool key of a nonce
  std::uint32_t sessionKey = 0;
  std::uint64_t atUs = 0;  ///< CLOCK_MONOTONIC when the last byte was read
  std::array<std::uint8_t, 32> extranonce2{};
  std::array<std::uint8_t, 32> hashLe{};
};
static_assert(sizeof(Record) == 104, "src/hal/records.ts reads this layout");

/// A piece of either direction of the wire, for captures.
struct TapChunk {
  static constexpr std::size_t kMaxBytes = 118;
  std::uint64_t atUs = 0;
  bool fromChips = false;
  std::uint8_t length = 0;
  std::array<std::uint8_t, kMaxBytes> bytes{};
};
static_assert(sizeof(TapChunk) == 128, "src/hal/records.ts reads this layout");

}  // namespace miner::chain
