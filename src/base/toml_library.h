// The TOML library, included here and nowhere else.
//
// toml++ 3.3 tells the compiler to assume that a table header goes on with a character of a key ("[!" breaks it), and
// then handles the case all the same. In a release build the assumption is undefined behaviour, in a debug build it
// aborts, both on bytes that somebody else wrote. Without its assertions the handling is what remains.
#pragma once

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
