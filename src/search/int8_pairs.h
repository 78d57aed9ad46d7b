// A matrix arranged for the instruction of AVX2 that multiplies bytes: unsigned by signed, two
// neighbours added into 16 bits, where they must not overflow. Groups of four inputs are paired so
// that the products of both can be added in 16 bits, which saves half of the widening.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "search/int8_kernels.h"

namespace toolgate::search {

// Of eight channels, half a block.
struct Int8Half {
  // How many pairs have weights so small that activations may be unsigned, from 1 to 255; those
  // after them need signed activations.
  std::uint32_t unsigned_pairs = 0;
  std::uint32_t pairs = 0;
  std::uint32_t first = 0;  // of its pairs among all of the matrix
};

struct Int8Pair {
  std::uint16_t groups[2];  // of inputs; where there is no second one its weights are zeros
};

struct Int8Pairs {
  std::vector<Int8Half> halves;
  std::vector<Int8Pair> pairs;
  std::vector<std::int8_t> values;  // of each pair: [2][8][4]
  // Of each channel: what unsigned activations have too much, negative.
  std::vector<std::int32_t> starts;
};

// Only for matrices whose inputs / 4 fit into 16 bits.
[[nodiscard]] std::unique_ptr<const Int8Pairs> arrange_in_pairs(const Int8Matrix& matrix);

}  // namespace toolgate::search
