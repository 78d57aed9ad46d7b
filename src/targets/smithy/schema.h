// JSON Schema 2020-12 of an operation's input and output.
#pragma once

#include <vector>

#include "json/json.h"
#include "targets/smithy/model.h"

namespace toolgate::targets::smithy {

// What arguments must look like: every constraint of the model, with its documentation.
[[nodiscard]] JsonObject input_schema(const Shape* input);
// What an answer looks like. Services add members and values at will and leave out what is
// required, and clients drop a result that breaks its schema: types only.
[[nodiscard]] JsonObject output_schema(const Shape* output);

// The aggregate shapes that can be reached from a shape, itself first, and how often each is named;
// stops after `count_max`.
struct Reached {
  const Shape* shape = nullptr;
  std::size_t times = 0;
};
[[nodiscard]] std::vector<Reached> reach(const Shape& from, std::size_t count_max);

// More shapes than this make a tool that nobody can read; the greatest of AWS's have some 800.
inline constexpr std::size_t shapes_per_tool_max = 4'000;

}  // namespace toolgate::targets::smithy
