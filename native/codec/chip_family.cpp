#include "codec/chip_family.hpp"

#include <algorithm>
#include <array>

namespace miner::codec {

namespace {

// Documented: fact sheet BM13xx, sections 1, 4.3 and 5. Inferred for BM1362: the id byte is read
// as five bits of job and three of sub-core; one source says four and four.
constexpr std::array<ChipFamily, 4> kFamilies{{
    {.model = ChipModel::kBm1362,
     .name = "BM1362",
     .chipId = 0x1362,
     .cores = 65,
     .subcores = 8,
     .hashUnits = 514,
     .jobSlots = 32,
     .subcoreMask = 0x07,
     .jobIdShift = 0,
     .jobByteStep = 8,
     .nonceHoldsAddress = true},
    {.model = ChipModel::kBm1366,
     .name = "BM1366",
     .chipId = 0x1366,
     .cores = 112,
     .subcores = 8,
     .hashUnits = 894,
     .jobSlots = 32,
     .subcoreMask = 0x07,
     .jobIdShift = 0,
     .jobByteStep = 8,
     .nonceHoldsAddress = true},
    {.model = ChipModel::kBm1368,
     .name = "BM1368",
     .chipId = 0x1368,
     .cores = 80,
     .subcores = 16,
     .hashUnits = 1276,
     .jobSlots = 16,
     .subcoreMask = 0x0F,
     .jobIdShift = 1,
     .jobByteStep = 24,
     .nonceHoldsAddress = false},
    {.model = ChipModel::kBm1370,
     .name = "BM1370",
     .chipId = 0x1370,
     .cores = 128,
     .subcores = 16,
     .hashUnits = 2040,
     .jobSlots = 16,
     .subcoreMask = 0x0F,
     .jobIdShift = 1,
     .jobByteStep = 24,
     .nonceHoldsAddress = false},
}};

}  // namespace

const ChipFamily& chipFamily(ChipModel model) noexcept {
  return kFamilies[static_cast<std::size_t>(model)];
}

const ChipFamily* findChipFamily(std::string_view name) noexcept {
  for (const ChipFamily& family : kFamilies)
    if (family.name == name) return &family;
  return nullptr;
}

std::uint32_t ChipLocator::chipOf(std::uint32_t nonceMsb) const noexcept {
  if (!useNonceOffset_) return std::min(((nonceMsb >> 17) & 0xFF) / addressStep_, chips_ - 1);
  const std::uint32_t offset = (nonceMsb >> 9) & 0xFFFF;
  const std::uint32_t chip = offset * chips_ / 65536;
  // Offsets are rounded up, so the division names a chip one too far at the border of a slice.
  return nonceOffsetOf(chip, chips_) <= offset ? chip : chip - 1;
}

}  // namespace miner::codec
