// A tool as the text whose vector stands for its meaning.
#pragma once

#include <string>

#include "search/index.h"

namespace toolgate::search {

// "get weather. Tells the weather. city: The city; …". The prefix is left out: a constant one would
// make all tools of a target alike. Cut off at a length that the model would not read.
[[nodiscard]] std::string text_of(const Doc& doc);

}  // namespace toolgate::search
