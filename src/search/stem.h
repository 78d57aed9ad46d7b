// The Porter2 stemmer for English (Snowball's "english", version 3): "connections" → "connect".
#pragma once

#include <string>
#include <string_view>

namespace toolgate::search {

// `word` is lower case. One with anything but a to z and apostrophes comes back as it is.
[[nodiscard]] std::string stem(std::string_view word);

}  // namespace toolgate::search
