// A property that somebody wrote in TorchScript: it runs behind the engine and is named by the digest of its bytes.
// spec/properties.md, "custom"; docs/add-a-property.md, section 4.
#pragma once

#include <string>

#include "base/bytes.h"
#include "properties/property.h"

namespace attestml::properties {

class CustomProperty final : public Property {
 public:
  // `name` is lower-case words joined by hyphens, at most 64 characters; `program` a TorchScript file, which is copied.
  // Error property.custom.name (usage).
  static Result<CustomProperty> Make(BytesView program, std::string_view name);

  // "custom:" and the SHA-256 of the program and "/" and the name: never that of a built-in.
  std::string_view name() const override { return name_; }
  std::string_view implementation() const override { return implementation_; }
  bool needs_predictions() const override { return true; }
  unsigned needs() const override { return kPredictions | kModel; }
  // Parameters `groups` (default: the selection's sensitive attributes) and `bins`. Errors property.custom.result, and
  // what the engine says of the program.
  Result<Measurement> Measure(const Inputs& inputs) const override;

 private:
  CustomProperty() = default;
  Bytes program_;
  std::string name_;
  std::string implementation_;
};

}  // namespace attestml::properties
