#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "../jobs.hpp"
#include "chain/chain_options.hpp"
#include "chain/command.hpp"
#include "codec/bm13xx_frame.hpp"
#include "codec/crc5.hpp"

/// Options and commands as native/binding makes them.
namespace miner::test {

inline chain::ChainOptions optionsOf(std::string_view chip, std::uint32_t chips = 1) {
  chain::ChainOptions options;
  options.name = "test";
  options.family = codec::findChipFamily(chip);
  options.chips = chips;
  options.addressStep = 2;
  return options;
}

inline chain::ChainOptions fastOptions(std::string_view chip = "BM1370") {
  chain::ChainOptions options = optionsOf(chip);
  options.resetBaud = 3'125'000;
  return options;
}

/// A chain whose first work of job 68 is the captured one.
inline chain::ChainOptions job68Options() {
  chain::ChainOptions options = fastOptions();
  options.chainIndex = kJob68Chain;
  options.chainCount = kJob68Chains;
  return options;
}

/// The captured answer under the id of the first job a chain sends, CRC computed anew.
inline std::vector<std::uint8_t> firstJobAnswer() {
  auto frame = bytesOf(job68::kAnswer);
  frame[7] &= 0x0f;
  frame[10] = 0x80;
  frame[10] |= codec::crc5Bits(std::span(frame).subspan(2), 8 * 8 + 3);
  return frame;
}

inline chain::Command commandOf(chain::CommandKind kind, std::uint32_t token,
                                std::uint32_t value = 0, std::uint32_t delayAfterUs = 0) {
  chain::Command command;
  command.kind = kind;
  command.token = token;
  command.value = value;
  command.delayAfterUs = delayAfterUs;
  return command;
}

/// A set-address frame: 7 bytes that name `address`.
inline chain::Command frameCommand(std::uint8_t address, std::uint32_t token,
                                   std::uint32_t delayAfterUs = 0) {
  chain::Command command = commandOf(chain::CommandKind::frame, token, 0, delayAfterUs);
  command.frameLength = codec::kShortCommandSize;
  codec::encodeSetAddress(std::span(command.frame).first<codec::kShortCommandSize>(), address);
  return command;
}

inline chain::Command jobCommand(std::unique_ptr<work::JobTemplate> job, bool isClean = false) {
  chain::Command command;
  command.kind = chain::CommandKind::newJob;
  command.fingerprint = work::contentFingerprint(*job);
  command.job = std::move(job);
  command.job->clean = isClean;
  return command;
}

inline chain::Command configureCommand(std::uint32_t intervalUs,
                                       std::string_view ticketTargetLe = kTicket256) {
  chain::Command command;
  command.kind = chain::CommandKind::configureWork;
  command.intervalUs = intervalUs;
  command.targetLe = hashOf(ticketTargetLe);
  return command;
}

}  // namespace miner::test
