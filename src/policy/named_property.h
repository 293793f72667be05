// What a policy may ask about a property of this name: the vocabulary's, or a program's that is named by its digest.
#pragma once

#include <string>
#include <string_view>

#include "statement/vocabulary.h"

namespace attestml::policy {

// "custom:" and the SHA-256 of a program in lower-case hexadecimal, "/" and a plain name, and nothing else. The whole
// of it is the name: the same word with another digest is another property, and so is the word alone.
bool IsCustomProperty(std::string_view name);

// Lower-case words joined by hyphens, at most 64 characters: what a program may call a number.
bool IsPlainName(std::string_view name);

// The vocabulary's entry or, for a custom property, one that stands for all of them: about a model and never a column,
// no class is positive, metrics unknown (empty). Null for any other name.
const statement::PropertyName* FindNamedProperty(std::string_view name);

// What `implementation` starts with, before "/VERSION": the name, without what stands before it in a custom one.
std::string ImplementationName(std::string_view property);

}  // namespace attestml::policy
