// The table of commands, and the one that the command line names.
#include <array>
#include <cstdio>
#include <string_view>

#include "app/commands.h"
#include "app/config.h"
#include "processes/processes.h"

namespace toolgate::app {
namespace {

struct Command {
  std::string_view name;
  int (*run)(const CommandLine&);
};

int version(const CommandLine&) {
  std::printf("toolgate %s\n", version_text.data());
  return 0;
}

constexpr std::array commands{
    Command{"serve", serve},     Command{"env", env},       Command{"run", run_command},
    Command{"key", key},         Command{"search", search}, Command{"explain", explain},
    Command{"version", version},
};

}  // namespace

int run(int argc, char** argv) {
  // The hidden word by which `serve` starts its helper process.
  if (argc == 2 && argv[1] == processes::helper_word) return processes::run_helper();
  const Parsed parsed = parse_command_line(argc, argv);
  if (parsed.exit_code >= 0) return parsed.exit_code;
  for (const auto& command : commands) {
    if (command.name == parsed.command_line.command) return command.run(parsed.command_line);
  }
  return 2;
}

}  // namespace toolgate::app
