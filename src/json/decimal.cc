#include "json/decimal.h"

#include <algorithm>
#include <array>
#include <functional>

#include "json/bytes.h"

namespace toolgate::json {
namespace {

constexpr std::int64_t short_digits_max = 19;  // 10^19 - 1 fits in 64 bits
// Exponents beyond are taken for this one: no text of ours has that many digits.
constexpr std::int64_t exponent_max = 1'000'000'000'000;

__extension__ using Wide = unsigned __int128;

constexpr auto powers_of_ten = [] {
  std::array<std::uint64_t, short_digits_max + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t value = 0;
  for (const char c : text) {
    if (bytes::is_digit(c)) value = std::min(value * 10 + (c - '0'), exponent_max);
  }
  return negative ? -value : value;
}

std::uint64_t times(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % modulus);
}

std::uint64_t power_of_ten(std::int64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1 % modulus;
  std::uint64_t base = 10 % modulus;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = times(result, base, modulus);
    base = times(base, base, modulus);
  }
  return result;
}

}  // namespace

Decimal::Decimal(std::string_view raw) {
  negative_ = raw.starts_with('-');
  std::int64_t zeros = 0;  // that end the digits read so far
  bool fraction = false;
  bool too_many = false;
  std::size_t at = negative_ ? 1 : 0;
  for (; at != raw.size(); ++at) {
    const char c = raw[at];
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (!bytes::is_digit(c)) break;
    if (fraction) --exponent_;
    if (c == '0') {
      if (digits_count_ != 0) ++zeros;
      continue;
    }
    digits_count_ += zeros + 1;
    too_many = digits_count_ > short_digits_max;
    if (too_many) break;
    mantissa_ = mantissa_ * powers_of_ten[static_cast<std::size_t>(zeros) + 1] +
                static_cast<std::uint64_t>(c - '0');
    zeros = 0;
  }
  exponent_ += zeros;
  const auto mark = raw.find_first_of("eE");
  const std::int64_t shift = mark == raw.npos ? 0 : read_exponent(raw.substr(mark + 1));
  if (too_many) normalize(std::string{raw.substr(0, mark)});
  exponent_ += shift;
  if (digits_count_ == 0) {
    negative_ = false;
    exponent_ = 0;
  }
}

// The slow way, for more digits than the mantissa holds.
void Decimal::normalize(std::string digits) {
  const auto point = digits.find('.');
  exponent_ = point == digits.npos ? 0 : -static_cast<std::int64_t>(digits.size() - point - 1);
  std::erase_if(digits, [](char c) { return !bytes::is_digit(c); });
  digits.erase(0, digits.find_first_not_of('0'));
  const auto last = digits.find_last_not_of('0');
  exponent_ += static_cast<std::int64_t>(digits.size() - last - 1);
  digits.resize(last + 1);
  digits_count_ = static_cast<std::int64_t>(digits.size());
  mantissa_ = 0;
  long_digits_ = std::move(digits);
}

std::optional<std::int64_t> Decimal::to_int64() const {
  if (is_zero()) return 0;
  if (exponent_ < 0 || digits_count_ + exponent_ > 18) return std::nullopt;
  const auto value =
      static_cast<std::int64_t>(mantissa_ * powers_of_ten[static_cast<std::size_t>(exponent_)]);
  return negative_ ? -value : value;
}

bool Decimal::is_multiple_of(const Decimal& divisor) const {
  if (is_zero()) return true;
  // Our digits end in no zero, so no power of ten can be taken out of them.
  const std::int64_t shift = exponent_ - divisor.exponent_;
  if (shift < 0) return false;
  const std::uint64_t modulus = divisor.mantissa_;
  std::uint64_t rest = mantissa_ % modulus;
  for (const char c : long_digits_) {
    rest = static_cast<std::uint64_t>(
        (static_cast<Wide>(rest) * 10 + static_cast<unsigned>(c - '0')) % modulus);
  }
  return times(rest, power_of_ten(shift, modulus), modulus) == 0;
}

std::uint64_t Decimal::hash() const {
  const std::uint64_t digits =
      is_long() ? std::hash<std::string>{}(long_digits_) : mantissa_ * 0x9E3779B97F4A7C15U;
  return digits ^ static_cast<std::uint64_t>(exponent_ * 4 + (negative_ ? 1 : 0));
}

int compare(const Decimal& a, const Decimal& b) {
  if (a.is_zero() || b.is_zero() || a.negative_ != b.negative_) {
    const auto sign = [](const Decimal& d) { return d.is_zero() ? 0 : d.negative_ ? -1 : 1; };
    return sign(a) - sign(b);
  }
  const int direction = a.negative_ ? -1 : 1;
  const std::int64_t length_a = a.digits_count_ + a.exponent_;
  const std::int64_t length_b = b.digits_count_ + b.exponent_;
  if (length_a != length_b) return length_a < length_b ? -direction : direction;
  if (a.is_long() || b.is_long()) {
    const auto digits = [](const Decimal& d) {
      return d.is_long() ? d.long_digits_ : std::to_string(d.mantissa_);
    };
    return direction * digits(a).compare(digits(b));
  }
  const auto padded = [](const Decimal& d, std::int64_t count) {
    return d.mantissa_ * powers_of_ten[static_cast<std::size_t>(count - d.digits_count_)];
  };
  const std::int64_t count = std::max(a.digits_count_, b.digits_count_);
  const std::uint64_t left = padded(a, count);
  const std::uint64_t right = padded(b, count);
  return left == right ? 0 : left < right ? -direction : direction;
}

}  // namespace toolgate::json
