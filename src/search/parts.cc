#include "search/parts.h"

#include <array>

#include "base/text.h"

namespace toolgate::search {
namespace {

constexpr std::size_t part_words_min = 3;
constexpr std::array<std::string_view, 3> joints{"and then", "after that", "also"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z');
}

// How many bytes at `at` part two wishes; 0: none.
std::size_t cut_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '\n') return 1;
  if (c == '.' || c == '!' || c == '?' || c == ';') {
    return at + 1 < text.size() && is_space(text[at + 1]) ? 1 : 0;
  }
  if (at > 0 && is_word(text[at - 1])) return 0;
  for (const auto joint : joints) {
    const std::size_t end = at + joint.size();
    if (end <= text.size() && equal_ignoring_case(text.substr(at, joint.size()), joint) &&
        (end == text.size() || !is_word(text[end]))) {
      return joint.size();
    }
  }
  return 0;
}

std::string_view trimmed(std::string_view part) {
  const auto is_edge = [](char c) { return is_space(c) || c == ',' || c == '.'; };
  while (!part.empty() && is_edge(part.front())) part.remove_prefix(1);
  while (!part.empty() && is_edge(part.back())) part.remove_suffix(1);
  return part;
}

std::size_t words_in(std::string_view part) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!is_space(part[i]) && (i == 0 || is_space(part[i - 1]))) ++count;
  }
  return count;
}

}  // namespace

std::vector<std::string> parts_of(std::string_view request) {
  std::vector<std::string> parts{std::string{request}};
  const auto add = [&](std::string_view part) {
    part = trimmed(part);
    if (parts.size() <= parts_count_max && words_in(part) >= part_words_min)
      parts.emplace_back(part);
  };
  std::size_t begin = 0;
  for (std::size_t at = 0; at < request.size();) {
    const std::size_t cut = cut_at(request, at);
    if (cut > 0) {
      add(request.substr(begin, at - begin));
      begin = at + cut;
    }
    at += cut > 0 ? cut : 1;
  }
  add(request.substr(begin));
  if (parts.size() == 2) parts.pop_back();
  return parts;
}

}  // namespace toolgate::search
