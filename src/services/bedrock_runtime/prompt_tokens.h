// A prompt cut into the pieces that literals are made of. For the stand-in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::services::bedrock_runtime {

struct PromptToken {
  enum class Kind : std::uint8_t { word, quoted, json };
  Kind kind = Kind::word;
  std::string_view text;   // of a word without the punctuation around it; without the quotes
  std::string_view label;  // "a" of a=b
  bool labels = false;     // "city:" says what the next token is
  bool begins = false;     // a sentence
  bool ends = false;       // a clause: punctuation follows
};

// The views are into `prompt`.
[[nodiscard]] std::vector<PromptToken> tokens_of(std::string_view prompt);

}  // namespace toolgate::services::bedrock_runtime
