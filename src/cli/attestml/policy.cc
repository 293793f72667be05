#include "policy/policy.h"

#include <algorithm>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "policy/claimed_roots.h"
#include "policy/report.h"

namespace attestml::cli {
namespace {

struct InitOptions {
  std::vector<std::string> bundles;
  std::vector<std::string> roots;
  std::vector<std::string> collateral;
  std::string out = "-";
  bool cached = false;
  std::string at;
};

struct Proved {
  verify::VerifiedBundle bundle;
  std::vector<crypto::Digest256> claimed;  // roots that only the bundle shows
};

// Under the anchors at hand; and when these are not enough, under the roots that the evidence itself shows, as
// simulated ones. Only here: a starting policy is for the user to read, and no verdict.
Result<Proved> Prove(const std::vector<statement::Envelope>& envelopes,
                     const std::vector<evidence::CollateralItem>& collateral, std::vector<verify::TrustAnchor> anchors,
                     Time time) {
  auto outcome = verify::VerifyBundle(envelopes, collateral, anchors, time);
  if (outcome.bundle.ok()) return Proved{std::move(outcome.bundle).value(), {}};
  if (outcome.bundle.error().kind != ErrorKind::kUntrusted) return outcome.bundle.error();
  std::vector<crypto::Digest256> claimed = policy::ClaimedRoots(envelopes);
  std::erase_if(claimed, [&](const crypto::Digest256& root) {
    return std::any_of(anchors.begin(), anchors.end(), [&](const auto& anchor) { return anchor.key_id == root; });
  });
  if (claimed.empty()) return outcome.bundle.error();
  for (const auto& root : claimed) anchors.push_back({"simulated", root, true});
  auto again = verify::VerifyBundle(envelopes, collateral, anchors, time);
  if (!again.bundle.ok()) return again.bundle.error();
  // Those that nothing ends at vouch for nothing.
  std::erase_if(claimed, [&](const crypto::Digest256& root) {
    const auto& evidence = again.bundle->evidence();
    return std::none_of(evidence.begin(), evidence.end(),
                        [&](const auto& each) { return each.evidence.root() == root; });
  });
  return Proved{std::move(again.bundle).value(), std::move(claimed)};
}

Status Init(const InitOptions& options) {
  std::vector<statement::Envelope> envelopes;
  for (const std::string& path : options.bundles) {
    ATTESTML_TRY(const Bytes text, artifact::ReadFile(path));
    auto parsed = statement::ParseBundle(AsText(text));
    if (!parsed.ok()) return Within(path, std::move(parsed).error());
    envelopes.insert(envelopes.end(), parsed->begin(), parsed->end());
  }
  ATTESTML_TRY(auto anchors, ReadAnchors(options.roots));
  ATTESTML_TRY(const Time time, TimeOf(options.at));
  ATTESTML_TRY(const auto collateral, ReadCollateral(options.collateral, options.cached));
  ATTESTML_TRY(const Proved proved, Prove(envelopes, collateral, std::move(anchors), time));
  ATTESTML_CHECK(
      artifact::WriteFileAtomically(options.out, AsBytes(policy::StartingPolicy(proved.bundle, proved.claimed))));
  for (const auto& root : proved.claimed) {
    Note("the evidence is SIMULATED and its root was taken from the bundle itself: compare sha256:" + HexEncode(root) +
         " with what `attestml tee status` prints");
  }
  return {};
}

}  // namespace

void AddPolicy(CLI::App& app, int* exit_code) {
  CLI::App* command = app.add_subcommand("policy", "Write a starting policy; check one");
  command->require_subcommand(1);

  auto init_options = std::make_shared<InitOptions>();
  CLI::App* init =
      command->add_subcommand("init", "Write a starting policy from what a bundle claims, for you to tighten");
  init->add_option("BUNDLE", init_options->bundles, "Bundles (*.intoto.jsonl)")->required();
  init->add_option(
      "--simulated-root", init_options->roots,
      "Key id of a simulated TEE's root (attestml tee status); without it, what the bundle shows, and a warning");
  init->add_option("--collateral", init_options->collateral, "Newer collateral: files or folders");
  init->add_flag("--cached", init_options->cached,
                 "Collateral of the directory that `attestml collateral fetch` fills, too");
  init->add_option("--at", init_options->at, "As of this time instead of now");
  init->add_option("-o,--out", init_options->out, "Where to write; \"-\" is standard output")->capture_default_str();
  init->footer("Example:\n  attestml policy init claims.intoto.jsonl -o policy.toml");
  init->callback([init_options, exit_code] {
    const Status status = Init(*init_options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
    if (!status.ok()) HintAtFetching(status.error(), init_options->bundles.front());
  });

  AddPolicyImport(*command, exit_code);

  auto file = std::make_shared<std::string>();
  CLI::App* check = command->add_subcommand("check", "Read a policy strictly and say what it asks for");
  check->add_option("FILE", *file, "The policy (TOML)")->required();
  check->callback([file, exit_code] {
    const auto text = artifact::ReadFile(*file, std::size_t{1} << 20);
    if (!text.ok()) {
      *exit_code = Fail(text.error());
      return;
    }
    const auto policy = policy::ParsePolicy(AsText(*text), *file);
    if (!policy.ok()) {
      *exit_code = Fail(policy.error());
      return;
    }
    std::string out = *file + ": " + std::to_string(policy->programs.size()) + " program" +
                      (policy->programs.size() == 1 ? "" : "s") + ", " + std::to_string(policy->requirements.size()) +
                      " requirement" + (policy->requirements.size() == 1 ? "" : "s") + ", " +
                      std::to_string(policy->certifiers.size()) + " certifier" +
                      (policy->certifiers.size() == 1 ? "" : "s") + "\n";
    if (policy->requirements.empty()) out += "it requires nothing, so it accepts nothing\n";
    const Status printed = Print(out);
    *exit_code = printed.ok() ? 0 : Fail(printed.error());
  });
}

}  // namespace attestml::cli
