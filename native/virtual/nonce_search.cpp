#include "virtual/nonce_search.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hash/sha256.hpp"

namespace miner::virtual_machine {

namespace {

using hash::Digest;
using hash::Header;

constexpr std::size_t kHeaderBytes = 80;
constexpr std::size_t kNonceOffset = 76;
/// Headers hashed between two looks at the digests: 8 KB of headers stay in the first-level cache.
constexpr std::size_t kBlock = 64;

constexpr std::size_t kMidstateBytes = 64;
/// Lowest header bit that chips roll.
constexpr unsigned kVersionShift = 13;
/// More than the versions that a chain goes through in one call.
constexpr std::size_t kMidstateSlots = 256;

void storeLe(std::uint8_t* to, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void storeBe(std::uint8_t* to, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

/// Both are little-endian numbers: the last byte counts most.
bool isAtOrBelow(const Digest& digest, const Digest& target) noexcept {
  return !std::lexicographical_compare(target.rbegin(), target.rend(), digest.rbegin(),
                                       digest.rend());
}

struct Points {
  const std::uint8_t* header;
  const std::uint32_t* versions;
  const std::uint32_t* nonces;
  std::size_t count;
};

void searchInLanes(const Points& points, const Digest& target, std::vector<std::uint32_t>& found) {
  std::array<Header, kBlock> headers;
  for (Header& header : headers) std::copy_n(points.header, kHeaderBytes, header.begin());
  std::array<Digest, kBlock> digests;
  for (std::size_t start = 0; start < points.count; start += kBlock) {
    const std::size_t size = std::min(kBlock, points.count - start);
    for (std::size_t i = 0; i < size; ++i) {
      storeLe(headers[i].data(), points.versions[start + i]);
      storeBe(headers[i].data() + kNonceOffset, points.nonces[start + i]);
    }
    hash::sha256dHeaders(std::span(headers).first(size), std::span(digests).first(size));
    for (std::size_t i = 0; i < size; ++i) {
      if (isAtOrBelow(digests[i], target)) found.push_back(static_cast<std::uint32_t>(start + i));
    }
  }
}

/// Chips of one chain work on the same few versions at a time, so most headers share their first
/// block with another: with one lane that saves nearly a third.
void searchByMidstate(const Points& points, const Digest& target,
                      std::vector<std::uint32_t>& found) {
  struct Slot {
    bool isFilled = false;
    std::uint32_t version = 0;
    hash::Midstate midstate;
  };
  std::array<Slot, kMidstateSlots> slots{};
  Header header;
  std::copy_n(points.header, kHeaderBytes, header.begin());
  const std::span<const std::uint8_t, kHeaderBytes> bytes(header);
  for (std::size_t i = 0; i < points.count; ++i) {
    const std::uint32_t version = points.versions[i];
    Slot& slot = slots[(version >> kVersionShift) % kMidstateSlots];
    if (!slot.isFilled || slot.version != version) {
      storeLe(header.data(), version);
      slot = {true, version, hash::midstateOf(bytes.first<kMidstateBytes>())};
    }
    storeBe(header.data() + kNonceOffset, points.nonces[i]);
    const Digest digest =
        hash::sha256dFromMidstate(slot.midstate, bytes.last<kHeaderBytes - kMidstateBytes>());
    if (isAtOrBelow(digest, target)) found.push_back(static_cast<std::uint32_t>(i));
  }
}

template <typename Array>
Array requireArray(const Napi::CallbackInfo& info, std::size_t index, napi_typedarray_type type,
                   std::size_t minimumLength, const char* message) {
  if (info[index].IsTypedArray() && info[index].As<Napi::TypedArray>().TypedArrayType() == type) {
    const Array array = info[index].As<Array>();
    if (array.ElementLength() >= minimumLength) return array;
  }
  throw Napi::TypeError::New(info.Env(), message);
}

Napi::Value searchNonces(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[3].IsNumber()) throw Napi::TypeError::New(env, "count is a number");
  const std::size_t count = info[3].As<Napi::Number>().Uint32Value();
  const auto base = requireArray<Napi::Uint8Array>(info, 0, napi_uint8_array, kHeaderBytes,
                                                   "header is a Uint8Array of 80 bytes");
  const auto versions = requireArray<Napi::Uint32Array>(
      info, 1, napi_uint32_array, count, "versions is a Uint32Array of at least count numbers");
  const auto nonces = requireArray<Napi::Uint32Array>(
      info, 2, napi_uint32_array, count, "nonces is a Uint32Array of at least count numbers");
  Digest target;
  const auto targetLe = requireArray<Napi::Uint8Array>(info, 4, napi_uint8_array, target.size(),
                                                       "targetLe is a Uint8Array of 32 bytes");
  std::copy_n(targetLe.Data(), target.size(), target.begin());

  const Points points{base.Data(), versions.Data(), nonces.Data(), count};
  std::vector<std::uint32_t> found;
  if (hash::laneCount() > 1)
    searchInLanes(points, target, found);
  else
    searchByMidstate(points, target, found);
  Napi::Uint32Array indexes = Napi::Uint32Array::New(env, found.size());
  std::copy(found.begin(), found.end(), indexes.Data());
  return indexes;
}

}  // namespace

void defineNonceSearch(Napi::Env env, Napi::Object exports) {
  exports.Set("searchNonces", Napi::Function::New<searchNonces>(env, "searchNonces"));
}

}  // namespace miner::virtual_machine
