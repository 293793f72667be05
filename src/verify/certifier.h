// The certificate chain of a certifier: everything about it but whether its root is trusted, which a policy says.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "statement/claims.h"

namespace attestml::verify {

// VerifyCertifierChain checks that the first certificate is of the key that signed, that each is signed by the next
// (and the last by itself when it says so), that all are within their windows at `time`, that the issuers are
// authorities whose path length suffices, and that no certificate has a critical extension that nobody here
// understands. A claim without a chain passes. Revocation is not looked at. Error ids cert.der, certifier.key,
// certifier.signature, certifier.time, certifier.authority, certifier.critical.
Status VerifyCertifierChain(const statement::CertificationClaim& claim, Time time);

}  // namespace attestml::verify
