// Collateral, revocation, and by whose word it is now.
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SimulatedAuthority;

// The honest statements, with evidence from this platform.
std::vector<Text> From(const SimulatedAuthority& platform) { return {Bundle(BundleProver(platform).Lines(Story()))}; }

tee::SimulatedCollateral CollateralOf(const SimulatedAuthority& platform) {
  auto out = tee::IssueCollateral(platform);
  return std::move(out).value();
}

// Everything that a relying party would fetch from the vendor at `now`.
std::vector<evidence::CollateralItem> Fetched(const SimulatedAuthority& platform) {
  const auto collateral = CollateralOf(platform);
  return {{"tcb-info.json", ToBytes(AsBytes(collateral.tcb_info))},
          {"qe-identity.json", ToBytes(AsBytes(collateral.qe_identity))},
          {"root.crl", collateral.root_crl},
          {"pck.crl", collateral.pck_crl}};
}

void AddCollateral(BundleCaseBuilder* b) {
  b->Attack("expired, future, revoked or mismatched collateral");
  b->Add("collateral-of-that-day", "accepted", "collateral is good within its window").at = DaysLater(20);
  b->Add("collateral-expired", "untrusted sgx.crl.root.expired", "a prover would bring old collateral for ever").at =
      DaysLater(40);
  auto& renewed = b->Add("collateral-expired-and-renewed", "accepted", "what the relying party brings is used");
  renewed.at = DaysLater(40);
  renewed.collateral = Fetched(Platform("prover", DaysLater(39)));
  b->Add("collateral-of-the-future", "untrusted sgx.crl.root.not_yet_valid", "collateral would be dated at will").at =
      DaysLater(-1);
  b->Add("collateral-certificates-of-the-future", "untrusted sgx.pck.validity", "certificates would be dated at will")
      .at = DaysLater(-400);

  auto revoked = Platform();
  revoked.pck_crl.crl.revoked_serials = {revoked.pck.certificate.serial};
  b->Add("collateral-revokes-the-platform", "untrusted sgx.revocation.pck", "a platform whose key leaked would pass")
      .bundles = From(revoked);
  auto authority = Platform();
  authority.root_crl.crl.revoked_serials = {authority.platform_ca.certificate.serial};
  b->Add("collateral-revokes-the-authority", "untrusted sgx.revocation.authority",
         "its key leaked, and signs platforms")
      .bundles = From(authority);

  auto other_family = Platform();
  auto info = tee::SimulatedTcbInfo(kBundleTime);
  info.fmspc[0] ^= 1;
  other_family.tcb_info = tee::WriteTcbInfo(info);
  b->Add("collateral-of-another-family", "untrusted sgx.tcb_info.fmspc",
         "a platform would be judged by another's levels")
      .bundles = From(other_family);
  auto other_root = Platform();
  other_root.root_crl.issuer = VendorKeys("another vendor").root;
  b->Add("collateral-of-another-vendor", "untrusted sgx.crl.root.signature",
         "anybody could say that nothing is revoked")
      .bundles = From(other_root);
  auto none = Platform();
  none.pck_crl.crl.issuer = none.root_crl.crl.issuer;
  none.pck_crl.issuer = none.root_crl.issuer;
  b->Add("collateral-without-the-platforms-crl", "unavailable sgx.collateral.pck_crl",
         "revocation would not be looked at")
      .bundles = From(none);

  // Nobody whose word counts speaks of any model.
  const std::string word_of_nobody =
      " policy.model policy.require.accuracy policy.require.overlap policy.require.training policy.require.women";
  auto outdated = Platform();
  outdated.platform->tcb = tee::SimulatedTcbInfo(kBundleTime).levels[1].tcb;
  b->Add("status-out-of-date", "rejected policy.tcb_status" + word_of_nobody, "known holes would be accepted unasked")
      .bundles = From(outdated);
  auto& accepted = b->Add("status-out-of-date-accepted", "accepted", "a policy may accept a status by name");
  accepted.bundles = From(outdated);
  accepted.policy = {{Replaced(HonestPolicy(), "\"UpToDate\"", "\"UpToDate\", \"OutOfDate\"")}};
  auto revoked_level = Platform();
  auto levels = tee::SimulatedTcbInfo(kBundleTime);
  levels.levels[0].status = "Revoked";
  revoked_level.tcb_info = tee::WriteTcbInfo(levels);
  b->Add("status-revoked", "untrusted sgx.tcb.status", "a level of which keys are known would pass").bundles =
      From(revoked_level);
  b->Add("status-none-named", "rejected policy.tcb_status" + word_of_nobody, "an empty list would accept every status")
      .policy = {{Replaced(HonestPolicy(), "[\"UpToDate\"]", "[]")}};
  auto& age = b->Add("collateral-too-old-for-the-policy", "rejected policy.collateral_age" + word_of_nobody,
                     "a policy's limit would be ignored");
  age.at = DaysLater(20);
  age.policy = {{Replaced(HonestPolicy(), "as-of = true\n", "as-of = true\nmax-collateral-age-days = 19\n")}};
  auto& young = b->Add("collateral-not-too-old-for-the-policy", "accepted", "it is within the policy's limit");
  young.at = DaysLater(20);
  young.policy = {{Replaced(HonestPolicy(), "as-of = true\n", "as-of = true\nmax-collateral-age-days = 21\n")}};
  b->Add("platform-banned", "rejected policy.platform" + word_of_nobody, "a platform that a policy bans would pass")
      .policy = {{Replaced(HonestPolicy(), "as-of = true\n", "as-of = true\nbanned-platforms = [\"0053494d0000\"]\n")}};
  b->Add("platform-not-banned", "accepted", "another platform is banned").policy = {
      {Replaced(HonestPolicy(), "as-of = true\n", "as-of = true\nbanned-platforms = [\"0053494d0001\"]\n")}};
}

void AddRevocations(BundleCaseBuilder* b) {
  b->Attack("revocation in newer collateral under an old time");
  const auto later = Platform("prover", DaysLater(100));
  b->Add("newer-collateral-revokes-nothing", "accepted", "newer collateral alone harms nobody").collateral =
      Fetched(later);
  auto revoked = later;
  revoked.pck_crl.crl.revoked_serials = {revoked.pck.certificate.serial};
  b->Add("newer-collateral-revokes-the-platform", "untrusted sgx.revocation.pck",
         "a prover would go back to before it was caught")
      .collateral = {{"pck.crl", CollateralOf(revoked).pck_crl}};
  auto signer = later;
  signer.root_crl.crl.revoked_serials = {signer.tcb_signer.certificate.serial};
  b->Add("newer-collateral-revokes-the-tcb-signer", "untrusted sgx.revocation.tcb_signer",
         "a forged TCB info would stay good")
      .collateral = {{"root.crl", CollateralOf(signer).root_crl}};
  auto stranger = Platform("prover", DaysLater(100), "another vendor");
  stranger.pck_crl.crl.revoked_serials = {later.pck.certificate.serial};
  b->Add("newer-collateral-of-a-stranger-revokes", "accepted", "anybody could take a platform down").collateral = {
      {"pck.crl", CollateralOf(stranger).pck_crl}};

  b->Attack("an earlier time without the policy's leave");
  b->Add("as-of-allowed", "accepted", "a policy may accept what was good then");
  b->Add("as-of-not-allowed", "rejected policy.as_of", "a prover would choose the time").policy = {
      {Replaced(HonestPolicy(), "as-of = true\n", "")}};
}

// A root that the policy adds is one of a vendor, named, and of no other.
void AddRoots(BundleCaseBuilder* b) {
  b->Attack("root of somebody else");
  const auto policy = [](const std::string& vendor) {
    return "[[root]]\nname = \"our own\"\nkey = \"" + RootOf() + "\"\nvendor = \"" + vendor + "\"\n\n" +
           Replaced(HonestPolicy(), "tee = \"simulated\"", "tee = \"sgx\"");
  };
  b->Add("root-added-by-the-policy", "accepted", "a policy may trust another root").policy = {{policy("intel")}};
  for (const char* vendor : {"amd", "aws"}) {
    b->Add("root-added-of-" + std::string(vendor), "untrusted sgx.pck.chain",
           "a root of one vendor would vouch for evidence of another")
        .policy = {{policy(vendor)}};
  }
  b->Add("root-added-of-nobody", "none usage policy.unknown_name", "a root would be of every vendor").policy = {
      {policy("anybody")}};
  b->Add("root-removed-that-is-none", "none usage policy.value", "a typo would leave a root in place").policy = {
      {Replaced(HonestPolicy(), "as-of = true\n", "as-of = true\nremoved-roots = [\"" + RootOf() + "\"]\n")}};
}

}  // namespace

void AddTimeCases(BundleCaseBuilder* b) {
  AddCollateral(b);
  AddRevocations(b);
  AddRoots(b);
}

}  // namespace attestml::vectorgen
