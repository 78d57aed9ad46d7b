#include "search/int8_kernels.h"

#include <cmath>
#include <vector>

#include "search/encoder_math.h"

namespace toolgate::search {
namespace {

void multiply_plainly(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out) {
  for (std::size_t t = 0; t < tokens.count; ++t) {
    const std::uint8_t* token = tokens.values + t * int8_token_bytes;
    for (std::size_t n = 0; n < matrix.outputs; ++n) {
      const std::int8_t* block =
          matrix.values + n / int8_lanes * int8_lanes * matrix.inputs + n % int8_lanes * int8_group;
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < matrix.inputs; ++k) {
        const std::size_t at = k / int8_group * int8_lanes * int8_group + k % int8_group;
        sum += static_cast<std::int8_t>(token[k]) * block[at];
      }
      // Fused, as the vector instructions are.
      out[t * matrix.outputs + n] =
          std::fma(static_cast<float>(sum), tokens.scales[t] * matrix.scales[n], matrix.bias[n]);
    }
  }
}

std::vector<const Int8Kernel*> usable() {
  __builtin_cpu_init();
  std::vector<const Int8Kernel*> kernels;
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw")) {
    if (can_run_amx()) kernels.push_back(&int8_amx);
    kernels.push_back(&int8_avx512_vnni);
  }
  if (__builtin_cpu_supports("avxvnni")) kernels.push_back(&int8_avx_vnni);
  if (__builtin_cpu_supports("avx2")) kernels.push_back(&int8_avx2);
  kernels.push_back(&int8_plain);
  return kernels;
}

}  // namespace

void gelu_row(float* row, std::size_t count) { gelu(row, count); }

float quantize_row(const float* row, std::size_t count, std::uint8_t offset, std::uint8_t* out) {
  return quantize(row, count, offset, out);
}

const Int8Kernel int8_plain{.name = "plain",
                            .offset = 0,
                            .multiply = multiply_plainly,
                            .gelu = gelu_row,
                            .quantize = quantize_row};

std::span<const Int8Kernel* const> int8_kernels() {
  static const std::vector<const Int8Kernel*> kernels = usable();
  return kernels;
}

}  // namespace toolgate::search
