#include "search/vectors.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace toolgate::search {
namespace {

constexpr float largest_value = 127;

// Sixteen products at a time, added in pairs: the build's baseline has AVX2 (app/main.cc).
// `query` is widened beforehand, because every row meets it.
std::int32_t dot(const std::int8_t* row, const std::int16_t* query, std::size_t count) {
  constexpr std::size_t step = 16;
  __m256i sums = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + step <= count; i += step) {
    const __m256i wide =
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i)));
    const __m256i other = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query + i));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(wide, other));
  }
  alignas(32) std::array<std::int32_t, 8> lanes{};
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes.data()), sums);
  std::int32_t sum = 0;
  for (const std::int32_t lane : lanes) sum += lane;
  for (; i < count; ++i) sum += static_cast<std::int32_t>(row[i]) * query[i];
  return sum;
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
  const bool fits = query.values.size() == width_;
  const std::vector<std::int16_t> wide(query.values.begin(), query.values.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto sum = fits ? dot(values_.data() + i * width_, wide.data(), width_) : 0;
    out[i] = static_cast<float>(sum) * scales_[i] * query.scale;
  }
}

Vector VectorTable::row(std::size_t i) const {
  const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(i * width_);
  return {.values = {begin, begin + static_cast<std::ptrdiff_t>(width_)}, .scale = scales_[i]};
}

}  // namespace toolgate::search
