// What a SEV-SNP report says of itself, as facts and hazards.
#pragma once

#include "evidence/snp/report.h"
#include "verify/evidence.h"

namespace attestml::verify {

// SnpFacts of a report whose product line is `line`: of its CPUID, or, for version 2, of its certificate.
//
// Registers: "host_data", "id_key_digest", "author_key_digest", "family_id", "image_id", "report_id", "report_id_ma" as
// they stand; "policy" and "platform_info", 8 bytes, big endian, as people write them; "smt", one byte, 1 when the
// policy allows simultaneous multithreading and the platform has it enabled; from version 5 on "launch_mit_vector" and
// "current_mit_vector", 8 bytes, big endian.
//
// Hazards, always all of them: "migratable", "migration-agent", "vmpl", "provisional-firmware", "masked-chip". That SMT
// is enabled is no hazard, for it is what every cloud sells: a policy that minds pins the register.
EvidenceFacts SnpFacts(const evidence::snp::Report& report, evidence::snp::ProductLine line);

}  // namespace attestml::verify
