#include "search/vectors.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace toolgate::search {
namespace {

std::vector<float> random_direction(std::mt19937& random, std::size_t width) {
  std::normal_distribution<float> normal;
  std::vector<float> values(width);
  for (auto& value : values) value = normal(random);
  return values;
}

TEST(Vectors, CosinesAreThoseOfTheFloats) {
  std::mt19937 random{3};
  for (const std::size_t width : {3U, 100U, 384U, 1536U}) {
    VectorTable table{width};
    std::vector<std::vector<float>> rows;
    for (int i = 0; i < 23; ++i) {
      rows.push_back(random_direction(random, width));
      table.add(to_vector(rows.back()));
    }
    const auto query = random_direction(random, width);
    std::vector<float> cosines(rows.size());
    table.cosines(to_vector(query), cosines);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double dot = 0;
      double a = 0;
      double b = 0;
      for (std::size_t d = 0; d < width; ++d) {
        dot += rows[i][d] * query[d];
        a += rows[i][d] * rows[i][d];
        b += query[d] * query[d];
      }
      EXPECT_NEAR(cosines[i], dot / std::sqrt(a * b), 0.01) << width << " " << i;
    }
  }
}

TEST(Vectors, TheLargestNumbersOverflowNothing) {
  const std::size_t width = 1'536;
  VectorTable table{width};
  std::vector<float> ones(width, 1.F);
  for (std::size_t i = 0; i < 6; ++i) table.add(to_vector(ones));
  std::vector<float> cosines(6);
  table.cosines(to_vector(ones), cosines);
  for (const float one : cosines) EXPECT_NEAR(one, 1, 1e-5);
  for (float& one : ones) one = -one;
  table.cosines(to_vector(ones), cosines);
  for (const float one : cosines) EXPECT_NEAR(one, -1, 1e-5);
}

TEST(Vectors, ComeBackFromTheirBytes) {
  std::mt19937 random{4};
  const Vector vector = to_vector(random_direction(random, 384));
  const auto again = vector_of(bytes_of(vector));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->values, vector.values);
  EXPECT_EQ(again->scale, vector.scale);
  EXPECT_FALSE(vector_of("abc"));
  const float no_number = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(vector_of(bytes_of({.values = {1}, .scale = no_number})));
  EXPECT_FALSE(vector_of(bytes_of({.values = {1, -128}, .scale = 1})));
}

TEST(Vectors, WhatHasNoDirectionIsNearNothing) {
  const float endless = std::numeric_limits<float>::infinity();
  for (const auto& values : {std::vector<float>{0, 0}, std::vector<float>{endless, 1}}) {
    VectorTable table{2};
    table.add(to_vector(values));
    std::vector<float> cosines(1);
    table.cosines(to_vector(std::vector<float>{1, 1}), cosines);
    EXPECT_EQ(cosines[0], 0);
  }
}

}  // namespace
}  // namespace toolgate::search
