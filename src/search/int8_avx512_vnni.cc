// The kernels for AVX-512 with VNNI.
#include <immintrin.h>

#include "search/encoder_math.h"
#include "search/int8_blocks.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace toolgate::search {
namespace {

constexpr std::uint8_t offset = 128;

struct Avx512Vnni {
  // 24 sums, three vectors of weights and one of activations fit in 32 registers; each vector that
  // is loaded serves three or eight products, of which two begin in each cycle.
  static constexpr std::size_t tokens_at_once = 8;
  static constexpr std::size_t blocks_at_once = 3;

  template <std::size_t Blocks, std::size_t Tokens>
  TARGET static void step(const Int8Step& step) {
    const Int8Matrix& matrix = step.matrix;
    const std::size_t block_bytes = int8_lanes * matrix.inputs;
    const std::size_t ahead = step.ahead;
    const std::int8_t* values = matrix.values + step.channel * matrix.inputs;
    const std::uint8_t* tokens = step.tokens;
    __m512i sums[Blocks][Tokens];
#pragma clang loop unroll(full)
    for (std::size_t b = 0; b < Blocks; ++b) {
      const __m512i start =
          _mm512_mullo_epi32(_mm512_loadu_si512(matrix.sums + step.channel + b * int8_lanes),
                             _mm512_set1_epi32(-offset));
#pragma clang loop unroll(full)
      for (std::size_t t = 0; t < Tokens; ++t) sums[b][t] = start;
    }
    for (std::size_t k = 0; k < matrix.inputs; k += int8_group) {
      __m512i weights[Blocks];
#pragma clang loop unroll(full)
      for (std::size_t b = 0; b < Blocks; ++b) {
        const std::int8_t* at = values + b * block_bytes;
        weights[b] = _mm512_loadu_si512(at);
        __builtin_prefetch(at + ahead, 0, 2);
      }
#pragma clang loop unroll(full)
      for (std::size_t t = 0; t < Tokens; ++t) {
        const __m512i inputs = _mm512_set1_epi32(four_inputs(tokens + t * int8_token_bytes));
#pragma clang loop unroll(full)
        for (std::size_t b = 0; b < Blocks; ++b) {
          sums[b][t] = _mm512_dpbusd_epi32(sums[b][t], inputs, weights[b]);
        }
      }
      values += int8_lanes * int8_group;
      tokens += int8_group;
    }
#pragma clang loop unroll(full)
    for (std::size_t b = 0; b < Blocks; ++b) finish(step, b * int8_lanes, sums[b]);
  }

  // Writes sixteen channels' results of all tokens.
  template <std::size_t Tokens>
  [[gnu::always_inline]] TARGET static void finish(const Int8Step& step, std::size_t from,
                                                   const __m512i (&sums)[Tokens]) {
    const __m512 scales = _mm512_loadu_ps(step.matrix.scales + step.channel + from);
    const __m512 bias = _mm512_loadu_ps(step.matrix.bias + step.channel + from);
    float* out = step.out + from;
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) {
      const __m512 scale = _mm512_mul_ps(_mm512_set1_ps(step.token_scales[t]), scales);
      const __m512 result = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[t]), scale, bias);
      _mm512_storeu_ps(out + t * step.matrix.outputs, result);
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
