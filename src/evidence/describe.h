// Explains evidence and collateral to people, without judging.
#pragma once

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/certificate.h"

namespace attestml::evidence {

// DescribeEvidence recognises a CMW collection, an SGX or TDX quote, an SEV-SNP report, a Nitro attestation document, a
// TDX event log, TCB info, QE identity, CRLs and certificates (DER, PEM, or hexadecimal text), and says what is in
// them: an object with `type` first of all ("cmw", "sgx-quote", "tdx-quote", "snp-report", "azure-report",
// "nitro-document", "event-log", "tcb-info", "qe-identity", "crl", "certificate", "pem", "unknown"). Nothing is
// verified: no signature, no date. Bytes that look like one of these and are not well-formed give `type` and an `error`
// of {id, message}. Takes at most 24 MiB.
Json DescribeEvidence(BytesView bytes);

Json DescribeCertificate(const crypto::Certificate& certificate);

}  // namespace attestml::evidence
