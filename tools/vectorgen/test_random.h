// Randomness that is none, for vectors that come out the same every time.
#pragma once

#include <string_view>

namespace attestml::vectorgen {

// SeedRandom makes every random byte that the cryptographic library draws in this process a function of `seed`, until
// it is called again: keys that are generated then, and the nonces of signatures. What is made so protects NOTHING:
// anybody can make it again. It is for the generator of vectors; no product code may call it.
void SeedRandom(std::string_view seed);

}  // namespace attestml::vectorgen
