# cmake -DOUT=file.cc -DMODULE=torch -DLIBRARIES=a;b -DEMPTY=empty.so -P UnusedLibraries.cmake
# Writes the names of libraries that nothing uses, and the bytes of an empty one.
set(names "")
set(count 0)
foreach(name IN LISTS LIBRARIES)
  string(APPEND names "    \"${name}\",\n")
  math(EXPR count "${count} + 1")
endforeach()
file(READ ${EMPTY} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include \"engine/builtin/unused_libraries.h\"

#include <array>

namespace attestml::engine {
namespace {
constexpr std::array<std::string_view, ${count}> kNames = {
${names}};
constexpr std::uint8_t kEmpty[] = {${bytes}};
}  // namespace

std::span<const std::string_view> UnusedLibraries(std::string_view module) {
  if (module != \"${MODULE}\") return {};
  return kNames;
}

BytesView EmptyLibrary() { return kEmpty; }

}  // namespace attestml::engine
")
