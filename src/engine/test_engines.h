// Engines for tests, loaded once a process with one thread.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "engine/builtin/builtin_modules.h"
#include "engine/module.h"

namespace attestml::engine {

// Null when this build does not have it. A module that is there and does not load fails the test.
inline Engine* TestEngine(const std::string& name) {
  static std::map<std::string, std::unique_ptr<Engine>> engines;
  const auto known = engines.find(name);
  if (known != engines.end()) return known->second.get();
  const auto module = FindModule(name);
  if (!module.ok()) return nullptr;
  auto engine = LoadModule(*module, 1);
  EXPECT_TRUE(engine.ok()) << engine.error().id << ": " << engine.error().message;
  engines[name] = engine.ok() ? std::move(*engine) : nullptr;
  return engines[name].get();
}

}  // namespace attestml::engine
