#include <immintrin.h>

#include "search/encoder_math.h"
#include "search/int8_blocks.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace toolgate::search {
namespace {

constexpr std::uint8_t offset = 128;

struct Avx512Vnni {
  // 24 sums, one vector of the block and one of activations fit in 32 registers.
  static constexpr std::size_t tokens_at_once = 24;

  template <std::size_t Tokens>
  TARGET static void step(const Int8Step& step) {
    const Int8Matrix& matrix = step.matrix;
    const std::int8_t* values = matrix.values + step.channel * matrix.inputs;
    const __m512i start = _mm512_mullo_epi32(_mm512_loadu_si512(matrix.sums + step.channel),
                                             _mm512_set1_epi32(-offset));
    __m512i sums[Tokens];
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) sums[t] = start;
    for (std::size_t k = 0; k < matrix.inputs / int8_group; ++k) {
      const __m512i block = _mm512_loadu_si512(values + k * int8_lanes * int8_group);
#pragma clang loop unroll(full)
      for (std::size_t t = 0; t < Tokens; ++t) {
        sums[t] = _mm512_dpbusd_epi32(
            sums[t],
            _mm512_set1_epi32(four_inputs(step.tokens + t * matrix.inputs + k * int8_group)),
            block);
      }
    }
    const __m512 scales = _mm512_loadu_ps(matrix.scales + step.channel);
    const __m512 bias = _mm512_loadu_ps(matrix.bias + step.channel);
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) {
      const __m512 scale = _mm512_mul_ps(_mm512_set1_ps(step.token_scales[t]), scales);
      const __m512 result = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[t]), scale, bias);
      _mm512_storeu_ps(step.out + t * matrix.outputs, result);
    }
  }
};

// Sixteen floats at a time: the tuning's own choice is eight.
#define WIDE TARGET __attribute__((min_vector_width(512)))

WIDE void gelu_wide(float* row, std::size_t count) { gelu(row, count); }

WIDE float quantize_wide(const float* row, std::size_t count, std::uint8_t by, std::uint8_t* out) {
  return quantize(row, count, by, out);
}

}  // namespace

const Int8Kernel int8_avx512_vnni{.name = "avx512-vnni",
                                  .offset = offset,
                                  .multiply = multiply_by<Avx512Vnni>,
                                  .gelu = gelu_wide,
                                  .quantize = quantize_wide};

}  // namespace toolgate::search
