#include "codec/chip_family.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace miner::codec;

namespace {

constexpr ChipModel kModels[] = {ChipModel::kBm1362, ChipModel::kBm1366, ChipModel::kBm1368,
                                 ChipModel::kBm1370};

}  // namespace

TEST_CASE("families are found by their printed name") {
  for (const ChipModel model : kModels) {
    const ChipFamily& family = chipFamily(model);
    CHECK(family.model == model);
    CHECK(findChipFamily(family.name) == &family);
    CHECK(family.hashUnits <= family.cores * family.subcores);
  }
  CHECK(findChipFamily("BM1397") == nullptr);
}

TEST_CASE("answers name the job byte and the sub-core as captured") {
  // Captured: BM1366 answer to job 28, BM1370 answer to job 68, BM1368 answer to job 48.
  CHECK(chipFamily(ChipModel::kBm1366).jobByteOf(0x29) == 0x28);
  CHECK(chipFamily(ChipModel::kBm1366).subcoreOf(0x29) == 1);
  CHECK(chipFamily(ChipModel::kBm1370).jobByteOf(0xd2) == 0x68);
  CHECK(chipFamily(ChipModel::kBm1370).subcoreOf(0xd2) == 2);
  CHECK(chipFamily(ChipModel::kBm1368).jobByteOf(0x91) == 0x48);
  CHECK(ChipFamily::coreOf(0x4c035275) == 38);
}

TEST_CASE("the job byte sequence visits every slot once and every answer leads back to it") {
  for (const ChipModel model : kModels) {
    const ChipFamily& family = chipFamily(model);
    std::set<int> jobBytes;
    std::set<int> slots;
    for (std::uint32_t n = 0; n < family.jobSlots; ++n) {
      const std::uint8_t jobByte = family.jobByteAt(n);
      CHECK(jobByte % 8 == 0);
      CHECK(family.jobByteAt(n + family.jobSlots) == jobByte);
      jobBytes.insert(jobByte);
      CHECK(family.slotOf(jobByte) < family.jobSlots);
      slots.insert(family.slotOf(jobByte));
      for (std::uint8_t subcore = 0; subcore < family.subcores; ++subcore) {
        const auto answer = static_cast<std::uint8_t>(jobByte << family.jobIdShift | subcore);
        CHECK(family.jobByteOf(answer) == jobByte);
        CHECK(family.subcoreOf(answer) == subcore);
      }
    }
    CHECK(jobBytes.size() == family.jobSlots);
    CHECK(slots.size() == family.jobSlots);
  }
}

TEST_CASE("nonce offsets equal those of a captured S21 Pro") {
  const std::uint16_t captured[] = {0x0000, 0x03f1, 0x07e1, 0x0bd1, 0x0fc1, 0x13b2};
  for (std::uint32_t chip = 0; chip < 6; ++chip) CHECK(nonceOffsetOf(chip, 65) == captured[chip]);
  CHECK(nonceOffsetOf(64, 65) == 0xfc10);
}

TEST_CASE("with nonce offsets every counter value belongs to the last chip that starts below it") {
  for (const std::uint32_t chips : {1u, 2u, 6u, 65u, 91u, 108u, 255u, 256u}) {
    const ChipLocator locator(chips, 2, true);
    std::uint32_t expected = 0;
    for (std::uint32_t offset = 0; offset < 65536; ++offset) {
      while (expected + 1 < chips && nonceOffsetOf(expected + 1, chips) <= offset) ++expected;
      if (locator.chipOf(0xFE000000u | offset << 9 | 0x1FF) != expected) {
        CAPTURE(chips);
        CAPTURE(offset);
        REQUIRE(locator.chipOf(0xFE000000u | offset << 9 | 0x1FF) == expected);
      }
    }
  }
}

TEST_CASE("without nonce offsets the address field names the chip") {
  const ChipLocator locator(110, 2, false);
  CHECK(locator.chipOf(0x00000000) == 0);
  CHECK(locator.chipOf(0x00020000) == 0);
  CHECK(locator.chipOf(0x00040000) == 1);
  CHECK(locator.chipOf(218u << 17 | 0xFE000000u) == 109);
  // The last chip's sweep runs into addresses that no chip has.
  CHECK(locator.chipOf(255u << 17) == 109);
  CHECK(ChipLocator(1, 256, false).chipOf(0xFFFFFFFF) == 0);
}
