// The table of certificates that a host hands a guest with its report (GHCB specification, "SNP Extended Guest
// Request"; Linux gives it as configfs-tsm's auxblob): entries of GUID 16 | u32 offset | u32 length, little endian,
// ended by one of zeros, and the certificates behind them. Nothing in it is trusted.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/package.h"

namespace attestml::evidence::snp {

inline constexpr std::size_t kMaxCertificateTable = 256 * 1024;
inline constexpr std::size_t kMaxTableCertificates = 16;

// What is in the table, in its order, labelled with the GUID: certificates and CRLs, which are recognised from their
// content as all collateral is. An empty table, or one of zeros, has none. Entries lie wholly behind the list and
// within the table. Error ids, all malformed: snp.certificate_table.{size,truncated,entry,count}.
Result<std::vector<CollateralItem>> ParseCertificateTable(BytesView bytes);

}  // namespace attestml::evidence::snp
