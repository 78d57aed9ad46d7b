// The encoder's small functions over rows of floats, written so that the compiler makes vector
// instructions of their loops.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace toolgate::search {

// e to the power of x, within 2e-7 of it; x up to 88.
[[gnu::always_inline]] inline float fast_exp(float x) {
  constexpr float log2_e = 1.44269504F;
  // ln 2 in two parts, the first exact in few bits.
  constexpr float ln2_high = 0.693359375F;
  constexpr float ln2_low = -2.12194440e-4F;
  constexpr float round = 12'582'912.F;  // 1.5 × 2^23: adding it leaves an integer
  x = x < -87.F ? -87.F : x;
  const float whole = (x * log2_e + round) - round;
  const float rest = x - whole * ln2_high - whole * ln2_low;
  float sum = 1.9875691500e-4F;
  sum = sum * rest + 1.3981999507e-3F;
  sum = sum * rest + 8.3334519073e-3F;
  sum = sum * rest + 4.1665795894e-2F;
  sum = sum * rest + 1.6666665459e-1F;
  sum = sum * rest + 5.0000001201e-1F;
  sum = sum * rest * rest + rest + 1.F;
  return sum * std::bit_cast<float>((static_cast<std::int32_t>(whole) + 127) << 23);
}

// x · Φ(x), in place, within 1e-4 of it: what is made of the numbers next are integers whose step
// is some hundred times that. Φ(x) - 1/2 is odd; over x it is a polynomial in x², fitted where they
// meet at Chebyshev's points, and from the last one on Φ is 0 or 1.
[[gnu::always_inline]] inline void gelu(float* row, std::size_t count) {
  constexpr float last = 4.2F;
  for (std::size_t i = 0; i < count; ++i) {
    const float x = row[i];
    const float least = x < -last ? -last : x;
    const float near = least > last ? last : least;
    const float square = near * near;
    float sum = 7.288155664e-11F;
    sum = sum * square - 6.655414075e-9F;
    sum = sum * square + 2.676813781e-7F;
    sum = sum * square - 6.335448611e-6F;
    sum = sum * square + 1.001900238e-4F;
    sum = sum * square - 1.144952690e-3F;
    sum = sum * square + 9.917935347e-3F;
    sum = sum * square - 6.646810457e-2F;
    sum = sum * square + 3.989422804e-1F;
    row[i] = x * (sum * near + 0.5F);
  }
}

// Layer normalisation of row + added, in place.
inline void add_and_normalize(float* row, const float* added, const float* weight,
                              const float* bias, std::size_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += row[i] += added[i];
  const float mean = sum / static_cast<float>(count);
  float squares = 0;
  for (std::size_t i = 0; i < count; ++i) squares += (row[i] - mean) * (row[i] - mean);
  const float factor = 1.F / std::sqrt(squares / static_cast<float>(count) + 1e-12F);
  for (std::size_t i = 0; i < count; ++i) row[i] = (row[i] - mean) * factor * weight[i] + bias[i];
}

// The row as integers from -127 to 127 plus `offset`; gives what one of them is worth.
[[gnu::always_inline]] inline float quantize(const float* row, std::size_t count,
                                             std::uint8_t offset, std::uint8_t* out) {
  // Floats without their sign are ordered as their bits are, and integers have a vector maximum.
  std::uint32_t largest_bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(row[i]) & 0x7FFF'FFFFU;
    largest_bits = bits > largest_bits ? bits : largest_bits;
  }
  const float largest = std::bit_cast<float>(largest_bits);
  const float factor = largest > 0 ? 127.F / largest : 0.F;
  // Adding it leaves the nearest integer in the last bits.
  constexpr float round = 12'582'912.F;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = std::bit_cast<std::uint32_t>(row[i] * factor + round);
    out[i] = static_cast<std::uint8_t>(value + offset);
  }
  return largest / 127.F;
}

}  // namespace toolgate::search
