#include <immintrin.h>

#include "search/int8_blocks.h"

#define TARGET __attribute__((target("avx2,fma")))

namespace toolgate::search {
namespace {

// Two halves of a block times four tokens: eight sums, and what else is needed, in 16 registers.
constexpr std::size_t tokens_at_once = 4;
constexpr std::size_t half = int8_lanes / 2;

// Half a block's four inputs of eight channels.
struct Half {
  __m256i values;
  __m256i magnitudes;
};

TARGET __attribute__((always_inline)) inline Half load(const std::int8_t* values) {
  const __m256i loaded = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
  return {.values = loaded, .magnitudes = _mm256_abs_epi8(loaded)};
}

// sum += Σ of four products a lane. The instruction multiplies unsigned by signed into 16 bits: the
// sign of the weight goes to the activation, and 2 × 127 × 127 does not overflow.
TARGET __attribute__((always_inline)) inline __m256i add_products(__m256i sum, __m256i inputs,
                                                                  const Half& half_block) {
  const __m256i pairs =
      _mm256_maddubs_epi16(half_block.magnitudes, _mm256_sign_epi8(inputs, half_block.values));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

TARGET __attribute__((always_inline)) inline void finish(const Int8Step& step, std::size_t token,
                                                         std::size_t lane, __m256i sum) {
  const __m256 scale =
      _mm256_mul_ps(_mm256_set1_ps(step.token_scales[token]), _mm256_loadu_ps(step.scales + lane));
  const __m256 bias = _mm256_loadu_ps(step.bias + lane);
  _mm256_storeu_ps(step.out + token * step.out_stride + lane,
                   _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), scale, bias));
}

template <std::size_t Tokens>
TARGET void step_of(const Int8Step& step) {
  __m256i low[Tokens];
  __m256i high[Tokens];
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) low[t] = high[t] = _mm256_setzero_si256();
  for (std::size_t k = 0; k < step.groups; ++k) {
    const std::int8_t* block = step.values + k * int8_lanes * int8_group;
    const Half first = load(block);
    const Half second = load(block + half * int8_group);
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) {
      const __m256i inputs = _mm256_set1_epi32(four_inputs(step, t, k));
      low[t] = add_products(low[t], inputs, first);
      high[t] = add_products(high[t], inputs, second);
    }
  }
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) {
    finish(step, t, 0, low[t]);
    finish(step, t, half, high[t]);
  }
}

template <std::size_t... I>
constexpr std::array<Int8StepFunction, sizeof...(I)> table(std::index_sequence<I...>) {
  return {step_of<I + 1>...};
}

void multiply(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out) {
  static constexpr auto steps = table(std::make_index_sequence<tokens_at_once>{});
  walk_blocks(matrix, tokens, out, steps);
}

}  // namespace

const Int8Kernel int8_avx2{.name = "avx2", .offset = 0, .multiply = multiply};

}  // namespace toolgate::search
