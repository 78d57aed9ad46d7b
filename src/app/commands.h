// The commands of the binary. Each gives the process's exit code, having said what went wrong.
#pragma once

#include <string_view>

#include "app/config.h"

namespace toolgate::app {

inline constexpr std::string_view version_text = "0.1.0";

int serve(const CommandLine& command_line);
int env(const CommandLine& command_line);
int run_command(const CommandLine& command_line);
int key(const CommandLine& command_line);
int search(const CommandLine& command_line);
int explain(const CommandLine& command_line);

}  // namespace toolgate::app
