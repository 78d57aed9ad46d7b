#include <immintrin.h>

#include "search/int8_blocks.h"

#define TARGET __attribute__((target("avx2,fma,avxvnni")))

namespace toolgate::search {
namespace {

// 12 sums of half a block, the half itself and the activations fit in 16 registers.
constexpr std::size_t tokens_at_once = 12;
constexpr std::size_t half = int8_lanes / 2;
constexpr std::uint8_t offset = 128;

template <std::size_t Tokens>
TARGET void half_step(const Int8Step& step, std::size_t lane) {
  const auto* sums_of = reinterpret_cast<const __m256i*>(step.sums + lane);
  const __m256i start = _mm256_mullo_epi32(_mm256_loadu_si256(sums_of), _mm256_set1_epi32(-offset));
  __m256i sums[Tokens];
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) sums[t] = start;
  for (std::size_t k = 0; k < step.groups; ++k) {
    const __m256i block = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(step.values + (k * int8_lanes + lane) * int8_group));
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) {
      sums[t] = _mm256_dpbusd_avx_epi32(sums[t], _mm256_set1_epi32(four_inputs(step, t, k)), block);
    }
  }
  const __m256 scales = _mm256_loadu_ps(step.scales + lane);
  const __m256 bias = _mm256_loadu_ps(step.bias + lane);
#pragma clang loop unroll(full)
  for (std::size_t t = 0; t < Tokens; ++t) {
    const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(step.token_scales[t]), scales);
    const __m256 result = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[t]), scale, bias);
    _mm256_storeu_ps(step.out + t * step.out_stride + lane, result);
  }
}

template <std::size_t Tokens>
void step_of(const Int8Step& step) {
  half_step<Tokens>(step, 0);
  half_step<Tokens>(step, half);
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

const Int8Kernel int8_avx_vnni{.name = "avx-vnni", .offset = offset, .multiply = multiply};

}  // namespace toolgate::search
