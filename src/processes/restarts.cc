#include "processes/restarts.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::processes {
namespace {

constexpr std::size_t shown_lines_count = 5;

std::string with_last_lines(const Exit& exit) {
  if (exit.last_lines.empty()) return exit.text;
  const auto count = std::min(shown_lines_count, exit.last_lines.size());
  const std::vector<std::string> shown(exit.last_lines.end() - static_cast<std::ptrdiff_t>(count),
                                       exit.last_lines.end());
  return fmt::format("{}; last output: {}", exit.text, join(shown, " | "));
}

}  // namespace

Restarts::Verdict Restarts::ended(const Exit& exit, std::chrono::milliseconds lived) {
  if (exit.why == Exit::Why::stopped) return {.pause = std::nullopt, .reason = "stopped"};
  crashes_ = lived >= policy_.healthy_after ? 1 : crashes_ + 1;
  const std::string what = with_last_lines(exit);
  if (crashes_ >= policy_.crashes_count_max) {
    return {.pause = std::nullopt,
            .reason = fmt::format("ended {} times in a row, each within {} s: {}", crashes_,
                                  policy_.healthy_after.count() / 1000, what)};
  }
  // Doubling cannot overflow: a pause that reached the longest stays there.
  auto pause = policy_.first_pause;
  for (int i = 1; i < crashes_ && pause < policy_.longest_pause; ++i) pause *= 2;
  return {.pause = std::min(pause, policy_.longest_pause), .reason = what};
}

}  // namespace toolgate::processes
