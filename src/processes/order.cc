#include "processes/order.h"

#include <algorithm>

#include <fmt/format.h>

#include "processes/paths.h"

namespace toolgate::processes {
namespace {

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

Result<void> check_texts(const Command& command) {
  if (command.argv.empty() || command.argv.front().empty()) {
    return fail(Code::invalid, "argv: expected at least a program's name");
  }
  std::size_t bytes = 0;
  for (const auto& text : command.argv) {
    if (has_nul(text)) return fail(Code::invalid, "argv: a text with a NUL character");
    bytes += text.size() + 1;
  }
  for (const auto& [name, value] : command.environment) {
    if (name.empty() || has_nul(name) || has_nul(value) || name.contains('=')) {
      return fail(Code::invalid, fmt::format("environment: \"{}\" is no name, or its value has a "
                                             "NUL character",
                                             name));
    }
    bytes += name.size() + value.size() + 2;
  }
  if (bytes > command_bytes_max) {
    return fail(Code::too_large, fmt::format("{} bytes of arguments and environment: at most {}",
                                             bytes, command_bytes_max));
  }
  return {};
}

}  // namespace

Result<Order> make_order(Command command, Sandbox sandbox, const std::vector<std::string>& hidden) {
  TRY_DO(check_texts(command));
  Order order{.command = std::move(command), .sandbox = sandbox};
  Command& own = order.command;
  // Links are resolved here: what is hidden and what is kept is compared by name.
  if (!own.directory.empty()) {
    TRY(own.directory, real_path(own.directory, "directory"));
  }
  for (auto& path : own.readable) {
    TRY(path, real_path(path, "readable"));
  }
  for (auto& path : own.writable) {
    TRY(path, real_path(path, "writable"));
  }
  const auto holds_directory = [&](const std::string& path) {
    return lies_in(own.directory, path);
  };
  if (!own.directory.empty() && std::ranges::none_of(own.readable, holds_directory) &&
      std::ranges::none_of(own.writable, holds_directory)) {
    own.readable.push_back(own.directory);
  }
  for (const auto& denied : hidden) {
    // One that is not there yet is denied by the name it will have.
    order.denied.push_back(real_path(denied, "denied").value_or(denied));
    for (const auto* paths : {&own.readable, &own.writable}) {
      for (const auto& path : *paths) {
        if (path != order.denied.back()) continue;
        return fail(Code::invalid, fmt::format("{}: no child may see it", path));
      }
    }
  }
  return order;
}

}  // namespace toolgate::processes
