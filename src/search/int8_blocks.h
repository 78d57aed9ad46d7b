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
  const Int8Matrix& matrix;
  std::size_t channel;         // the block's first
  const std::uint8_t* tokens;  // the first of the step
  const float* token_scales;
  float* out;  // the first token's, the block's first channel
};

// Four activations as the 32 bits that are copied to every lane.
[[gnu::always_inline]] inline std::int32_t four_inputs(const std::uint8_t* inputs) {
  std::int32_t four = 0;
  std::memcpy(&four, inputs, sizeof four);
  return four;
}

using Int8StepFunction = void (*)(const Int8Step&);

template <class Kernel, std::size_t... I>
constexpr std::array<Int8StepFunction, sizeof...(I)> int8_steps(std::index_sequence<I...>) {
  return {Kernel::template step<I + 1>...};
}

// `Kernel::step<n>` does n tokens, up to `Kernel::tokens_at_once`. Tokens are spread evenly: of 18
// with room for 12 come 9 and 9.
template <class Kernel>
void multiply_by(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out) {
  constexpr std::size_t most = Kernel::tokens_at_once;
  static constexpr auto steps = int8_steps<Kernel>(std::make_index_sequence<most>{});
  const std::size_t rounds = (tokens.count + most - 1) / most;
  for (std::size_t n = 0; n < matrix.outputs; n += int8_lanes) {
    std::size_t first = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t end = tokens.count * (round + 1) / rounds;
      steps[end - first - 1]({.matrix = matrix,
                              .channel = n,
                              .tokens = tokens.values + first * matrix.inputs,
                              .token_scales = tokens.scales + first,
                              .out = out + first * matrix.outputs + n});
      first = end;
    }
  }
}

}  // namespace toolgate::search
