// The model that the build has made, for this room's tests. They fail without it: tools/model.py
// says what is missing.
#pragma once

#include <cstdlib>

#include "search/model_file.h"

namespace toolgate::search {

inline const ModelFile& testing_model() {
  static const auto file = [] {
    const char* path = std::getenv("TOOLGATE_MODEL");
    return ModelFile::open(path != nullptr ? path : "TOOLGATE_MODEL is not set");
  }();
  if (!file) std::fprintf(stderr, "%s\n", file.error().message.c_str());
  ASSERT(file.has_value());
  return *file;
}

}  // namespace toolgate::search
