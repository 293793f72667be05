#include "verify/evidence_ahead.h"

#include <sched.h>

#include <string_view>

#include "statement/claims.h"

namespace attestml::verify {
namespace {

// Half a millisecond to read, several times what a thread costs.
constexpr std::size_t kWorthwhile = std::size_t{64} << 10;

// A guess, right for all canonical text: the type stands behind the predicate, with nothing but the subject after it. A
// wrong one costs time, nothing else.
bool LooksLikeEvidence(const statement::Envelope& envelope) {
  std::string_view end = envelope.payload;
  if (end.size() > 2048) end.remove_prefix(end.size() - 2048);
  return end.find(statement::kScaiType) != std::string_view::npos;
}

// Those this process may use, which may be fewer than the machine has.
bool HasSecondProcessor() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

}  // namespace

bool EvidenceAhead::Pays(std::span<const statement::Envelope> envelopes) {
  std::size_t others = 0;
  bool evidence = false;
  for (const statement::Envelope& envelope : envelopes) {
    if (LooksLikeEvidence(envelope)) {
      evidence = true;
    } else {
      others += envelope.payload.size();
    }
  }
  return evidence && others >= kWorthwhile && HasSecondProcessor();
}

// std::thread throws where no thread can be had, which this code cannot catch.
EvidenceAhead::EvidenceAhead(std::span<const statement::Envelope> envelopes, Session& session)
    : envelopes_(envelopes), session_(session) {
  started_ = pthread_create(&thread_, nullptr, &EvidenceAhead::Main, this) == 0;
}

EvidenceAhead::~EvidenceAhead() {
  stop_ = true;
  Wait();
}

void EvidenceAhead::Wait() {
  if (started_) pthread_join(thread_, nullptr);
  started_ = false;
}

void* EvidenceAhead::Main(void* self) {
  static_cast<EvidenceAhead*>(self)->Run();
  return nullptr;
}

void EvidenceAhead::Run() {
  for (const statement::Envelope& envelope : envelopes_) {
    if (stop_) return;
    if (!LooksLikeEvidence(envelope)) continue;
    const auto claim = statement::ParseStatement(envelope.payload);
    if (!claim.ok()) return;
    const auto* evidence = std::get_if<statement::EvidenceClaim>(&*claim);
    if (evidence != nullptr && !session_.Verify(evidence->cmw)->evidence.ok()) return;
  }
}

}  // namespace attestml::verify
