// Manifests: a file or a folder of files as one artifact, hashed in shards on all cores with little memory. The
// manifest is the predicate of an OpenSSF Model Signing v1.0 statement (method "shards"), as canonical JSON; its
// SHA-256 is the digest of the artifact. spec/manifest.md leads with an example.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::artifact {

// What certify and verify use: two manifests of the same files are the same only for the same shard size.
inline constexpr std::uint64_t kDefaultShardSize = std::uint64_t{64} << 20;
inline constexpr std::size_t kMaxShards = std::size_t{1} << 20;
inline constexpr std::size_t kMaxTreeDepth = 64;

struct ManifestOptions {
  std::uint64_t shard_size = kDefaultShardSize;
  unsigned threads = 0;  // 0: one for each core
};

struct Manifest {
  std::string text;          // canonical JSON
  crypto::Digest256 root{};  // SHA-256 of it: names, sizes and every byte
  crypto::Digest256
      model{};  // what Model Signing calls the model's digest: SHA-256 of the shards' digests, names left out
  std::size_t files = 0, shards = 0;
  std::uint64_t bytes = 0;
};

// Reads each byte once. Symbolic links are refused wherever they lead, and so is what is neither file nor folder, and a
// file that changes meanwhile. Error ids manifest.path, .type, .name, .depth, .shard_size (usage), .size (malformed),
// .empty (usage), .changed and file.read (unavailable).
Result<Manifest> MeasureTree(const std::string& path, const ManifestOptions& options = {});

// Whether the path is a folder, so that MeasureTree and not MeasuredFile::Read gives its digest.
bool IsFolder(const std::string& path);

}  // namespace attestml::artifact
