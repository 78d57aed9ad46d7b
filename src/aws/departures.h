// The deliberate departures from the contract, each with its reason. Applied while reading it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace toolgate::aws {

struct PatternDeparture {
  std::string_view service;
  std::string_view shape;
  std::string_view contract;  // the pattern it stands for; another one there is a stale row
  std::string_view ours;
  std::string_view reason;
};

[[nodiscard]] const std::vector<PatternDeparture>& pattern_departures();

// A structure that is taken as any JSON: its operation reads and checks it.
struct OpenShape {
  std::string_view service;
  std::string_view shape;
  std::string_view reason;
};
[[nodiscard]] const std::vector<OpenShape>& open_shapes();
[[nodiscard]] bool is_open(std::string_view service, std::string_view shape);

// The pattern to use for a shape: ours where the table has a row, else the contract's.
[[nodiscard]] std::string_view pattern_for(std::string_view service, std::string_view shape,
                                           std::string_view contract);

}  // namespace toolgate::aws
