# cmake -DOUT=file.cc -DNAMES=a;b -DFILES=x.so;y.so -P ModuleDigests.cmake
# Writes the table of engine modules with the SHA-256 of the files that were just linked.
set(rows "")
set(count 0)
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(SHA256 ${file} digest)
  get_filename_component(base ${file} NAME)
  string(APPEND rows "    {\"${name}\", \"${base}\",\n     \"${digest}\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUT} "#include \"engine/builtin/builtin_digests.h\"

#include <array>

namespace attestml::engine {
namespace {
constexpr std::array<BuiltinDigest, ${count}> kDigests = {{
${rows}}};
}  // namespace

std::span<const BuiltinDigest> BuiltinDigests() { return kDigests; }

}  // namespace attestml::engine
")
