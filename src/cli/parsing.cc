#include "cli/parsing.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/nearest_name.h"
#include "cli/terminal.h"

namespace attestml::cli {
namespace {

void RefuseEmptyValues(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 0) continue;
    option->check(CLI::Validator(
        [](std::string& value) -> std::string { return value.empty() ? "want a value, got an empty one" : ""; }, ""));
  }
  for (CLI::App* command : app.get_subcommands({})) RefuseEmptyValues(*command);
}

// A first word that is no command, with the command it may have been meant for.
std::optional<std::string> UnknownCommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  const std::string word = argv[1];
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return std::nullopt;
    names.push_back(command->get_name());
  }
  const std::string near = NearestName(word, names);
  return "no command is called \"" + word + "\"" + (near.empty() ? "" : ", did you mean \"" + near + "\"?");
}

}  // namespace

std::optional<int> ParseArguments(CLI::App& app, int argc, char** argv) {
  RefuseEmptyValues(app);
  if (const auto unknown = UnknownCommand(app, argc, argv)) return Fail(Usage("cli.command", *unknown));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // help, version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return Fail(Usage("cli.usage", error.what()));
  }
  return std::nullopt;
}

}  // namespace attestml::cli
