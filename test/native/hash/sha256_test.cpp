#include "hash/sha256.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include "../hex.hpp"

using miner::test::bytesOf;
using miner::test::hexOf;
namespace hash = miner::hash;

namespace {

std::span<const std::uint8_t> textBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

hash::Header headerOf(std::string_view hex) {
  const auto bytes = bytesOf(hex);
  hash::Header header;
  std::copy(bytes.begin(), bytes.end(), header.begin());
  return header;
}

// Captured: Bitaxe Gamma log of 2025-06-19, share accepted by the pool.
const std::string kGammaHeader =
    "0040b420fd55646bc162b96dfcd4f201a3f4670d1d3996bc96520100000000000000000006ddf5f08c36414b95ea54"
    "db71a0c28761a98bcf6355919e044f88725519a7cbd7685468043a02174c035275";
const std::string kGammaHashLe = "fe27887d7a685806d8516ce9da43ea948638f7bc97e9accf0437020000000000";

}  // namespace

TEST_CASE("sha256 gives the digests of FIPS 180-4 examples") {
  CHECK(hexOf(hash::sha256(textBytes(""))) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hexOf(hash::sha256(textBytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(
      hexOf(hash::sha256(textBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hexOf(hash::sha256(textBytes(std::string(1'000'000, 'a')))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256d of a captured header gives the hash the pool accepted") {
  const hash::Header header = headerOf(kGammaHeader);
  CHECK(hexOf(hash::sha256d(header)) == kGammaHashLe);
  const std::span<const std::uint8_t, 80> all{header};
  const hash::Midstate midstate = hash::midstateOf(all.first<64>());
  CHECK(hexOf(hash::sha256dFromMidstate(midstate, all.last<16>())) == kGammaHashLe);
}

TEST_CASE("every implementation hashes every lane like the portable one") {
  std::mt19937 random(20250619);
  const auto implementations = hash::implementations();
  REQUIRE(implementations.size() > 0);
  CHECK(std::string_view(implementations[0].name) == "portable");
  for (const hash::Implementation& implementation : implementations) {
    CAPTURE(std::string(implementation.name));
    for (int round = 0; round < 50; ++round) {
      std::vector<hash::Header> headers(implementation.lanes);
      for (auto& header : headers)
        for (auto& byte : header) byte = static_cast<std::uint8_t>(random());
      std::vector<hash::Digest> digests(implementation.lanes);
      implementation.hashHeaders(headers.data(), digests.data());
      for (std::size_t lane = 0; lane < headers.size(); ++lane) {
        hash::Digest expected;
        implementations[0].hashHeaders(&headers[lane], &expected);
        CHECK(digests[lane] == expected);
      }
    }
    std::vector<hash::Header> captured(implementation.lanes, headerOf(kGammaHeader));
    std::vector<hash::Digest> digests(implementation.lanes);
    implementation.hashHeaders(captured.data(), digests.data());
    for (const auto& digest : digests) CHECK(hexOf(digest) == kGammaHashLe);
  }
}

TEST_CASE("every block function adds a block like the portable one") {
  std::mt19937 random(7);
  for (const hash::Implementation& implementation : hash::implementations()) {
    if (implementation.compress == nullptr) continue;
    CAPTURE(std::string(implementation.name));
    for (int round = 0; round < 100; ++round) {
      std::array<std::uint32_t, 8> state;
      for (auto& word : state) word = static_cast<std::uint32_t>(random());
      // One byte in, so that no implementation relies on alignment.
      std::array<std::uint8_t, 65> block;
      for (auto& byte : block) byte = static_cast<std::uint8_t>(random());
      auto expected = state;
      hash::implementations()[0].compress(expected, block.data() + 1);
      implementation.compress(state, block.data() + 1);
      CHECK(state == expected);
    }
  }
}

TEST_CASE("sha256dHeaders hashes any number of headers") {
  std::mt19937 random(1);
  for (std::size_t count = 0; count <= 2 * 8 + 3; ++count) {
    std::vector<hash::Header> headers(count);
    for (auto& header : headers)
      for (auto& byte : header) byte = static_cast<std::uint8_t>(random());
    std::vector<hash::Digest> digests(count);
    hash::sha256dHeaders(headers, digests);
    for (std::size_t i = 0; i < count; ++i) CHECK(digests[i] == hash::sha256d(headers[i]));
  }
  CHECK(hash::laneCount() > 0);
  CHECK(std::strlen(hash::implementationName()) > 0);
}

TEST_CASE("hashMeetsTarget compares little-endian numbers and accepts equality") {
  hash::Digest value{};
  std::array<std::uint8_t, 32> target{};
  CHECK(hash::hashMeetsTarget(value, target));
  value[0] = 1;
  CHECK_FALSE(hash::hashMeetsTarget(value, target));
  target[31] = 1;
  value.fill(0xFF);
  value[31] = 0;
  CHECK(hash::hashMeetsTarget(value, target));
  value[31] = 1;
  CHECK_FALSE(hash::hashMeetsTarget(value, target));
  target.fill(0xFF);
  target[31] = 1;
  CHECK(hash::hashMeetsTarget(value, target));
}
