#include "vended/secret_text.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "base/text.h"
#include "vended/redact.h"

namespace toolgate::vended {
namespace {

constexpr std::string_view jwt_begin = "eyJ";
constexpr std::size_t jwt_bytes_min = 24;
constexpr std::size_t scheme_token_bytes_min = 8;
constexpr std::string_view key_begin = "-----BEGIN ";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}
// Of a token in a header (RFC 6750 §2.1) or a JWT.
bool is_token(char c) {
  return is_word(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}

template <class Is>
std::size_t end_of(std::string_view text, std::size_t from, Is is) {
  while (from < text.size() && is(text[from])) ++from;
  return from;
}

bool ends_value(char c) {
  return c == '&' || c == ';' || c == ',' || c == '"' || c == '\'' || c == '<' || c == '>' ||
         c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\' || c == ')' || c == '}';
}

struct Secret {
  std::size_t begin;  // of what is to go
  std::size_t end;
};

// Of a JWT only the letters up to `third` are known.
std::optional<Secret> json_web_token(std::string_view text, std::size_t third) {
  if (third < 2) return std::nullopt;
  const std::size_t begin = third - 2;
  if (!text.substr(begin).starts_with(jwt_begin)) return std::nullopt;
  const auto end = end_of(text, begin, is_token);
  if (end - begin < jwt_bytes_min) return std::nullopt;
  return Secret{begin, end};
}

std::optional<Secret> private_key(std::string_view text, std::size_t begin) {
  const auto rest = text.substr(begin);
  if (!rest.starts_with(key_begin)) return std::nullopt;
  if (rest.substr(0, 64).find("PRIVATE KEY") == std::string_view::npos) return std::nullopt;
  const auto end = rest.find("-----END");
  return Secret{begin, end == std::string_view::npos ? text.size() : begin + end};
}

std::optional<Secret> token_of_scheme(std::string_view text, std::size_t space) {
  for (const std::string_view scheme : {"bearer", "basic"}) {
    if (space < scheme.size() || (text[space - scheme.size()] | 0x20) != 'b') continue;
    if (!equal_ignoring_case(text.substr(space - scheme.size(), scheme.size()), scheme)) continue;
    const auto end = end_of(text, space + 1, is_token);
    if (end - space - 1 >= scheme_token_bytes_min) return Secret{space + 1, end};
  }
  return std::nullopt;
}

std::optional<Secret> value_of_name(std::string_view text, std::size_t equals) {
  std::size_t begin = equals;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  if (begin == equals || !is_secret_name(text.substr(begin, equals - begin))) return std::nullopt;
  const auto end = end_of(text, equals + 1, [](char c) { return !ends_value(c); });
  if (end == equals + 1) return std::nullopt;
  return Secret{equals + 1, end};
}

// Two bytes that each form has and other texts seldom have, of which this is the second: "yJ" of a
// JWT, "--" of a key, "r " and "c " of Bearer and Basic, "=" behind a name.
bool is_landmark(char before, char c) {
  switch (c) {
    case '=':
      return true;
    case 'J':
      return before == 'y';
    case '-':
      return before == '-';
    case ' ':
      return (before | 0x20) == 'r' || (before | 0x20) == 'c';
    default:
      return false;
  }
}

std::optional<Secret> secret_around(std::string_view text, std::size_t landmark) {
  switch (text[landmark]) {
    case '=':
      return value_of_name(text, landmark);
    case 'J':
      return json_web_token(text, landmark);
    case '-':
      return private_key(text, landmark - 1);
    default:
      return token_of_scheme(text, landmark);
  }
}

#ifdef __AVX2__
constexpr std::size_t block_bytes = 32;

// A bit for each of block_bytes bytes; reads the one before, too.
std::uint32_t landmarks(const char* at) {
  const auto load = [](const char* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  };
  const auto is = [](__m256i text, char c) { return _mm256_cmpeq_epi8(text, _mm256_set1_epi8(c)); };
  const __m256i text = load(at);
  const __m256i before = load(at - 1);
  const __m256i small = _mm256_or_si256(before, _mm256_set1_epi8(0x20));
  const __m256i scheme = _mm256_and_si256(is(text, ' '), is(small, 'r') | is(small, 'c'));
  const __m256i token = _mm256_and_si256(is(text, 'J'), is(before, 'y'));
  const __m256i key = _mm256_and_si256(is(text, '-'), is(before, '-'));
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(is(text, '=') | scheme | token | key));
}
#endif

// The first at or after `from`, which is not 0, or the text's size. Every text of every body goes
// through here.
std::size_t next_landmark(std::string_view text, std::size_t from) {
  std::size_t at = from;
#ifdef __AVX2__
  for (; at + block_bytes <= text.size(); at += block_bytes) {
    const auto found = landmarks(text.data() + at);
    if (found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at < text.size() && !is_landmark(text[at - 1], text[at])) ++at;
  return std::min(at, text.size());
}

}  // namespace

std::optional<std::string> without_secrets(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (auto at = next_landmark(text, 1); at < text.size(); at = next_landmark(text, at + 1)) {
    const auto secret = secret_around(text, at);
    if (!secret || secret->begin < copied) continue;
    out.append(text.substr(copied, secret->begin - copied)).append(redacted);
    copied = secret->end;
    at = std::max(at, copied - 1);
  }
  if (copied == 0) return std::nullopt;
  out.append(text.substr(copied));
  return out;
}

}  // namespace toolgate::vended
