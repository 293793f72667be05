#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "fetch/collateral.h"
#include "fetch/curl_transport.h"

namespace attestml::cli {
namespace {

struct FetchCommand {
  std::string file, out, at;
  fetch::Services services;
  fetch::FetchOptions options;
  fetch::CurlOptions curl;
  fetch::RetryPolicy retry;
  std::vector<std::string> roots;
  bool json = false, quiet = false;
};

std::string PlatformText(const fetch::Platform& platform) {
  if (platform.intel) {
    return "FMSPC " + HexEncode(platform.intel->pck.fmspc) + ", certified by " + platform.intel->ca_name;
  }
  if (!platform.amd) return "";
  std::string out;
  for (const auto line : platform.amd->lines) out += (out.empty() ? "" : " or ") + std::string(ProductLineName(line));
  return out + ", signed by a " + std::string(SigningKeyName(platform.amd->key));
}

// Evidence of one platform, and of one firmware, needs the same documents.
std::string KeyOf(const fetch::Platform& platform) {
  if (platform.intel) {
    return (platform.intel->is_tdx ? "tdx " : "sgx ") + HexEncode(platform.intel->pck.fmspc) + platform.intel->ca_name;
  }
  if (!platform.amd) return platform.format;
  return PlatformText(platform) + HexEncode(platform.amd->chip_id) + HexEncode(platform.amd->tcb);
}

Result<std::vector<fetch::Platform>> PlatformsIn(const std::string& file, std::span<const verify::TrustAnchor> anchors,
                                                 Time time) {
  ATTESTML_TRY(const auto packages, ReadAllEvidence(file));
  std::vector<fetch::Platform> out;
  for (const auto& package : packages) {
    ATTESTML_TRY(fetch::Platform platform, fetch::PlatformOf(package.evidence, anchors, time));
    const auto same = [&](const auto& each) { return KeyOf(each) == KeyOf(platform); };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(platform));
  }
  return out;
}

Json ToJson(const fetch::Platform& platform, const fetch::Fetched& fetched, const std::string& directory, Time time) {
  Json items = Json::array();
  for (const fetch::FetchedItem& item : fetched.items) {
    Json each = {{"document", std::string(DocumentName(item.document))},
                 {"name", item.name},
                 {"sha256", HexEncode(item.sha256)},
                 {"issued", FormatTime(item.age.issued)},
                 {"valid_until", FormatTime(item.age.until)},
                 {"state", std::string(EntryStateName(item.state))}};
    if (!item.url.empty()) each["url"] = item.url;
    if (item.age.evaluation_number != 0) each["evaluation_number"] = item.age.evaluation_number;
    items.push_back(std::move(each));
  }
  Json out = {{"version", 1},
              {"format", platform.format},
              {"directory", directory},
              {"time", FormatTime(time)},
              {"items", std::move(items)},
              {"notes", fetched.notes}};
  if (const std::string text = PlatformText(platform); !text.empty()) out["platform"] = text;
  return out;
}

std::string ToText(const fetch::Platform& platform, const fetch::Fetched& fetched, const std::string& directory) {
  const std::string text = PlatformText(platform);
  std::string out = "collateral for an " + platform.format + (text.empty() ? "" : ", " + text) + "\n";
  for (const fetch::FetchedItem& item : fetched.items) {
    std::string state(EntryStateName(item.state));
    state.resize(10, ' ');
    out += "  " + state + item.name + "  from " + FormatTime(item.age.issued).substr(0, 10) + " to " +
           FormatTime(item.age.until).substr(0, 10);
    if (item.age.evaluation_number != 0) {
      out += ", evaluation number " + std::to_string(item.age.evaluation_number);
    }
    out += "\n";
  }
  if (!fetched.items.empty()) out += "in " + directory + "\n";
  for (const std::string& note : fetched.notes) out += note + "\n";
  return out;
}

Result<std::string> Fetch(FetchCommand command) {
  ATTESTML_CHECK(CheckServices(&command.services));
  ATTESTML_TRY(const Time time, TimeOf(command.at));
  ATTESTML_TRY(auto anchors, ReadAnchors(command.roots));
  // One who asks a simulated vendor does not want the genuine one's word.
  if (!command.roots.empty()) std::erase_if(anchors, [](const verify::TrustAnchor& each) { return !each.simulated; });
  if (command.out.empty()) {
    ATTESTML_TRY(command.out, fetch::DefaultCacheDirectory());
  }
  ATTESTML_TRY(const auto platforms, PlatformsIn(command.file, anchors, time));
  const fetch::Cache cache(command.out);
  ATTESTML_TRY(const auto transport, fetch::MakeCurlTransport(command.curl));
  ATTESTML_TRY(const Time now, TimeOf(""));
  fetch::Session session(*transport, fetch::SystemClock(), command.retry, now);
  if (!command.quiet) {
    session.on_retry = [](const Error& error, double pause) {
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%.1f", pause);
      Note(error.message + "; asking again in " + seconds + " s");
    };
  }
  std::string text;
  Json all = Json::array();
  for (const fetch::Platform& platform : platforms) {
    fetch::Fetched fetched = fetch::NothingToFetch();
    if (platform.intel || platform.amd) {
      ATTESTML_TRY(fetched,
                   fetch::FetchCollateral(platform, anchors, time, command.services, command.options, &session, cache));
    }
    text += ToText(platform, fetched, cache.directory());
    all.push_back(ToJson(platform, fetched, cache.directory(), time));
  }
  if (!command.json) return text;
  // One object where there is one platform, as there is of a quote or a report.
  return PrettyJson(all.size() == 1 ? all[0] : Json{{"version", 1}, {"platforms", std::move(all)}});
}

int Run(const FetchCommand& command) {
  const auto text = Fetch(command);
  if (!text.ok()) return Fail(text.error());
  if (command.quiet) return 0;
  const Status printed = Print(*text);
  return printed.ok() ? 0 : Fail(printed.error());
}

}  // namespace

void AddCollateral(CLI::App& app, int* exit_code) {
  CLI::App* command = app.add_subcommand("collateral", "Fetch what evidence is verified with from its vendor");
  command->require_subcommand(1);
  auto options = std::make_shared<FetchCommand>();
  CLI::App* fetch = command->add_subcommand(
      "fetch", "Ask Intel or AMD for the collateral of evidence, check it, and keep it in a directory");
  fetch->add_option("FILE", options->file, "A quote, report, CMW collection or bundle; \"-\" is standard input")
      ->required();
  fetch->add_option("-o,--out", options->out, "The directory; default: what `attestml collateral path` prints");
  auto* pcs =
      fetch->add_option("--pcs", options->services.pcs, "Intel's service, or one like it")->capture_default_str();
  auto* root_crl = fetch->add_option("--root-crl", options->services.root_crl, "Where the CRL of Intel's root lies")
                       ->capture_default_str();
  fetch->add_option("--pccs", options->services.pccs, "A caching service (PCCS) to ask instead of Intel")
      ->excludes(pcs)
      ->excludes(root_crl);
  fetch->add_option("--kds", options->services.kds, "AMD's service, or one like it")->capture_default_str();
  fetch
      ->add_option("--update", options->services.update,
                   "Intel's TCB data as published at once (early), or after the grace period (standard)")
      ->check(CLI::IsMember({"early", "standard"}));
  fetch->add_option("--at", options->at, "What is served must be valid then (2025-07-04T10:28:44Z) instead of now");
  fetch->add_option("--timeout", options->retry.total_seconds, "Seconds for all of it, waiting included")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  fetch->add_option("--attempts", options->retry.max_attempts, "How often to ask for one document at most")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  fetch->add_option("--tls-ca", options->curl.ca_file, "Who may vouch for https servers (PEM), instead of the system");
  fetch->add_flag("--refresh", options->options.refresh, "Ask again for AMD's certificates that the directory has");
  fetch->add_flag("--allow-older", options->options.allow_older, "Let what is served replace a newer issue");
  fetch->add_option("--simulated-root", options->roots,
                    "Key id of a simulated TEE's root to hold answers against, and no other");
  fetch->add_flag("--json", options->json, "Print what was fetched as one JSON object");
  fetch->add_flag("-q,--quiet", options->quiet, "Print nothing; the exit status tells");
  fetch->footer(
      "Everything or nothing is kept, and only what the vendor's pinned root has signed for this platform, and is "
      "valid\n"
      "now. Verifying asks nobody. HTTPS_PROXY, ALL_PROXY and NO_PROXY are honoured for https, none for http or this "
      "machine.\n"
      "\nExamples:\n"
      "  attestml collateral fetch quote.bin && attestml evidence verify quote.bin --cached\n"
      "  attestml collateral fetch claims.intoto.jsonl && attestml verify claims.intoto.jsonl --cached --policy "
      "p.toml\n"
      "  attestml collateral fetch quote.bin --pccs https://localhost:8081 --tls-ca pccs.pem\n"
      "  attestml collateral fetch report.bin -o amd/ && attestml evidence verify report.bin --collateral amd/");
  fetch->callback([options, exit_code] { *exit_code = Run(*options); });

  CLI::App* path = command->add_subcommand("path", "Print the directory that fetch fills and --cached reads");
  path->footer(
      "Example:\n  attestml verify claims.intoto.jsonl --policy policy.toml --collateral \"$(attestml collateral "
      "path)\"");
  path->callback([exit_code] {
    const auto directory = fetch::DefaultCacheDirectory();
    const Status printed = directory.ok() ? Print(*directory + "\n") : Status(directory.error());
    *exit_code = printed.ok() ? 0 : Fail(printed.error());
  });
}

}  // namespace attestml::cli
