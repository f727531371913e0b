#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace miner::codec {

/// Bytes that no frame claims, cut where something that looks like a frame begins.
struct TracePiece {
  double timeS;
  std::vector<std::uint8_t> bytes;
  bool beginsLikeFrame;
};

/// What a recorded direction of a wire carried and when, from the oldest byte that is not yet
/// explained. Offline tools only: it allocates.
class ByteTrace {
 public:
  explicit ByteTrace(std::array<std::uint8_t, 2> preamble) : preamble_(preamble) {}

  void append(std::span<const std::uint8_t> bytes, double timeS);

  /// Takes everything up to stream offset `end` as pieces of garbage.
  std::vector<TracePiece> takeGarbage(std::uint64_t end);

  /// Takes `size` bytes as one frame and returns the time of its last byte.
  double takeFrame(std::size_t size);

  /// Stream offset of the oldest byte that is not yet taken.
  std::uint64_t offset() const { return offset_; }

 private:
  struct Burst {
    std::uint64_t end;
    double timeS;
  };

  bool isPreambleAt(std::size_t index) const;
  void drop(std::size_t size);
  /// Time of the byte before stream offset `end`.
  double timeBefore(std::uint64_t end) const;

  std::array<std::uint8_t, 2> preamble_;
  std::deque<std::uint8_t> bytes_;
  std::deque<Burst> bursts_;
  std::uint64_t offset_ = 0;
};

}  // namespace miner::codec
