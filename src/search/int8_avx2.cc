// The kernels for AVX2, which has bytes times bytes only as unsigned by signed.
#include "search/int8_halves.h"
#include "search/int8_pairs.h"

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE __attribute__((always_inline)) inline

namespace toolgate::search {
namespace {

constexpr std::uint8_t offset = 128;

TARGET INLINE __m256i load(const std::int8_t* values) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
}

// sum += the products of two groups, which fit together into 16 bits.
TARGET INLINE __m256i add_products(__m256i sum, __m256i first, __m256i second) {
  const __m256i both = _mm256_add_epi16(first, second);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(both, _mm256_set1_epi16(1)));
}

// The signed activations with the weights' signs: their product with the weights' magnitudes is the
// same.
TARGET INLINE __m256i with_signs(const std::uint8_t* inputs, __m256i weights) {
  const __m256i values = _mm256_set1_epi32(four_inputs(inputs + int8_inputs_max));
  return _mm256_sign_epi8(values, weights);
}

struct Avx2 {
  // 8 sums of half a block, two groups of weights, their magnitudes, two of activations, and the
  // constants fit in 16 registers.
  static constexpr std::size_t tokens_at_once = 8;
  static constexpr std::size_t blocks_at_once = 1;

  template <std::size_t Tokens>
  TARGET static void half_step(const Int8Step& given, std::size_t channel) {
    const Int8Pairs& arranged = *given.matrix.pairs;
    const std::uint8_t* tokens = given.tokens;
    const Int8Half& half = arranged.halves[channel / int8_half];
    const Int8Pair* pairs = arranged.pairs.data() + half.first;
    const std::int8_t* values =
        arranged.values.data() + std::size_t{half.first} * 2 * int8_half * int8_group;
    const auto* starts = reinterpret_cast<const __m256i*>(arranged.starts.data() + channel);
    __m256i sums[Tokens];
#pragma clang loop unroll(full)
    for (std::size_t t = 0; t < Tokens; ++t) sums[t] = _mm256_loadu_si256(starts);
    std::size_t i = 0;
    for (; i < half.unsigned_pairs; ++i, values += 2 * int8_half * int8_group) {
      const std::size_t first_at = pairs[i].groups[0] * int8_group;
      const std::size_t second_at = pairs[i].groups[1] * int8_group;
      const __m256i first = load(values);
      const __m256i second = load(values + int8_half * int8_group);
#pragma clang loop unroll(full)
      for (std::size_t t = 0; t < Tokens; ++t) {
        const std::uint8_t* token = tokens + t * int8_token_bytes;
        const __m256i one = _mm256_set1_epi32(four_inputs(token + first_at));
        const __m256i other = _mm256_set1_epi32(four_inputs(token + second_at));
        sums[t] = add_products(sums[t], _mm256_maddubs_epi16(one, first),
                               _mm256_maddubs_epi16(other, second));
      }
    }
    for (; i < half.pairs; ++i, values += 2 * int8_half * int8_group) {
      const std::size_t first_at = pairs[i].groups[0] * int8_group;
      const std::size_t second_at = pairs[i].groups[1] * int8_group;
      const __m256i first = load(values);
      const __m256i second = load(values + int8_half * int8_group);
      const __m256i first_size = _mm256_abs_epi8(first);
      const __m256i second_size = _mm256_abs_epi8(second);
#pragma clang loop unroll(full)
      for (std::size_t t = 0; t < Tokens; ++t) {
        const std::uint8_t* token = tokens + t * int8_token_bytes;
        const __m256i one = with_signs(token + first_at, first);
        const __m256i other = with_signs(token + second_at, second);
        sums[t] = add_products(sums[t], _mm256_maddubs_epi16(first_size, one),
                               _mm256_maddubs_epi16(second_size, other));
      }
    }
    finish_half(given, channel, sums);
  }

  template <std::size_t Blocks, std::size_t Tokens>
  static void step(const Int8Step& step) {
    half_step<Tokens>(step, step.channel);
    half_step<Tokens>(step, step.channel + int8_half);
  }
};

// With the offset, and once more without.
float quantize_twice(const float* row, std::size_t count, std::uint8_t by, std::uint8_t* out) {
  const float scale = quantize_row(row, count, by, out);
  for (std::size_t i = 0; i < count; ++i) out[int8_inputs_max + i] = out[i] ^ offset;
  return scale;
}

}  // namespace

const Int8Kernel int8_avx2{.name = "avx2",
                           .offset = offset,
                           .multiply = multiply_by<Avx2>,
                           .gelu = gelu_row,
                           .quantize = quantize_twice,
                           .arrange = arrange_in_pairs};

}  // namespace toolgate::search
