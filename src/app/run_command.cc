// `toolgate run -- COMMAND…`: becomes the command, in an environment that leads to the server. So
// its exit status and its signals are its own.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/prepared.h"

namespace toolgate::app {
namespace {

// As shells answer for a command that is not there, or is none.
constexpr int exit_not_found = 127;
constexpr int exit_not_executable = 126;

std::vector<char*> pointers_of(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> entries_of(Environment environment, const Changes& changes) {
  for (const auto& name : changes.unset) environment.erase(name);
  for (const auto& [name, value] : changes.set) environment[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : environment) entries.push_back(name + '=' + value);
  return entries;
}

}  // namespace

int run_command(const CommandLine& command_line) {
  std::vector<std::string> words = command_line.arguments;
  if (words.empty()) {
    std::fputs("toolgate: run: expected a command: toolgate run [OPTIONS] -- COMMAND…\n", stderr);
    return usage_error;
  }
  const auto environment = own_environment();
  const auto prepared = prepare(command_line.config, environment);
  if (!prepared) {
    std::fprintf(stderr, "toolgate: run: %s\n", prepared.error().message.c_str());
    return exit_code_of(prepared.error());
  }
  auto entries = entries_of(environment, prepared->changes);
  const auto arguments = pointers_of(words);
  const auto variables = pointers_of(entries);
  ::execvpe(arguments.front(), arguments.data(), variables.data());
  const int error = errno;
  std::fprintf(stderr, "toolgate: run: cannot run %s: %s\n", words.front().c_str(),
               std::strerror(error));
  return error == ENOENT ? exit_not_found : exit_not_executable;
}

}  // namespace toolgate::app
