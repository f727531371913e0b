#include "guard/companion_watch.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace miner::guard {

void CompanionWatch::hear(std::string_view packet, std::uint64_t nowUs) {
  if (packet == message::kArmed) {
    isArmed_ = true;
    lastBeatUs_ = nowUs;
  } else if (packet == message::kDisarmed) {
    isArmed_ = false;
    leaseEndUs_ = 0;
  } else if (packet.starts_with(message::kLease) && isArmed_) {
    packet.remove_prefix(message::kLease.size());
    std::uint32_t leaseMs = 0;
    std::from_chars(packet.data(), packet.data() + packet.size(), leaseMs);
    leaseEndUs_ = nowUs + std::uint64_t{1000} * std::min(leaseMs, kMaxLeaseMs);
  } else if (packet.starts_with(message::kDying)) {
    dying_ = packet.substr(message::kDying.size());
  }
}

void CompanionWatch::closed(std::uint64_t nowUs) {
  isClosed_ = true;
  // One that died in another way than it had announced leaves nothing that is to be trusted.
  if (!dying_.empty() || nowUs >= leaseEndUs_) leaseEndUs_ = 0;
}

CompanionWatch::Verdict CompanionWatch::verdict(std::uint64_t nowUs) const noexcept {
  if (isReleased_) return Verdict::leave;
  if (!isArmed_) return isClosed_ ? Verdict::leave : Verdict::wait;
  if (!dying_.empty()) return Verdict::act;
  return nowUs < deadlineUs() ? Verdict::wait : Verdict::act;
}

std::uint64_t CompanionWatch::deadlineUs() const noexcept {
  if (!isArmed_) return std::numeric_limits<std::uint64_t>::max();
  return isClosed_ ? leaseEndUs_ : lastBeatUs_ + kBeatLimitUs;
}

bool CompanionWatch::isHanging(std::uint64_t nowUs) const noexcept {
  return isArmed_ && !isClosed_ && dying_.empty() && nowUs >= deadlineUs();
}

std::string CompanionWatch::cause(std::uint64_t nowUs) const {
  if (!dying_.empty()) return dying_;
  if (isHanging(nowUs)) return "no beats";
  return leaseEndUs_ != 0 ? "lease over" : "controller gone";
}

std::uint32_t CompanionWatch::leaseLeftMs(std::uint64_t nowUs) const noexcept {
  if (leaseEndUs_ <= nowUs) return 0;
  return static_cast<std::uint32_t>((leaseEndUs_ - nowUs) / 1000U);
}

}  // namespace miner::guard
