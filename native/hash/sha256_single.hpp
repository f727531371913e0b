#pragma once

#include "hash/sha256.hpp"

/// SHA-256 of one message over a block function.
namespace miner::hash {

using Compress = void (*)(std::array<std::uint32_t, 8>& state, const std::uint8_t* block) noexcept;

/// SHA-256 of the whole message; `state` and `hashedBytes` say what was hashed before it
/// (a multiple of 64 bytes).
Digest finish(Compress compress, std::array<std::uint32_t, 8> state, std::uint64_t hashedBytes,
              std::span<const std::uint8_t> rest) noexcept;

/// SHA-256 of a digest: the second half of SHA-256d.
Digest hashDigest(Compress compress, const Digest& digest) noexcept;

/// SHA-256d of one header.
Digest hashHeader(Compress compress, const Header& header) noexcept;

}  // namespace miner::hash
