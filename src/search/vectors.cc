#include "search/vectors.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace toolgate::search {
namespace {

constexpr float largest_value = 127;

constexpr std::size_t step = 32;
constexpr std::size_t rows_at_once = 4;
constexpr std::size_t cache_line = 64;
// So far ahead rows are asked for: a catalogue's are more than the second cache holds.
constexpr std::size_t ahead_bytes = 8 * 1024;

__m256i load(const std::int8_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

std::int32_t sum_of(__m256i lanes) {
  const __m128i four =
      _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

// The products of `Rows` rows with the query, 32 at a time: the build's baseline has AVX2
// (app/main.cc). Unsigned by signed is what it multiplies: the query's sign goes to the row, and
// 2 × 127 × 127 fits into the 16 bits that two products are added in.
template <std::size_t Rows>
void dots(const std::int8_t* rows, const std::int8_t* query, std::size_t width, std::int32_t* out) {
  __m256i sums[Rows];
  for (auto& sum : sums) sum = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + step <= width; i += step) {
    const __m256i other = load(query + i);
    const __m256i size = _mm256_abs_epi8(other);
#pragma clang loop unroll(full)
    for (std::size_t r = 0; r < Rows; ++r) {
      const std::int8_t* row = rows + r * width + i;
      if (i % cache_line == 0) __builtin_prefetch(row + ahead_bytes);
      const __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(load(row), other));
      sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    out[r] = sum_of(sums[r]);
    for (std::size_t rest = i; rest < width; ++rest) {
      out[r] += static_cast<std::int32_t>(rows[r * width + rest]) * query[rest];
    }
  }
}

}  // namespace

Vector to_vector(std::span<const float> values) {
  float largest = 0;
  double squares = 0;
  for (const float value : values) {
    largest = std::max(largest, std::fabs(value));
    squares += static_cast<double>(value) * value;
  }
  Vector vector{.values = std::vector<std::int8_t>(values.size()), .scale = 0};
  if (!(largest > 0) || !std::isfinite(squares)) return vector;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float rounded = std::nearbyint(values[i] * (largest_value / largest));
    vector.values[i] = static_cast<std::int8_t>(rounded);
  }
  vector.scale = static_cast<float>(largest / largest_value / std::sqrt(squares));
  return vector;
}

std::string bytes_of(const Vector& vector) {
  std::string bytes(sizeof vector.scale + vector.values.size(), '\0');
  std::memcpy(bytes.data(), &vector.scale, sizeof vector.scale);
  std::memcpy(bytes.data() + sizeof vector.scale, vector.values.data(), vector.values.size());
  return bytes;
}

Result<Vector> vector_of(std::string_view bytes) {
  Vector vector;
  if (bytes.size() <= sizeof vector.scale) return fail(Code::invalid, "not a vector");
  std::memcpy(&vector.scale, bytes.data(), sizeof vector.scale);
  if (!std::isfinite(vector.scale)) return fail(Code::invalid, "not a vector");
  vector.values.resize(bytes.size() - sizeof vector.scale);
  std::memcpy(vector.values.data(), bytes.data() + sizeof vector.scale, vector.values.size());
  // to_vector makes none below -127, and the products below count on it.
  if (std::ranges::find(vector.values, std::int8_t{-128}) != vector.values.end()) {
    return fail(Code::invalid, "not a vector");
  }
  return vector;
}

void VectorTable::reserve(std::size_t count) {
  values_.reserve(count * width_);
  scales_.reserve(count);
}

void VectorTable::add(const Vector& vector) {
  ASSERT(vector.values.size() == width_);
  values_.insert(values_.end(), vector.values.begin(), vector.values.end());
  scales_.push_back(vector.scale);
}

void VectorTable::cosines(const Vector& query, std::span<float> out) const {
  ASSERT(query.values.size() == width_);
  std::array<std::int32_t, rows_at_once> sums{};
  for (std::size_t i = 0; i < out.size();) {
    const std::int8_t* rows = values_.data() + i * width_;
    const std::size_t count = i + rows_at_once <= out.size() ? rows_at_once : 1;
    if (count == rows_at_once) {
      dots<rows_at_once>(rows, query.values.data(), width_, sums.data());
    } else {
      dots<1>(rows, query.values.data(), width_, sums.data());
    }
    for (std::size_t r = 0; r < count; ++r, ++i) {
      out[i] = static_cast<float>(sums[r]) * scales_[i] * query.scale;
    }
  }
}

Vector VectorTable::row(std::size_t i) const {
  const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(i * width_);
  return {.values = {begin, begin + static_cast<std::ptrdiff_t>(width_)}, .scale = scales_[i]};
}

}  // namespace toolgate::search
