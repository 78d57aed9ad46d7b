// The parts of a request that asks for several things.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::search {

// Beside the request itself. Long requests name their last wish last.
inline constexpr std::size_t parts_count_max = 6;

// The request itself, then its parts where it has at least two: cut at ends of sentences and lines,
// "and then", "after that" and "also". Each has three words or more.
[[nodiscard]] std::vector<std::string> parts_of(std::string_view request);

}  // namespace toolgate::search
