// emulated_file FOLDER FIRST SECOND: FOLDER/(FIRST's name) is a file that a hostile host changes as it is read: what is
// read once is FIRST's, what is read again SECOND's. Says "ready", and ends when standard input does.
#include <cstdio>
#include <filesystem>
#include <string>

#include "artifact/measured_file.h"
#include "emulated.h"

int main(int argc, char** argv) {
  using namespace attestml;
  if (argc == 2 && std::string(argv[1]) == "--can-mount") return emulated::CanMount() ? 0 : 1;
  if (argc != 4) return 2;
  auto first = artifact::ReadFile(argv[2], std::size_t{1} << 30);
  auto second = artifact::ReadFile(argv[3], std::size_t{1} << 30);
  if (!first.ok() || !second.ok()) return 1;
  const auto mount = emulated::MountShifting(argv[1], std::filesystem::path(argv[2]).filename(),
                                             std::move(first).value(), std::move(second).value());
  std::puts("ready");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
