#include "json/scan.h"

#include <simdjson.h>

#include <cstdint>

#include <fmt/format.h>

#include "json/bytes.h"

namespace toolgate::json {
namespace {

constexpr const char* too_deep = "at most 64 levels of objects and arrays";
static_assert(limits::json_depth_max == 64, "the text above, and Scanner::skip's 64 bits");

void append_utf8(std::string& out, unsigned point) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
}

constexpr bool is_high(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::string replace_broken_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t length = 1;
    while (length <= 4 && length <= bytes.size() && !is_utf8(bytes.substr(0, length))) ++length;
    if (length <= 4 && length <= bytes.size()) {
      out += bytes.substr(0, length);
    } else {
      length = 1;
      append_utf8(out, 0xFFFD);
    }
    bytes.remove_prefix(length);
  }
  return out;
}

std::optional<std::string> unescape(Text text, Surrogates lone) {
  if (!text.escaped) return std::string{text.raw};
  std::string out;
  out.reserve(text.raw.size());
  const char* at = text.raw.data();
  const char* const end = at + text.raw.size();
  for (;;) {
    const auto left = static_cast<std::size_t>(end - at);
    const void* const backslash = left > 0 ? std::memchr(at, '\\', left) : nullptr;
    out.append(at, backslash != nullptr ? static_cast<const char*>(backslash) : end);
    if (backslash == nullptr) return out;
    at = static_cast<const char*>(backslash);
    if (end - at < 2) return std::nullopt;
    if (at[1] != 'u') {
      out += unescaped(at[1]);
      at += 2;
      continue;
    }
    const int unit = bytes::code_unit(at + 2, end);
    if (unit < 0) return std::nullopt;
    at += 6;
    if (is_high(unit) && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
      const int low = bytes::code_unit(at + 2, end);
      if (is_low(low)) {
        at += 6;
        append_utf8(out, 0x10000U + (static_cast<unsigned>(unit - 0xD800) << 10) +
                             static_cast<unsigned>(low - 0xDC00));
        continue;
      }
    }
    if (is_high(unit) || is_low(unit)) {
      if (lone == Surrogates::refuse) return std::nullopt;
      append_utf8(out, 0xFFFD);
    } else {
      append_utf8(out, static_cast<unsigned>(unit));
    }
  }
}

std::optional<Text> as_text(std::string_view raw) {
  if (!raw.starts_with('"')) return std::nullopt;
  raw = raw.substr(1, raw.size() - 2);
  return Text{.raw = raw, .escaped = raw.find('\\') != raw.npos};
}

bool equals(Text text, std::string_view value) {
  if (!text.escaped) return text.raw == value;
  const auto plain = unescape(text);
  return plain && *plain == value;
}

bool Scanner::fail(const char* at, const char* expected) {
  if (expected_ == nullptr) {
    at_ = at;
    expected_ = expected;
  }
  return false;
}

std::string Scanner::problem() const {
  return fmt::format("byte {}: expected {}", at_ - begin_, expected_);
}

const char* Scanner::position() {
  if (!failed()) at_ = bytes::skip_space(at_, end_);
  return at_;
}

char Scanner::peek() {
  const char* const at = position();
  return failed() || at == end_ ? '\0' : *at;
}

bool Scanner::enter(char open) {
  if (peek() != open) return fail(at_, open == '{' ? "an object" : "an array");
  if (depth_ == limits::json_depth_max) return fail(at_, too_deep);
  ++depth_;
  ++at_;
  first_ = true;
  return true;
}

bool Scanner::next_item() {
  const char next = peek();
  if (next == ']') {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  if (!first_) {
    if (next != ',') return fail(at_, "a comma or the end of the array");
    ++at_;
  }
  first_ = false;
  return true;
}

bool Scanner::next_member(Text& key) {
  const char next = peek();
  if (next == '}') {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  if (!first_) {
    if (next != ',') return fail(at_, "a comma or the end of the object");
    at_ = bytes::skip_space(at_ + 1, end_);
  }
  first_ = false;
  const char* const value = key_and_colon(at_, key);
  if (value == nullptr) return false;
  at_ = value;
  return true;
}

// `at` stands on a key's quote; the answer after its colon. Fails by itself.
const char* Scanner::key_and_colon(const char* at, Text& key) {
  if (at == end_ || *at != '"') {
    fail(at, "a member's name");
    return nullptr;
  }
  key.escaped = false;
  const char* const after = bytes::string_end(at + 1, end_, key.escaped);
  if (after == nullptr) {
    fail(at, "a string with valid escapes and no raw control characters");
    return nullptr;
  }
  key.raw = {at + 1, static_cast<std::size_t>(after - at - 2)};
  const char* const colon = bytes::skip_space(after, end_);
  if (colon == end_ || *colon != ':') {
    fail(colon, "a colon");
    return nullptr;
  }
  return colon + 1;
}

bool Scanner::string(Text& text) {
  if (peek() != '"') return fail(at_, "a string");
  text.escaped = false;
  const char* const after = bytes::string_end(at_ + 1, end_, text.escaped);
  if (after == nullptr) {
    return fail(at_, "a string with valid escapes and no raw control characters");
  }
  text.raw = {at_ + 1, static_cast<std::size_t>(after - at_ - 2)};
  at_ = after;
  return true;
}

// A string, number or literal. Fails by itself.
const char* Scanner::scalar_end(const char* at) {
  bool ignored = false;
  const char* after = nullptr;
  if (at == end_) {
    fail(at, "a value");
  } else if (*at == '"') {
    after = bytes::string_end(at + 1, end_, ignored);
    if (after == nullptr) {
      fail(at, "a string with valid escapes and no raw control characters");
    }
  } else if (*at == '-' || bytes::is_digit(*at)) {
    after = bytes::number_end(at, end_, ignored);
    if (after == nullptr) fail(at, "a number");
  } else {
    after = bytes::literal_end(at, end_);
    if (after == nullptr) fail(at, "a value");
  }
  return after;
}

// No recursion: one bit a level says whether it is an object.
bool Scanner::skip(std::string_view& raw) {
  if (failed()) return false;
  const char* const start = bytes::skip_space(at_, end_);
  const char* at = start;
  std::uint64_t objects = 0;
  std::size_t depth = 0;
  Text key;
  for (;;) {
    // Here a value begins.
    at = bytes::skip_space(at, end_);
    if (at != end_ && (*at == '{' || *at == '[')) {
      const bool object = *at == '{';
      if (depth_ + ++depth > limits::json_depth_max) return fail(at, too_deep);
      objects = objects << 1 | static_cast<std::uint64_t>(object);
      at = bytes::skip_space(at + 1, end_);
      if (at == end_ || *at != (object ? '}' : ']')) {
        if (object && (at = key_and_colon(at, key)) == nullptr) return false;
        continue;
      }
    } else {
      at = scalar_end(at);
      if (at == nullptr) return false;
    }
    // Here a value has ended, or an empty container is about to.
    for (;;) {
      if (depth == 0) {
        raw = {start, static_cast<std::size_t>(at - start)};
        at_ = at;
        first_ = false;
        return true;
      }
      at = bytes::skip_space(at, end_);
      const bool object = (objects & 1) != 0;
      if (at == end_) return fail(at, "the rest of an object or array");
      if (*at == ',') {
        ++at;
        if (object) {
          at = key_and_colon(bytes::skip_space(at, end_), key);
          if (at == nullptr) return false;
        }
        break;
      }
      if (*at != (object ? '}' : ']')) {
        return fail(
            at, object ? "a comma or the end of the object" : "a comma or the end of the array");
      }
      ++at;
      objects >>= 1;
      --depth;
    }
  }
}

bool Scanner::finish() {
  if (failed()) return false;
  return position() == end_ || fail(at_, "nothing after the value");
}

}  // namespace toolgate::json
