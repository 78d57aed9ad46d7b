// What the kernels with eight lanes have in common: a block is done in two halves.
#pragma once

#include <immintrin.h>

#include "search/int8_blocks.h"

namespace toolgate::search {

inline constexpr std::size_t int8_half = int8_lanes / 2;

// Writes the results of eight channels, from `channel` of the matrix on, for all tokens of a step.
template <std::size_t Tokens>
[[gnu::always_inline]] __attribute__((target("avx2,fma"))) inline void finish_half(
    const Int8Step& step, std::size_t channel, const __m256i (&sums)[Tokens]) {
  const __m256 scales = _mm256_loadu_ps(step.matrix.scales + channel);
  const __m256 bias = _mm256_loadu_ps(step.matrix.bias + channel);
  float* out = step.out + (channel - step.channel);
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) {
    const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(step.token_scales[t]), scales);
    _mm256_storeu_ps(out + t * step.matrix.outputs,
                     _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[t]), scale, bias));
  }
}

}  // namespace toolgate::search
