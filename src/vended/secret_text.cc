#include "vended/secret_text.h"

#include <array>

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

// What a secret that begins at `at` reaches to; `at` when there is none. `keep` is set to what
// stands before it and stays.
std::size_t secret_at(std::string_view text, std::size_t at, std::size_t& keep) {
  keep = at;
  const auto rest = text.substr(at);
  switch (rest.front()) {
    case 'e': {
      if (!rest.starts_with(jwt_begin)) return at;
      const auto end = end_of(text, at, is_token);
      return end - at >= jwt_bytes_min ? end : at;
    }
    case '-': {
      if (!rest.starts_with(key_begin)) return at;
      if (rest.substr(0, 64).find("PRIVATE KEY") == std::string_view::npos) return at;
      const auto end = rest.find("-----END");
      return end == std::string_view::npos ? text.size() : at + end;
    }
    case 'b':
    case 'B':
      for (const std::string_view scheme : {"bearer ", "basic "}) {
        if (!equal_ignoring_case(rest.substr(0, scheme.size()), scheme)) continue;
        const auto end = end_of(text, at + scheme.size(), is_token);
        if (end - at < scheme.size() + scheme_token_bytes_min) continue;
        keep = at + scheme.size();
        return end;
      }
      return at;
    case '=': {
      std::size_t begin = at;
      while (begin > 0 && is_word(text[begin - 1])) --begin;
      if (begin == at || !is_secret_name(text.substr(begin, at - begin))) return at;
      keep = at + 1;
      return end_of(text, at + 1, [](char c) { return !ends_value(c); });
    }
    default:
      return at;
  }
}

}  // namespace

// What none of a secret's forms can do without, in a few passes that the processor is quick at:
// every body's every string goes through here. "Bearer " and "Basic " have a space.
bool may_hold_secrets(std::string_view text) {
  constexpr auto none = std::string_view::npos;
  if (text.find('=') != none || text.find('J') != none || text.find("--") != none) return true;
  for (auto space = text.find(' '); space != none; space = text.find(' ', space + 1)) {
    const char before = space > 0 ? text[space - 1] : ' ';
    if (before == 'r' || before == 'R' || before == 'c' || before == 'C') return true;
  }
  return false;
}

std::string without_secrets(std::string_view text) {
  if (!may_hold_secrets(text)) return std::string{text};
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t keep = at;
    const char c = text[at];
    const bool may = c == '=' || c == 'e' || c == '-' || c == 'b' || c == 'B';
    const auto end = may ? secret_at(text, at, keep) : at;
    if (end <= keep) {
      ++at;
      continue;
    }
    out.append(text.substr(copied, keep - copied)).append(redacted);
    copied = at = end;
  }
  out.append(text.substr(copied));
  return out;
}

}  // namespace toolgate::vended
