#include <immintrin.h>

#include "search/int8_blocks.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace toolgate::search {
namespace {

// 24 sums, one vector of the block and one of activations fit in 32 registers.
constexpr std::size_t tokens_at_once = 24;
constexpr std::uint8_t offset = 128;

template <std::size_t Tokens>
TARGET void step_of(const Int8Step& step) {
  const __m512i start =
      _mm512_mullo_epi32(_mm512_loadu_si512(step.sums), _mm512_set1_epi32(-offset));
  __m512i sums[Tokens];
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) sums[t] = start;
  for (std::size_t k = 0; k < step.groups; ++k) {
    const __m512i block = _mm512_loadu_si512(step.values + k * int8_lanes * int8_group);
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) {
      sums[t] = _mm512_dpbusd_epi32(sums[t], _mm512_set1_epi32(four_inputs(step, t, k)), block);
    }
  }
  const __m512 scales = _mm512_loadu_ps(step.scales);
  const __m512 bias = _mm512_loadu_ps(step.bias);
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) {
    const __m512 scale = _mm512_mul_ps(_mm512_set1_ps(step.token_scales[t]), scales);
    const __m512 result = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[t]), scale, bias);
    _mm512_storeu_ps(step.out + t * step.out_stride, result);
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

const Int8Kernel int8_avx512_vnni{.name = "avx512-vnni", .offset = offset, .multiply = multiply};

}  // namespace toolgate::search
