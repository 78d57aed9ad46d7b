// What a prompt names literally: quoted texts, numbers, ids, addresses, names. For the stand-in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace toolgate::services::bedrock_runtime {

struct Literal {
  enum class Kind : std::uint8_t {
    quoted,
    json,  // an object or a list
    email,
    url,
    uuid,
    date,       // 2026-11-21
    date_time,  // 2026-11-21T07:30:00Z
    number,
    identifier,  // a word with a digit, or of parts: ORD-17, order_items, README.md
    name,        // capitalised, not because a sentence begins: New York, EST
    phrase,      // plain words behind a preposition: "in new york"
  };
  Kind kind = Kind::phrase;
  std::string text;                      // without quotes, "#" and "$"
  Json value;                            // of `json` and `number`; else the text
  std::string label;                     // "orderId" of orderId=17, "city" of "city: Rome"
  std::vector<std::string> words;        // stems of the text
  std::vector<std::string> label_words;  // of the label
  std::vector<std::string> before;       // stems of the words in front, nearest first, up to three
  std::vector<std::string> after;        // of the two behind
  std::string preposition;               // "in", "at", "for"… right in front
};

// At most bounds::literals_count_max, in order of the text.
[[nodiscard]] std::vector<Literal> literals_of(std::string_view prompt);

// The words of a text as stems, without those that say nothing; and all of them.
[[nodiscard]] std::vector<std::string> stems_of(std::string_view text);
[[nodiscard]] std::vector<std::string> all_stems_of(std::string_view text);

}  // namespace toolgate::services::bedrock_runtime
