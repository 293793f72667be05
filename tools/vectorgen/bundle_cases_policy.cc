// Policies that are wrong must be errors, and those that ask nothing accept nothing.
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

void AddTypos(BundleCaseBuilder* b) {
  b->Attack("policy with a typo");
  const auto with = [&](std::string_view name, std::string_view expect, std::string_view why, std::string_view from,
                        std::string_view to) {
    b->Add(name, expect, why).policy = {{Replaced(HonestPolicy(), from, to)}};
  };
  constexpr std::string_view kWhy = "a rule would be ignored";
  with("policy-without-a-typo", "accepted", "every key is known", "min-count = 1000", "min-count = 999");
  with("policy-typo-in-trust", "none usage policy.unknown_key", kWhy, "as-of = true",
       "as-of = true\nmin-evalution-number = 9");
  with("policy-typo-in-a-table", "none usage policy.unknown_key", kWhy, "[trust]", "[trsut]");
  with("policy-typo-in-program", "none usage policy.unknown_key", kWhy, "may-state =", "may_state =");
  with("policy-typo-in-requirement", "none usage policy.unknown_key", kWhy, "min-count = 1000", "mincount = 1000");
  with("policy-typo-in-where", "none usage policy.value", kWhy, "column = \"sex\", value", "column = \"sex\", vlaue");
  with("policy-typo-in-a-metric", "none usage policy.unknown_name", kWhy, "metric = \"accuracy\"",
       "metric = \"acuracy\"");
  with("policy-typo-in-a-property", "none usage policy.unknown_name", kWhy, "property = \"overlap\"",
       "property = \"overlop\"");
  with("policy-typo-in-a-status", "none usage policy.unknown_name", kWhy, "\"UpToDate\"", "\"Uptodate\"");
  with("policy-typo-in-a-kind", "none usage policy.unknown_name", kWhy, "claim = \"training\"",
       "claim = \"trainning\"");
  with("policy-typo-in-a-bound", "none usage policy.value", kWhy, ">= 0.80", "=> 0.80");
  with("policy-status-revoked", "none usage policy.unknown_name", "what is known to be broken would be acceptable",
       "\"UpToDate\"", "\"Revoked\"");
  with("policy-bound-that-is-no-text", "none usage policy.type", kWhy, "\">= 0.80\"", "0.80");
  with("policy-id-twice", "none usage policy.duplicate", "one check would hide another", "id = \"women\"",
       "id = \"accuracy\"");
  with("policy-simulated-without-root", "none usage policy.missing", "anybody's root would be one",
       "root = \"" + RootOf() + "\"\n", "");
  with("policy-not-toml", "none usage policy.syntax", "half a policy would be one", "[trust]", "[trust");
}

void AddEmpty(BundleCaseBuilder* b) {
  b->Attack("empty policy");
  b->Add("empty-not", "accepted", "one requirement is enough").policy = {
      {TrustTable() + ProgramTable() + "\n[[require]]\nid = \"training\"\nclaim = \"training\"\n"}};
  constexpr std::string_view kWhy = "a policy that asks nothing would be met by everything";
  b->Add("empty-file", "untrusted sgx.pck.chain", kWhy).policy = {{""}};
  b->Add("empty-of-programs", "untrusted sgx.pck.chain", "no name would be every name").policy = {
      {TrustTable() + Requirements()}};
  b->Add("empty-of-requirements", "rejected policy.require", kWhy).policy = {{TrustTable() + ProgramTable()}};
  b->Add("empty-of-trust",
         "rejected policy.as_of policy.model policy.require.accuracy policy.require.overlap policy.require.training "
         "policy.require.women policy.tcb_status",
         "no status named would be every status")
      .policy = {{ProgramTable() + Requirements()}};
  b->Add("empty-list-of-datasets", "rejected policy.require.training", "an empty list would allow everything")
      .policy = {{Replaced(HonestPolicy(), "datasets = [\"" + Sha("people.data") + "\"]", "datasets = []")}};
  b->Add("unrequired-allowed", "accepted", "what nobody asked about is listed");
  b->Add("unrequired-refused", "rejected policy.unrequired", "a policy could not be strict").policy = {
      {Replaced(HonestPolicy(), "as-of = true\n", "as-of = true\nallow-unrequired = false\n")}};
}

}  // namespace

void AddPolicyCases(BundleCaseBuilder* b) {
  AddTypos(b);
  AddEmpty(b);
}

}  // namespace attestml::vectorgen
