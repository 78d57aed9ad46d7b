// The log: lines on stderr, written by one background thread, so that a caller never waits on it.
// Secrets never come here; see docs/operations.md for the format.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace toolgate::log {

enum class Level : unsigned char { debug, info, warn, error, off };

// Sets the lowest level that is written. Unknown names give false and change nothing.
bool set_level(std::string_view name);
[[nodiscard]] bool enabled(Level level);

// Starts and stops the background writer. Before start and after stop, lines are written at once.
void start();
void stop();

// Adds one line: control characters become spaces. Cheap: copies into this thread's buffer.
void write(Level level, std::string_view message);
// Of several pieces, where formatting would cost more than all else: a line for each request.
void write(Level level, std::initializer_list<std::string_view> pieces);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warn)) write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace toolgate::log
