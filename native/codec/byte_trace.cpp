#include "codec/byte_trace.hpp"

namespace miner::codec {

void ByteTrace::append(std::span<const std::uint8_t> bytes, double timeS) {
  if (bytes.empty()) return;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bursts_.push_back({offset_ + bytes_.size(), timeS});
}

std::vector<TracePiece> ByteTrace::takeGarbage(std::uint64_t end) {
  std::vector<TracePiece> pieces;
  while (offset_ < end) {
    const auto left = static_cast<std::size_t>(end - offset_);
    std::size_t size = 1;
    while (size < left && !isPreambleAt(size)) ++size;
    const auto last = bytes_.begin() + static_cast<std::ptrdiff_t>(size);
    pieces.push_back({.timeS = timeBefore(offset_ + size),
                      .bytes = {bytes_.begin(), last},
                      .beginsLikeFrame = isPreambleAt(0)});
    drop(size);
  }
  return pieces;
}

double ByteTrace::takeFrame(std::size_t size) {
  const double timeS = timeBefore(offset_ + size);
  drop(size);
  return timeS;
}

bool ByteTrace::isPreambleAt(std::size_t index) const {
  return index + 1 < bytes_.size() && bytes_[index] == preamble_[0] &&
         bytes_[index + 1] == preamble_[1];
}

void ByteTrace::drop(std::size_t size) {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
  offset_ += size;
  while (!bursts_.empty() && bursts_.front().end <= offset_) bursts_.pop_front();
}

double ByteTrace::timeBefore(std::uint64_t end) const {
  for (const Burst& burst : bursts_)
    if (burst.end >= end) return burst.timeS;
  return bursts_.empty() ? 0 : bursts_.back().timeS;
}

}  // namespace miner::codec
