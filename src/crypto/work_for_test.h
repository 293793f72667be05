// What one call costs, counted in what a busy machine cannot change: memory taken and signatures verified.
//
// The rule is that no mutant takes more than 50 ms or 16 MiB. Time is not measured in tests, for a machine that does
// other things beside fails them for nothing; the work is. A signature on P-384 takes 0.7 ms with OpenSSL 3.0, on P-256
// and RSA-4096 a tenth of it; what is read besides costs a few microseconds a KiB. bench/evidence_bench.cc measures the
// time of the dearest mutant.
#pragma once

#include <cstddef>

namespace attestml::test {

struct Work {
  std::size_t peak = 0;        // bytes more than before, at the worst moment
  std::size_t total = 0;       // bytes of all allocations
  std::size_t signatures = 0;  // ECDSA and RSA verifications
};

// WorkMeter counts from its making on, on its own thread: operator new, and OpenSSL's allocations. One at a time.
class WorkMeter {
 public:
  WorkMeter();
  ~WorkMeter();
  WorkMeter(const WorkMeter&) = delete;
  WorkMeter& operator=(const WorkMeter&) = delete;
  Work Read() const;
};

inline constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
// 24 of the dearest take 17 ms. A Nitro document with AWS' chain needs 5.
inline constexpr std::size_t kMaxSignatures = 24;

// WorkBound expects that what happens while it lives keeps to both.
class WorkBound {
 public:
  WorkBound() = default;
  ~WorkBound();

 private:
  WorkMeter meter_;
};

}  // namespace attestml::test
