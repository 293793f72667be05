// Words for reports: how digests, names and statements of others are shown to people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "statement/claims.h"

namespace attestml::policy {

// Printable makes text of others safe to show: control characters, and what could reorder or hide text on a terminal,
// become
// "?"; at most `max` bytes, cut at a character.
std::string Printable(std::string_view text, std::size_t max = 120);

std::string DigestText(const crypto::Digest256& digest);   // "sha256:<64 hex>"
std::string ShortDigest(const crypto::Digest256& digest);  // "sha256:0123456789ab…"
std::string DigestText(const statement::DataId& id);       // the same, or "commitment:<64 hex>" of what is concealed
std::string ShortDigest(const statement::DataId& id);      // "commitment:0123456789ab…"
statement::DataId JobId(const statement::Run& run);        // the job's digest, or the commitment to it
std::string JobText(const statement::Run& run);            // the job's digest, or the commitment to it
std::string ShortJob(const statement::Run& run);

// "model.safetensors (sha256:0123…)"
std::string ArtifactText(const statement::ArtifactRef& artifact);
std::string ArtifactText(const statement::DataRef& data);
// "30162 records of adult.data (sha256:…), selection sha256:…" or "all 32561 records of …"
std::string DatasetText(const statement::DatasetUse& use);
// "0.85", "undefined", or the bound that is all that is stated: ">= 0.8", "lower end >= 0.8".
std::string ValueText(const statement::MetricResult& result);
// "P(sex=Female)", "mean of age", "accuracy where sex=Female": the metric with its qualifiers.
std::string ResultText(const statement::MetricResult& result);
// One line about a statement, for the list of claims.
std::string ClaimText(const statement::Claim& claim);

std::string Join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace attestml::policy
