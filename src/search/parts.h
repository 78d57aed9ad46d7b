// The parts of a request that asks for several things.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace toolgate::search {

// The request itself, then its parts where it has at least two: cut at ends of sentences and lines,
// "and then", "after that" and "also". At most six parts, each of three words or more.
[[nodiscard]] std::vector<std::string> parts_of(std::string_view request);

}  // namespace toolgate::search
