#include "work/work_table.hpp"

#include "hash/sha256.hpp"

namespace miner::work {

WorkTable::Entry& WorkTable::put(std::size_t slot, const Work& work, std::uint32_t sessionKey,
                                 const Hash256& ticketTargetLe) noexcept {
  Slot& place = slots_[slot % kMaxSlots];
  place.newest = (place.newest + 1) % kDepth;
  Entry& entry = place.entries[place.newest];
  entry = {true, false, ++generation_, sessionKey, ticketTargetLe, work};
  return entry;
}

const WorkTable::Entry* WorkTable::find(std::size_t slot, std::size_t age) const noexcept {
  if (slot >= kMaxSlots || age >= kDepth) return nullptr;
  const Slot& place = slots_[slot];
  const Entry& entry = place.entries[(place.newest + kDepth - age) % kDepth];
  return entry.used ? &entry : nullptr;
}

void WorkTable::markStale(std::uint32_t poolKey, std::uint32_t jobKey) noexcept {
  for (Slot& slot : slots_)
    for (Entry& entry : slot.entries)
      if (entry.work.poolKey == poolKey && entry.work.jobKey != jobKey) entry.stale = true;
}

void WorkTable::markOtherSessionsStale(std::uint32_t poolKey, std::uint32_t sessionKey) noexcept {
  for (Slot& slot : slots_)
    for (Entry& entry : slot.entries)
      if (entry.work.poolKey == poolKey && entry.sessionKey != sessionKey) entry.stale = true;
}

void WorkTable::clear() noexcept { slots_.fill({}); }

void WorkTable::weakenTicketTarget(const Hash256& ticketTargetLe) noexcept {
  for (Slot& slot : slots_)
    for (Entry& entry : slot.entries)
      if (hash::hashMeetsTarget(entry.ticketTargetLe, ticketTargetLe))
        entry.ticketTargetLe = ticketTargetLe;
}

}  // namespace miner::work
