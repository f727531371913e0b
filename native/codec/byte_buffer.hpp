#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace miner::codec {

/// Bytes of a stream that wait to be explained, in a fixed space.
template <std::size_t kCapacity>
class ByteBuffer {
 public:
  /// Takes as many bytes as fit and returns their number.
  std::size_t append(std::span<const std::uint8_t> bytes) noexcept {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    const std::size_t count = std::min(bytes.size(), kCapacity - end_);
    std::copy_n(bytes.begin(), count, bytes_.begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += count;
    return count;
  }

  std::span<const std::uint8_t> waiting() const noexcept {
    return std::span{bytes_}.subspan(begin_, end_ - begin_);
  }

  /// Gives up the first `count` waiting bytes.
  void consume(std::size_t count) noexcept {
    begin_ += count;
    consumed_ += count;
  }

  /// Forgets the waiting bytes; they do not count as consumed.
  void clear() noexcept { begin_ = end_ = 0; }

  std::uint64_t consumedBytes() const noexcept { return consumed_; }

 private:
  std::array<std::uint8_t, kCapacity> bytes_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t consumed_ = 0;
};

}  // namespace miner::codec
