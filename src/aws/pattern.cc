#include "aws/pattern.h"

#include <re2/re2.h>

#include "base/log.h"

namespace toolgate::aws {
namespace {

constexpr int repetitions_max = 1000;  // RE2's own bound

// Reads "{n}", "{n,}" or "{n,m}" at the start of `text`; gives its replacement and length.
struct Repetition {
  std::string text;
  std::size_t length = 0;
};
Repetition read_repetition(std::string_view text) {
  const auto end = text.find('}');
  if (end == std::string_view::npos) return {};
  const std::string_view inside = text.substr(1, end - 1);
  const auto foreign = inside.find_first_not_of("0123456789,");
  if (inside.empty() || foreign != std::string_view::npos) return {};
  const auto comma = inside.find(',');
  const std::string low{inside.substr(0, comma)};
  const std::string high{comma == std::string_view::npos ? inside : inside.substr(comma + 1)};
  if (low.size() > 6 || high.size() > 6) return {};
  const auto too_many = [](const std::string& number) {
    return !number.empty() && std::stoi(number) > repetitions_max;
  };
  if (too_many(low)) return {"*", end + 1};
  if (too_many(high)) return {"{" + low + ",}", end + 1};
  return {std::string{text.substr(0, end + 1)}, end + 1};
}

}  // namespace

std::string to_re2(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\\' && pattern.substr(i + 1).starts_with('u') && i + 6 <= pattern.size()) {
      out.append("\\x{").append(pattern.substr(i + 2, 4)).append("}");
      i += 6;
      continue;
    }
    if (c == '\\' && i + 1 < pattern.size()) {
      out.append(pattern.substr(i, 2));
      i += 2;
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == '{' && !in_class) {
      if (const auto repetition = read_repetition(pattern.substr(i)); repetition.length > 0) {
        out += repetition.text;
        i += repetition.length;
        continue;
      }
    }
    out += c;
    ++i;
  }
  return out;
}

Pattern::Pattern(std::string_view text) : text_{text} {}
Pattern::~Pattern() = default;

const re2::RE2& Pattern::compiled() const {
  std::call_once(once_, [this] {
    re2::RE2::Options options{re2::RE2::Quiet};
    options.set_max_mem(64 << 20);  // repeated Unicode classes are large
    compiled_ = std::make_unique<re2::RE2>(to_re2(text_), options);
    if (!compiled_->ok()) {
      log::warn("aws: the contract's pattern {} is not enforced: {}", text_, compiled_->error());
    }
  });
  return *compiled_;
}

bool Pattern::compiles() const { return compiled().ok(); }

bool Pattern::matches(std::string_view value) const {
  const auto& expression = compiled();
  return !expression.ok() ||
         re2::RE2::FullMatch(re2::StringPiece{value.data(), value.size()}, expression);
}

}  // namespace toolgate::aws
