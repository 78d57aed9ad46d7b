// The commands of the binary. Each gives the process's exit code, having said what went wrong.
#pragma once

#include <string_view>

#include "app/config.h"
#include "base/result.h"

namespace toolgate::app {

inline constexpr std::string_view version_text = "0.1.0";

inline constexpr int usage_error = 2;
// The exit code of what went wrong: a word of the user's, or anything else.
constexpr int exit_code_of(const Error& error) {
  return error.code == Code::invalid ? usage_error : 1;
}

int serve(const CommandLine& command_line);
int env(const CommandLine& command_line);
int run_command(const CommandLine& command_line);
int key(const CommandLine& command_line);
int search(const CommandLine& command_line);
int explain(const CommandLine& command_line);

}  // namespace toolgate::app
