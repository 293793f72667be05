// A model is read from a measured file, not from bytes.
#include "model/model.h"

attestml::Result<attestml::model::Model> Load(const attestml::artifact::MeasuredFile& file,
                                              const attestml::Bytes& bytes) {
#ifdef WRONG
  static_cast<void>(file);
  return attestml::model::Model::Parse(bytes);
#else
  static_cast<void>(bytes);
  return attestml::model::Model::Parse(file);
#endif
}
