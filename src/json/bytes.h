// The smallest steps of reading JSON text: each takes the next byte to look at and the end of the
// text, never reads at or past the end, and gives the byte after what it read, or nullptr when the
// text breaks RFC 8259's grammar there. For those that read or write
// every byte of a text; whoever uses them checks UTF-8.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace toolgate::json::bytes {

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

inline const char* skip_space(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

inline int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// The four digits of \uXXXX, or -1.
inline int code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

// `at` stands after a backslash.
inline const char* escape_end(const char* at, const char* end) {
  if (at == end) return nullptr;
  switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return at + 1;
    case 'u':
      return code_unit(at + 1, end) < 0 ? nullptr : at + 5;
    default:
      return nullptr;
  }
}

// What a step of vectors looks at, and what must be readable for it.
inline constexpr std::ptrdiff_t block_bytes = 32;

// Of block_bytes bytes, a bit each: what cannot stand in a string as it is (a quote, a backslash, a
// control character), and which of them are control characters.
struct Specials {
  std::uint32_t all;
  std::uint32_t control;
};
inline Specials specials(const char* at) {
#ifdef __AVX2__
  const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(text, _mm256_set1_epi8(0x1f)), text);
  const __m256i quoted = _mm256_or_si256(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('"')),
                                         _mm256_cmpeq_epi8(text, _mm256_set1_epi8('\\')));
  return {.all = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(quoted, control))),
          .control = static_cast<std::uint32_t>(_mm256_movemask_epi8(control))};
#else
  Specials found{.all = 0, .control = 0};
  for (unsigned i = 0; i < block_bytes; ++i) {
    const bool control = static_cast<unsigned char>(at[i]) < 0x20;
    found.control |= std::uint32_t{control} << i;
    found.all |= std::uint32_t{control || at[i] == '"' || at[i] == '\\'} << i;
  }
  return found;
#endif
}

// The next byte of a string that is a quote, a backslash or a control character, or the end.
inline const char* plain_end(const char* at, const char* end) {
  for (; end - at >= block_bytes; at += block_bytes) {
    const auto found = specials(at).all;
    if (found != 0) return at + std::countr_zero(found);
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

// `at` stands after the opening quote; the answer after the closing one. `escaped` becomes true
// when there is a backslash in between, else it stays.
inline const char* string_end(const char* at, const char* end, bool& escaped) {
  for (;;) {
    at = plain_end(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    if (*at != '\\') return nullptr;
    escaped = true;
    at = escape_end(at + 1, end);
    if (at == nullptr) return nullptr;
  }
}

inline const char* digits_end(const char* at, const char* end) {
  if (at == end || !is_digit(*at)) return nullptr;
  do ++at;
  while (at != end && is_digit(*at));
  return at;
}

// `integral` becomes false when there is a fraction or an exponent, else it stays.
inline const char* number_end(const char* at, const char* end, bool& integral) {
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else {
    at = digits_end(at, end);
    if (at == nullptr) return nullptr;
  }
  if (at != end && *at == '.') {
    integral = false;
    at = digits_end(at + 1, end);
    if (at == nullptr) return nullptr;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    integral = false;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    at = digits_end(at, end);
  }
  return at;
}

// true, false or null.
inline const char* literal_end(const char* at, const char* end) {
  const auto left = end - at;
  if (left >= 4 && at[0] == 't' && at[1] == 'r' && at[2] == 'u' && at[3] == 'e') return at + 4;
  if (left >= 4 && at[0] == 'n' && at[1] == 'u' && at[2] == 'l' && at[3] == 'l') return at + 4;
  if (left >= 5 && at[0] == 'f' && at[1] == 'a' && at[2] == 'l' && at[3] == 's' && at[4] == 'e') {
    return at + 5;
  }
  return nullptr;
}

}  // namespace toolgate::json::bytes
