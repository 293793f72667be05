#include "cli/reference.h"

#include <sstream>
#include <vector>

#include "base/result.h"

namespace attestml::cli {
namespace {

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\n.br\n";
      continue;
    }
    out += c;
  }
  return out;
}

std::vector<const CLI::App*> Subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

void Options(std::ostringstream& out, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    out << ".TP\n.B " << Escape(option->get_name(false, true)) << "\n" << Escape(option->get_description()) << "\n";
  }
}

void Command(std::ostringstream& out, const CLI::App& app, const std::string& name) {
  out << ".SS " << Escape(name) << "\n" << Escape(app.get_description()) << "\n";
  Options(out, app);
  if (!app.get_footer().empty()) out << ".PP\n" << Escape(app.get_footer()) << "\n";
  for (const CLI::App* sub : Subcommands(app)) Command(out, *sub, name + " " + sub->get_name());
}

// Every command path with the words that may follow it: its subcommands and long options.
void Words(const CLI::App& app, const std::string& path, std::vector<std::pair<std::string, std::string>>* out) {
  std::string words;
  for (const CLI::App* sub : Subcommands(app)) words += sub->get_name() + " ";
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  out->emplace_back(path, words);
  for (const CLI::App* sub : Subcommands(app)) Words(*sub, path + " " + sub->get_name(), out);
}

}  // namespace

std::string ManualPage(const CLI::App& app) {
  std::ostringstream out;
  out << ".TH ATTESTML 1 \"\" \"attestml " ATTESTML_VERSION "\" \"User Commands\"\n.SH NAME\nattestml \\- "
      << Escape(app.get_description()) << "\n.SH SYNOPSIS\n.B attestml\n.I command\n[options]\n.SH COMMANDS\n";
  for (const CLI::App* sub : Subcommands(app)) Command(out, *sub, sub->get_name());
  out << ".SH EXIT STATUS\n.TP\n.B 0\naccepted, or done: every required check ran and passed\n.TP\n.B 1\na bug in this "
         "program\n";
  for (const ErrorKind kind : {ErrorKind::kUsage, ErrorKind::kMalformed, ErrorKind::kUnsupported, ErrorKind::kUntrusted,
                               ErrorKind::kRejected, ErrorKind::kUnavailable}) {
    out << ".TP\n.B " << ExitCode(kind) << "\n" << KindName(kind) << "\n";
  }
  out << ".SH ENVIRONMENT\n.TP\n.B ATTESTML_TEE_DIR\nwhere the simulated TEEs keep their authorities\n.TP\n.B "
         "NO_COLOR\nno "
         "colours on a terminal\n";
  return out.str();
}

std::string Completion(const CLI::App& app, const std::string& shell) {
  std::vector<std::pair<std::string, std::string>> words;
  Words(app, "attestml", &words);
  std::ostringstream out;
  if (shell == "fish") {
    for (const CLI::App* sub : Subcommands(app)) {
      out << "complete -c attestml -n __fish_use_subcommand -a " << sub->get_name() << "\n";
      for (const CLI::Option* option : sub->get_options()) {
        for (const std::string& name : option->get_lnames()) {
          out << "complete -c attestml -n '__fish_seen_subcommand_from " << sub->get_name() << "' -l " << name << "\n";
        }
      }
    }
    return out.str();
  }
  if (shell != "bash" && shell != "zsh") return "";
  if (shell == "zsh") out << "autoload -U +X bashcompinit && bashcompinit\n";
  out << "_attestml() {\n  local path=attestml word i\n  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    word=${COMP_WORDS[i]}\n    case \"$path $word\" in\n";
  for (const auto& [path, list] : words) {
    if (path != "attestml") out << "      '" << path << "') path='" << path << "' ;;\n";
  }
  out << "    esac\n  done\n  case $path in\n";
  for (const auto& [path, list] : words) out << "    '" << path << "') word='" << list << "' ;;\n";
  out << "  esac\n  COMPREPLY=($(compgen -W \"$word\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || COMPREPLY+=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
         "complete -o filenames -F _attestml attestml\n";
  return out.str();
}

}  // namespace attestml::cli
