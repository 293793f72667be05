#include "crypto/merkle.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace attestml::crypto {
namespace {

// The eight leaves of Certificate Transparency's own tests, and the roots of their first n, computed with RFC
// 9162 2.1.1's recursive definition.
const char* const kLeaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const char* const kRoots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                              "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                              "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                              "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                              "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                              "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                              "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                              "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Digest256> FirstLeaves(std::size_t n) {
  std::vector<Digest256> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(LeafHash(*HexDecode(kLeaves[i])));
  return out;
}

std::vector<Digest256> ManyLeaves(std::size_t n) {
  std::vector<Digest256> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(LeafHash(AsBytes("leaf " + std::to_string(i))));
  return out;
}

TEST(Merkle, KnownRoots) {
  for (std::size_t n = 0; n <= 8; ++n) {
    EXPECT_EQ(HexEncode(MerkleRoot(FirstLeaves(n))), kRoots[n]) << n;
    EXPECT_EQ(HexEncode(MerkleTree(FirstLeaves(n)).root()), kRoots[n]) << n;
  }
}

TEST(Merkle, KnownProof) {
  const auto proof = MerkleTree(FirstLeaves(8)).InclusionProof(5);
  ASSERT_EQ(proof.size(), 3U);
  EXPECT_EQ(HexEncode(proof[0]), "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
  EXPECT_EQ(HexEncode(proof[1]), "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
  EXPECT_EQ(HexEncode(proof[2]), "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
  const auto carried = MerkleTree(FirstLeaves(3)).InclusionProof(2);
  ASSERT_EQ(carried.size(), 1U);
  EXPECT_EQ(HexEncode(carried[0]), kRoots[2]);
}

// Every leaf of every small tree proves its own place, and nothing else: no other place, size, leaf or root, no shorter
// or longer proof, no changed node.
TEST(Merkle, ProofsProveOnePlaceOnly) {
  for (std::uint64_t size = 1; size <= 17; ++size) {
    const auto leaves = ManyLeaves(size);
    const MerkleTree tree(leaves);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto proof = tree.InclusionProof(i);
      ASSERT_TRUE(VerifyInclusion(leaves[i], i, size, proof, tree.root())) << size << " " << i;
      for (std::uint64_t other = 0; other < size + 2; ++other) {
        if (other != i) {
          EXPECT_FALSE(VerifyInclusion(leaves[i], other, size, proof, tree.root()));
        }
      }
      EXPECT_FALSE(VerifyInclusion(LeafHash(AsBytes("x")), i, size, proof, tree.root()));
      EXPECT_FALSE(VerifyInclusion(leaves[i], i, size, proof, LeafHash({})));
      auto changed = proof;
      changed.push_back(LeafHash({}));
      EXPECT_FALSE(VerifyInclusion(leaves[i], i, size, changed, tree.root()));
      for (std::size_t node = 0; node < proof.size(); ++node) {
        changed = proof;
        changed[node][31] ^= 1;
        EXPECT_FALSE(VerifyInclusion(leaves[i], i, size, changed, tree.root()));
      }
      if (!proof.empty()) {
        changed = proof;
        changed.pop_back();
        EXPECT_FALSE(VerifyInclusion(leaves[i], i, size, changed, tree.root()));
      }
    }
  }
  EXPECT_FALSE(VerifyInclusion(LeafHash({}), 0, 0, {}, Sha256({})));
}

}  // namespace
}  // namespace attestml::crypto
