// The kernels for AVX with VNNI.
#include "search/int8_halves.h"

#define TARGET __attribute__((target("avx2,fma,avxvnni")))

namespace toolgate::search {
namespace {

constexpr std::uint8_t offset = 128;

struct AvxVnni {
  // 12 sums of half a block, the half itself and the activations fit in 16 registers.
  static constexpr std::size_t tokens_at_once = 12;
  static constexpr std::size_t blocks_at_once = 1;

  template <std::size_t Tokens>
  TARGET static void half_step(const Int8Step& step, std::size_t channel) {
    const Int8Matrix& matrix = step.matrix;
    const std::int8_t* values =
        matrix.values + step.channel * matrix.inputs + (channel - step.channel) * int8_group;
    const auto* sums_of = reinterpret_cast<const __m256i*>(matrix.sums + channel);
    const __m256i start =
        _mm256_mullo_epi32(_mm256_loadu_si256(sums_of), _mm256_set1_epi32(-offset));
    __m256i sums[Tokens];
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) sums[t] = start;
    for (std::size_t k = 0; k < matrix.inputs / int8_group; ++k) {
      const __m256i block = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(values + k * int8_lanes * int8_group));
#pragma clang loop unroll(full)
      for (std::size_t t = 0; t < Tokens; ++t) {
        const __m256i inputs =
            _mm256_set1_epi32(four_inputs(step.tokens + t * int8_token_bytes + k * int8_group));
        sums[t] = _mm256_dpbusd_avx_epi32(sums[t], inputs, block);
      }
    }
    finish_half(step, channel, sums);
  }

  template <std::size_t Blocks, std::size_t Tokens>
  static void step(const Int8Step& step) {
    half_step<Tokens>(step, step.channel);
    half_step<Tokens>(step, step.channel + int8_half);
  }
};

}  // namespace

const Int8Kernel int8_avx_vnni{.name = "avx-vnni",
                               .offset = offset,
                               .multiply = multiply_by<AvxVnni>,
                               .gelu = gelu_row,
                               .quantize = quantize_row};

}  // namespace toolgate::search
