#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// Bytes of real wires and pools, copied from test/fixtures/bm13xx; the case is named at each.
namespace miner::test {

// Captured: jobs_full_header.json, bm1370-job68: a job of a mainnet pool, the frame that a Bitaxe
// Gamma made of it, and its answer, which the pool accepted.
namespace job68 {

inline constexpr std::string_view kFrame =
    "55aa2156680100000000043a0217d76854685519a7cb044f88726355919e61a98bcf71a0c28795ea54db8c36414b06"
    "ddf5f00000000000000000965201001d3996bca3f4670dfcd4f201c162b96dfd55646b00000020721c";
inline constexpr std::string_view kPrevhash =
    "fd55646bc162b96dfcd4f201a3f4670d1d3996bc965201000000000000000000";
inline constexpr std::string_view kMerkleRoot =
    "06ddf5f08c36414b95ea54db71a0c28761a98bcf6355919e044f88725519a7cb";
inline constexpr std::string_view kCoinb1 =
    "02000000010000000000000000000000000000000000000000000000000000000000000000ffffffff170330c30d50"
    "75626c69632d506f6f6c";
inline constexpr std::string_view kExtranonce1 = "4128064f";
inline constexpr std::string_view kExtranonce2 = "17000000";
inline constexpr std::string_view kCoinb2 =
    "ffffffff02e5b5c61200000000220020984a77c289084ff2d434c316bdada021c6c183d507c8a20d3b159b09ac02fe"
    "280000000000000000266a24aa21a9edb98ee50410ed4abd48401ed484fc874409d086a3faf0816136a8ad6168314c"
    "5800000000";
inline constexpr std::array<std::string_view, 12> kBranches = {
    "21af451ddb51e887ff1feb5592b87290098565035eb8500031aedcc776d4e72a",
    "c5af269519c809a9546d5a58ca6445d3dbb80cb7045448ecc48309af034da8f8",
    "fb9f8f9959f6bb0ceb63fa53aed1d5a615c6b6d3f50a468ea89a45a1234bda74",
    "a4f4fee8e5fc19ca8d93e67b9236c37ddb864982010434745c0abfe9b914980c",
    "33092206642744fbe5499c3e621cd5c6b52733e54fbebd869f070082b807f740",
    "3b857e32c5cff4864efab967b9a456ca03b2167ab96bd9076ce294c8a67a7fe2",
    "881a07cd881d0c3e590b4b090ea8d58e1439dc56c63686f7de23c47045441e30",
    "315e4dbcc8e7b1c9d594a73978268791880dddb2c26eec8e75768668dad99d80",
    "69952b77c632be16b1ac7ac7048f13d4e962b2e215d79a343f01e6e281d7c304",
    "fc63eb4392c4d6c6d689788875fca35143fdcd4f4a82e8698e0e441751a70b4a",
    "09e419bbe20aa3a7640f1b91f50599ceddff899e90d3f18951ad5418c4850a6b",
    "004978aa346b4f1880bcadb3ca3792d771ee6aeca427f61e74baba44b75cfb88",
};
inline constexpr std::uint32_t kVersion = 0x20000000;
inline constexpr std::uint32_t kVersionMask = 0x1fffe000;
inline constexpr std::uint32_t kNbits = 0x17023a04;
inline constexpr std::uint32_t kNtime = 0x685468d7;
// Captured: nonces_full_header.json, bm1370-gamma-job68; difficulty 29588.01.
inline constexpr std::string_view kAnswer = "aa554c0352750cd205a29c";
inline constexpr std::uint32_t kNonce = 0x7552034c;
inline constexpr std::uint32_t kRolledVersion = 0x20b44000;
inline constexpr std::string_view kHashDisplay =
    "0000000000023704cface997bcf7388694ea43dae96c51d80658687a7d8827fe";

}  // namespace job68

// Captured: jobs_full_header.json, bm1366-job28: one BM1366 with ticket mask 0.
namespace job28 {

inline constexpr std::string_view kFrame =
    "55aa2156280100000000f8952419e016af64f3c00910cbdaf23f0fffdf3f7b42acc98d70ed9bbfba1b1d4474ede032"
    "2885c7000000000c000000659049105857dda2478a5e7cccfe036fe8be8ef8c25721d4000000203c3f";
inline constexpr std::string_view kPrevhash =
    "c25721d4e8be8ef8ccfe036f478a5e7c5857dda2659049100c00000000000000";
inline constexpr std::string_view kMerkleRoot =
    "322885c74474ede0bfba1b1d8d70ed9b7b42acc90fffdf3fcbdaf23ff3c00910";
inline constexpr std::uint32_t kVersion = 0x20000000;
inline constexpr std::uint32_t kNbits = 0x192495f8;
inline constexpr std::uint32_t kNtime = 0x64af16e0;

struct Answer {
  std::string_view frame;
  std::uint32_t version;
  std::uint32_t nonce;
  std::uint8_t core;
};
// Captured: nonces_full_header.json, bm1366-early-1, -2, -4 and -5; difficulties 9.28, 3.63, 27.00
// and 15.73.
inline constexpr std::array<Answer, 4> kAnswers = {{
    {"aa55083928a9032b000396", 0x20006000, 0xa9283908, 4},
    {"aa551a514ebe012800008a", 0x20000000, 0xbe4e511a, 13},
    {"aa554272d2df0429000199", 0x20002000, 0xdfd27242, 33},
    {"aa5556b35f2b0329000192", 0x20002000, 0x2b5fb356, 43},
}};

}  // namespace job28

// Targets of mainnet difficulties as little-endian numbers: floor(0xffff * 2^208 / difficulty).
inline constexpr std::string_view kTargetOf1 =
    "0000000000000000000000000000000000000000000000000000ffff00000000";
inline constexpr std::string_view kTargetOf8192 =
    "000000000000000000000000000000000000000000000000f8ff070000000000";
inline constexpr std::string_view kTargetOf29588 =
    "5ac08266d6c9d8e858ab7558b4c16782a85f240173a13be10437020000000000";
inline constexpr std::string_view kTargetOf29589 =
    "3b7279bf19e00afb08aa8fd7b9b8f513c99b82e86ef95af9ff36020000000000";
// What the chips test at ticket difficulties 1 and 256: 32 and 40 leading zero bits.
inline constexpr std::string_view kTicket1 =
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000";
inline constexpr std::string_view kTicket256 =
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000000";
inline constexpr std::string_view kTicket16 =
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffff0f00000000";

}  // namespace miner::test
