#pragma once

#include <cstdint>

#include "chain/chain_stats.hpp"
#include "chain/record.hpp"
#include "codec/chip_family.hpp"
#include "codec/response_parser.hpp"
#include "work/duplicate_filter.hpp"
#include "work/work_table.hpp"

namespace miner::chain {

/// Rebuilds the header of every nonce, hashes it and says what it is worth. Belongs to the chain
/// thread.
///
/// Nothing in an answer is trusted: not the id (an older use of the slot is tried too), not the
/// chip's own test, not the version bits (bits outside the mask that the work allows make it a
/// hardware error, for no pool would take it).
class NonceJudge {
 public:
  NonceJudge(const codec::ChipFamily& family, const codec::ChipLocator& locator, ChainStats& stats,
             CoreStats& cores) noexcept
      : family_(family), locator_(locator), stats_(stats), cores_(cores) {}

  [[nodiscard]] work::WorkTable& table() noexcept { return table_; }
  void forgetAll() noexcept;

  /// The finished record of kind nonce, counted.
  Record judge(const codec::Response& answer, std::uint64_t atUs) noexcept;

 private:
  Verdict classify(const codec::Response& answer, Record& record) noexcept;

  const codec::ChipFamily& family_;
  const codec::ChipLocator& locator_;
  ChainStats& stats_;
  CoreStats& cores_;
  work::WorkTable table_;
  work::DuplicateFilter seen_;
};

}  // namespace miner::chain
