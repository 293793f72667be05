// A table is built from a measured file, not from bytes.
#include "data/table.h"

attestml::Result<attestml::data::Table> Load(const attestml::artifact::MeasuredFile& file, const attestml::Bytes& bytes,
                                             const attestml::statement::Selection& selection) {
#ifdef WRONG
  static_cast<void>(file);
  return attestml::data::Table::Read(bytes, selection);
#else
  static_cast<void>(bytes);
  return attestml::data::Table::Read(file, selection);
#endif
}
