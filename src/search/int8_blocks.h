// How the kernels walk: block after block of 16 output channels, whose values stay in the first
// cache, and for each block all tokens, as many at a time as there are registers for their sums.
#pragma once

#include <array>
#include <cstring>
#include <utility>

#include "search/int8_kernels.h"

namespace toolgate::search {

// One block and the tokens of one step.
struct Int8Step {
  const std::int8_t* values;   // of the block
  std::size_t groups;          // of four inputs
  const std::uint8_t* tokens;  // the first of the step
  const float* token_scales;
  const float* scales;  // of the block's channels, as the following
  const std::int32_t* sums;
  const float* bias;
  float* out;  // the first token's
  std::size_t out_stride;
};

// Four activations as the 32 bits that are copied to every lane.
[[gnu::always_inline]] inline std::int32_t four_inputs(const Int8Step& step, std::size_t token,
                                                       std::size_t group) {
  std::int32_t four = 0;
  std::memcpy(&four, step.tokens + (token * step.groups + group) * int8_group, sizeof four);
  return four;
}

using Int8StepFunction = void (*)(const Int8Step&);

// `steps[i]` does i + 1 tokens. Tokens are spread evenly: of 18 with room for 12 come 9 and 9.
template <std::size_t Most>
void walk_blocks(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out,
                 const std::array<Int8StepFunction, Most>& steps) {
  const std::size_t rounds = (tokens.count + Most - 1) / Most;
  for (std::size_t n = 0; n < matrix.outputs; n += int8_lanes) {
    std::size_t first = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t end = tokens.count * (round + 1) / rounds;
      steps[end - first - 1]({.values = matrix.values + n * matrix.inputs,
                              .groups = matrix.inputs / int8_group,
                              .tokens = tokens.values + first * matrix.inputs,
                              .token_scales = tokens.scales + first,
                              .scales = matrix.scales + n,
                              .sums = matrix.sums + n,
                              .bias = matrix.bias + n,
                              .out = out + first * matrix.outputs + n,
                              .out_stride = matrix.outputs});
      first = end;
    }
  }
}

}  // namespace toolgate::search
