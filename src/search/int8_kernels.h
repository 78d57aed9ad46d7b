// Matrix times tokens in 8-bit integers: the bulk of the encoder's work, once for each instruction
// set that has something for it. All give the same numbers to the last bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace toolgate::search {

// Output channels that stand side by side, and the input channels of each that stand together:
// values[outputs / 16][inputs / 4][16][4]. tools/model.py writes them so.
inline constexpr std::size_t int8_lanes = 16;
inline constexpr std::size_t int8_group = 4;

struct Int8Pairs;

// The most inputs that a matrix may have, and from where one token's activations begin to where the
// next one's do: a constant, so that a kernel reaches all tokens of a step from one pointer. It has
// room for them in two forms, and is an odd number of cache lines, so that the tokens do not crowd
// in the same sets of the cache.
inline constexpr std::size_t int8_inputs_max = 1'536;
inline constexpr std::size_t int8_token_bytes = 2 * int8_inputs_max + 64;
// There is room for a multiple of so many tokens: a kernel may read more of them than there are.
inline constexpr std::size_t int8_tokens_padding = 16;
[[nodiscard]] constexpr std::size_t int8_tokens_bytes(std::size_t count) {
  return (count + int8_tokens_padding - 1) / int8_tokens_padding * int8_tokens_padding *
         int8_token_bytes;
}

// Views into the model file. outputs is a multiple of 16, inputs of 4.
struct Int8Matrix {
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  const std::int8_t* values = nullptr;
  const float* scales = nullptr;       // of an output channel
  const std::int32_t* sums = nullptr;  // of an output channel's values
  const float* bias = nullptr;
  const Int8Pairs* pairs = nullptr;  // the values again, as the kernel arranged them
};

// Activations as the kernel's `quantize` wrote them, each token with a scale of its own:
// values[count, padded][int8_token_bytes], of which the first are from -127 to 127, each plus the
// kernel's offset, as a byte.
struct Int8Tokens {
  std::size_t count = 0;
  const std::uint8_t* values = nullptr;
  const float* scales = nullptr;
};

struct Int8Kernel {
  std::string_view name;
  // What is added to an activation: the instructions of some sets multiply unsigned by signed.
  std::uint8_t offset = 0;
  // out[count][outputs] = tokens × matrix + bias
  void (*multiply)(const Int8Matrix& matrix, const Int8Tokens& tokens, float* out) = nullptr;
  // The functions of encoder_math.h over whole rows; these, too, give the same numbers.
  void (*gelu)(float* row, std::size_t count) = nullptr;
  // One token; gives its scale.
  float (*quantize)(const float* row, std::size_t count, std::uint8_t offset,
                    std::uint8_t* out) = nullptr;
  // Null, or what must have made the matrix's `pairs` before it is multiplied.
  std::unique_ptr<const Int8Pairs> (*arrange)(const Int8Matrix& matrix) = nullptr;
  // How many queries of 16 tokens go through faster together than one by one.
  std::size_t queries_together = 1;
};

// Of the kernels without better ones.
void gelu_row(float* row, std::size_t count);
float quantize_row(const float* row, std::size_t count, std::uint8_t offset, std::uint8_t* out);

extern const Int8Kernel int8_plain;
extern const Int8Kernel int8_avx2;
extern const Int8Kernel int8_avx_vnni;
extern const Int8Kernel int8_avx512_vnni;
extern const Int8Kernel int8_amx;

// Whether CPU and system have the tiles. Asks the system to let this process use them.
[[nodiscard]] bool can_run_amx();

// Those that this CPU can run, fastest first. The last is int8_plain.
[[nodiscard]] std::span<const Int8Kernel* const> int8_kernels();

}  // namespace toolgate::search
