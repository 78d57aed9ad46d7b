// The text forms of bytes that hash.h promises. Own code, because OpenSSL's decoders accept white
// space and stray bits, which would give one token several spellings.
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "crypto/hash.h"

namespace toolgate::crypto {
namespace {

constexpr std::string_view plain_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Values = std::array<std::int8_t, 256>;  // -1: not in the alphabet

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr Values plain_values = values_of(plain_alphabet);
constexpr Values url_values = values_of(url_alphabet);

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += alphabet[(bits >> count) & 63];
    }
  }
  if (count > 0) out += alphabet[(bits << (6 - count)) & 63];
  return out;
}

// `text` is without padding.
Result<std::string> decode(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return fail(Code::invalid, "base64: a character too many or too few");
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = values[static_cast<unsigned char>(text[i])];
    if (value < 0) {
      return fail(Code::invalid, fmt::format("base64: unexpected character at {}", i));
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 255);
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) {
    return fail(Code::invalid, "base64: stray bits in the last character");
  }
  return out;
}

// Takes off '=' up to the next multiple of four, and no more.
std::string_view without_padding(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out = encode(bytes, plain_alphabet);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string base64url(std::string_view bytes) { return encode(bytes, url_alphabet); }

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return fail(Code::invalid, "base64: the length is no multiple of four");
  }
  return decode(without_padding(text), plain_values);
}

Result<std::string> from_base64url(std::string_view text) {
  if (text.ends_with('=')) {
    if (text.size() % 4 != 0) return fail(Code::invalid, "base64url: wrong padding");
    text = without_padding(text);
  }
  return decode(text, url_values);
}

}  // namespace toolgate::crypto
