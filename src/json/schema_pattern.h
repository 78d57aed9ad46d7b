// ECMA-262 regular expressions, as JSON Schema writes them, in RE2's syntax.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace toolgate::json {

// The same expression for RE2, or why there is none: "lookbehind is not supported". What RE2 spells
// differently (\u0041, \cA, (?<name>, what \s and . match, counts over 1,000) is rewritten.
[[nodiscard]] std::expected<std::string, std::string> translate_pattern(std::string_view pattern);

// Compiled, or why not. Matching takes time linear in the text, whatever the pattern.
[[nodiscard]] std::expected<std::shared_ptr<const re2::RE2>, std::string> compile_pattern(
    std::string_view pattern);

// Whether the pattern matches anywhere in the text, as JSON Schema wants it. `text` is UTF-8.
[[nodiscard]] bool matches(const re2::RE2& pattern, std::string_view text);

}  // namespace toolgate::json
