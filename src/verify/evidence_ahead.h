// EvidenceAhead: a second thread that verifies a bundle's evidence while the first still reads the other statements.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <span>
#include <vector>

#include "statement/envelope.h"
#include "verify/session.h"

namespace attestml::verify {

// It decides nothing. It asks the session for what the first thread will ask for later, by the same text, so that the
// answer is there by then; what the first thread finds out, and in which order, is as it is without. Evidence needs
// nothing from the other statements: which key, target and nonce it is for is compared afterwards.
//
// Work for a bundle that will be refused is bounded: it ends with the piece of evidence in hand when the first thread
// gives up, or with the first piece that is refused. Where no thread can be started, nothing happens.
class EvidenceAhead {
 public:
  // Starts at once. Borrows both until it is destroyed.
  EvidenceAhead(std::span<const statement::Envelope> envelopes, Session& session);
  // Waits for the piece in hand, and leaves the rest.
  ~EvidenceAhead();
  EvidenceAhead(const EvidenceAhead&) = delete;
  EvidenceAhead& operator=(const EvidenceAhead&) = delete;

  // Waits for all of it.
  void Wait();

  // Whether starting a thread is worth it: there is evidence, enough else to read, and a second processor.
  static bool Pays(std::span<const statement::Envelope> envelopes);

 private:
  static void* Main(void* self);
  void Run();

  const std::span<const statement::Envelope> envelopes_;
  Session& session_;
  std::atomic<bool> stop_ = false;
  bool started_ = false;
  pthread_t thread_{};
};

}  // namespace attestml::verify
