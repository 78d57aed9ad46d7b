// A JSON number by its exact value, whatever its size: 1.0 is 1, and 0.1 is a tenth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolgate::json {

class Decimal {
 public:
  Decimal() = default;  // 0
  // `raw` is a number of RFC 8259's grammar.
  explicit Decimal(std::string_view raw);

  [[nodiscard]] bool is_zero() const { return digits_count_ == 0; }
  [[nodiscard]] bool is_negative() const { return negative_; }
  [[nodiscard]] bool is_integer() const { return is_zero() || exponent_ >= 0; }
  // Nothing for a fraction and what does not fit.
  [[nodiscard]] std::optional<std::int64_t> to_int64() const;
  // More digits than fit in 64 bits: such a divisor is not supported.
  [[nodiscard]] bool is_long() const { return !long_digits_.empty(); }
  // `divisor` is neither zero nor long.
  [[nodiscard]] bool is_multiple_of(const Decimal& divisor) const;
  [[nodiscard]] std::uint64_t hash() const;

  // Below, at or above zero when a is less than, equal to or greater than b.
  friend int compare(const Decimal& a, const Decimal& b);

 private:
  void normalize(std::string digits);

  bool negative_ = false;
  std::int64_t digits_count_ = 0;  // the digits from the first to the last that is not zero
  std::int64_t exponent_ = 0;      // the value is digits · 10^exponent
  std::uint64_t mantissa_ = 0;     // the digits, unless they are too many
  std::string long_digits_;
};

int compare(const Decimal& a, const Decimal& b);

}  // namespace toolgate::json
