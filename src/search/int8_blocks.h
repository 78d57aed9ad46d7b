// How the kernels walk: some blocks of 16 output channels, whose values stay in the first caches,
// and for them all tokens, as many at a time as there are registers for their sums.
#pragma once

#include <array>
#include <cstring>
#include <utility>

#include "search/int8_kernels.h"

namespace toolgate::search {

// Some blocks and the tokens of one step.
struct Int8Step {
  const Int8Matrix& matrix;
  std::size_t channel;         // the first block's first
  const std::uint8_t* tokens;  // the first of the step
  const float* token_scales;
  float* out;  // the first token's, the first block's first channel
  // How far behind the step's weights those stand that come next. 0: they are on their way.
  std::size_t ahead;
};

// Four activations as the 32 bits that are copied to every lane.
[[gnu::always_inline]] inline std::int32_t four_inputs(const std::uint8_t* inputs) {
  std::int32_t four = 0;
  std::memcpy(&four, inputs, sizeof four);
  return four;
}

using Int8StepFunction = void (*)(const Int8Step&);

template <class Kernel, std::size_t Blocks, std::size_t... I>
constexpr std::array<Int8StepFunction, sizeof...(I)> int8_steps(std::index_sequence<I...>) {
  return {Kernel::template step<Blocks, I + 1>...};
}

// The channels from `begin` on, `Blocks` blocks at a time, as long as there are that many; gives
// where it ended. Tokens are spread evenly: of 18 with room for 12 come 9 and 9.
template <class Kernel, std::size_t Blocks>
std::size_t multiply_blocks(const Int8Matrix& matrix, const Int8Tokens& tokens, std::size_t begin,
                            float* out) {
  constexpr std::size_t most = Kernel::tokens_at_once;
  static constexpr auto steps = int8_steps<Kernel, Blocks>(std::make_index_sequence<most>{});
  constexpr std::size_t channels = Blocks * int8_lanes;
  const std::size_t rounds = (tokens.count + most - 1) / most;
  std::size_t n = begin;
  for (; n + channels <= matrix.outputs; n += channels) {
    std::size_t first = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t end = tokens.count * (round + 1) / rounds;
      steps[end - first - 1]({.matrix = matrix,
                              .channel = n,
                              .tokens = tokens.values + first * int8_token_bytes,
                              .token_scales = tokens.scales + first,
                              .out = out + first * matrix.outputs + n,
                              .ahead = round == 0 ? channels * matrix.inputs : 0});
      first = end;
    }
  }
  return n;
}

// `Kernel::step<b, n>` does b blocks, 1 or `Kernel::blocks_at_once`, and n tokens, up to
// `Kernel::tokens_at_once`.
template <class Kernel>
void multiply_by(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out) {
  std::size_t done = multiply_blocks<Kernel, Kernel::blocks_at_once>(matrix, tokens, 0, out);
  if constexpr (Kernel::blocks_at_once > 1) {
    done = multiply_blocks<Kernel, 1>(matrix, tokens, done, out);
  }
}

}  // namespace toolgate::search
