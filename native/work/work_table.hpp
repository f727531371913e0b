#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "work/work_generator.hpp"

namespace miner::work {

/// Work that the chips may still answer, by the job id that the answer carries.
///
/// A slot keeps the work sent last under its id and the one before, because an answer can be on its
/// way while the id is used again. Belongs to the chain thread; allocates nothing.
class WorkTable {
 public:
  static constexpr std::size_t kMaxSlots = 32;
  /// Newest first.
  static constexpr std::size_t kDepth = 2;

  struct Entry {
    bool used = false;
    /// The job is gone (new block, new session): answers are counted and never submitted.
    bool stale = false;
    /// Counts all work ever put; tells two uses of one slot apart.
    std::uint32_t generation = 0;
    std::uint32_t sessionKey = 0;
    /// The chips' reporting limit when the work was sent.
    Hash256 ticketTargetLe{};
    Work work{};
  };

  /// Puts work under `slot` (0..kMaxSlots - 1); the older of the two entries there is forgotten.
  Entry& put(std::size_t slot, const Work& work, std::uint32_t sessionKey,
             const Hash256& ticketTargetLe) noexcept;

  /// Entry `age` uses back (0 is the newest), null when there is none.
  [[nodiscard]] const Entry* find(std::size_t slot, std::size_t age) const noexcept;

  /// The pool's entries so far become stale, but for those of job `jobKey`: a job does not withdraw
  /// itself when it is handed down again.
  void markStale(std::uint32_t poolKey, std::uint32_t jobKey) noexcept;
  /// The pool's entries of other sessions become stale.
  void markOtherSessionsStale(std::uint32_t poolKey, std::uint32_t sessionKey) noexcept;
  /// All entries are forgotten: the chips were reset.
  void clear() noexcept;
  /// Accept answers up to the weaker of the old and the new limit until the chips know the new one.
  void weakenTicketTarget(const Hash256& ticketTargetLe) noexcept;

 private:
  struct Slot {
    std::array<Entry, kDepth> entries{};
    std::size_t newest = 0;
  };

  std::array<Slot, kMaxSlots> slots_{};
  std::uint32_t generation_ = 0;
};

}  // namespace miner::work
