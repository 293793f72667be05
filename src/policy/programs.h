// Which statements may be believed at all: made by a program that the policy lists, in a state it accepts, of a kind
// that this program may state; or signed by a certifier that the policy names.
#pragma once

#include <optional>
#include <vector>

#include "policy/check_list.h"
#include "policy/policy.h"
#include "verify/bundle.h"

namespace attestml::policy {

// The entry of the policy that `evidence` comes from: TEE, measurement and root all agree. Simulated evidence agrees
// only with entries that say simulated and give its root, whatever its measurement. Null when there is none.
const Program* FindProgram(const Policy& policy, const verify::VerifiedEvidence& evidence);

// The program that `evidence` comes from when everything about its state is acceptable, else null; every check is made
// and noted. Check ids policy.program, .root, .debug, .security_version, .tcb_status, .min_tcb.*, .hazard.*,
// .revocation, .evaluation_number, .collateral_age, .certificate, .platform.
const Program* AppraiseProgram(const verify::VerifiedEvidence& evidence, const Policy& policy, Time time,
                               CheckList* checks);

// Which pieces of evidence (by position) a statement rests on. The others say nothing about anything.
std::vector<bool> EvidenceInUse(const verify::VerifiedBundle& bundle);

// Checks every piece of evidence that a statement rests on and every statement. The answer says of each statement (by
// position) whether it may be used; statements of unknown type may not, nor evidence itself. Check ids those of
// AppraiseProgram, and policy.may_state.
std::vector<bool> AppraisePrograms(const verify::VerifiedBundle& bundle, const Policy& policy, CheckList* checks);

// The certifier entry in whose name a certification speaks, or null with the reason in `why`: a bare key by its id; a
// chain by the key of its last certificate, every signature, validity at `time`, CA rights, and the leaf's common name.
const Certifier* FindCertifier(const Policy& policy, const verify::VerifiedStatement& statement, Time time,
                               std::string* why);
// The same for one entry.
bool SpeaksFor(const Certifier& certifier, const verify::VerifiedStatement& statement, Time time, std::string* why);

}  // namespace attestml::policy
