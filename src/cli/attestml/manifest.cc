#include "artifact/manifest.h"

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"

namespace attestml::cli {
namespace {

struct Options {
  std::string path, out = "-";
  artifact::ManifestOptions manifest;
};

// The manifest's own SHA-256 is the root, so nothing follows it in a file, not even a line end.
Status WriteManifest(const Options& options) {
  ATTESTML_TRY(const auto manifest, artifact::MeasureTree(options.path, options.manifest));
  const std::string root = "sha256:" + HexEncode(manifest.root);
  if (options.out != "-") {
    ATTESTML_CHECK(artifact::WriteFileAtomically(options.out, AsBytes(manifest.text)));
    return Print(root + "\n");
  }
  Note(root + ", " + std::to_string(manifest.files) + (manifest.files == 1 ? " file, " : " files, ") +
       std::to_string(manifest.bytes) + " bytes");
  Note("as OpenSSF Model Signing names the model: sha256:" + HexEncode(manifest.model));
  return Print(manifest.text);
}

}  // namespace

Result<crypto::Digest256> DigestOfPath(const std::string& path) {
  if (artifact::IsFolder(path)) {
    ATTESTML_TRY(const auto manifest, artifact::MeasureTree(path));
    return manifest.root;
  }
  ATTESTML_TRY(const auto file, artifact::MeasuredFile::Read(path, path));
  return file.sha256();
}

void AddManifest(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("manifest", "Measure a folder, or one large file, in shards on all cores");
  command->add_option("PATH", options->path, "The folder or file")->required();
  command
      ->add_option("--shard-size", options->manifest.shard_size, "Bytes of a shard; certify and verify use the default")
      ->capture_default_str();
  command->add_option("--threads", options->manifest.threads, "How many at once; 0: one for each core")
      ->capture_default_str();
  command->add_option("-o,--out", options->out, "Where the manifest goes; \"-\" is standard output")
      ->capture_default_str();
  command->footer(
      "With -o, prints the root: the SHA-256 of the manifest, by which certify and verify know a folder.\n"
      "Example:\n  attestml manifest model/ -o manifest.json");
  command->callback([options, exit_code] {
    const Status status = WriteManifest(*options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

}  // namespace attestml::cli
