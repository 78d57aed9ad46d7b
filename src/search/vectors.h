// Unit vectors in 8-bit integers, and the cosines of one with thousands.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::search {

// A direction: value i is values[i] × scale, and the whole has length 1.
struct Vector {
  std::vector<std::int8_t> values;
  float scale = 0;
};

// Of any vector that is not all zeros; one that is gives a vector whose cosines are 0.
[[nodiscard]] Vector to_vector(std::span<const float> values);

// Scale and values as bytes, for the store; fails with Code::invalid when it is none.
[[nodiscard]] std::string bytes_of(const Vector& vector);
[[nodiscard]] Result<Vector> vector_of(std::string_view bytes);

// Vectors of one width, one after the other. Filled, then only read.
class VectorTable {
 public:
  explicit VectorTable(std::size_t width) : width_{width} {}
  void reserve(std::size_t count);
  // `vector` has the table's width.
  void add(const Vector& vector);

  // out[i] = the cosine of row i. The query has the table's width.
  void cosines(const Vector& query, std::span<float> out) const;
  [[nodiscard]] Vector row(std::size_t i) const;
  [[nodiscard]] std::size_t size() const { return scales_.size(); }
  [[nodiscard]] std::size_t width() const { return width_; }

 private:
  std::size_t width_;
  std::vector<std::int8_t> values_;
  std::vector<float> scales_;
};

}  // namespace toolgate::search
