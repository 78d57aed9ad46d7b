// Texts and identifiers as words: split, in lower case; and the words that say nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace toolgate::search {

// Words of a text or an identifier, in lower case: "getHTTPResponse_v2.list" gives get, http,
// response, v2, list. Letters outside ASCII are kept; of scripts that write without spaces each
// character is a word. `text` is UTF-8; what is not, separates.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

// A word, in lower case, of questions and sentences that tells no tool from another.
[[nodiscard]] bool is_stop_word(std::string_view word);

}  // namespace toolgate::search
