#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "codec/bm13xx_frame.hpp"
#include "codec/chip_family.hpp"

namespace miner::chain {

struct ChainOptions {
  std::string name;
  const codec::ChipFamily* family = nullptr;
  std::uint32_t chips = 1;
  std::uint32_t addressStep = 1;
  bool useNonceOffsets = false;
  /// This chain's part of extranonce2: values chainIndex modulo chainCount.
  std::uint32_t chainIndex = 0;
  std::uint32_t chainCount = 1;
  /// The rate after a reset; not 0.
  std::uint32_t resetBaud = 115'200;
  std::uint8_t jobLengthByte = codec::kJobLengthTrue;
  /// The reset line: a file, or a held line of a GPIO character device; empty and -1 without one.
  std::string resetPath;
  int resetFd = -1;
  /// 0 switches the dead man off.
  std::uint64_t deadManUs = 0;
  /// SCHED_FIFO priority, 0 to stay in the normal class.
  int priority = 0;
  std::size_t recordCapacity = 8192;
  /// Keep both directions of the wire for drainTap.
  bool tap = false;
};

}  // namespace miner::chain
