// What makes a program that insists on its container's port listen on another one: a start-up file
// for Python and one for Node, found through PYTHONPATH and NODE_OPTIONS. They load the shims too.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace toolgate::runtimes {

// The variables that the hooks read: the port a program asks for, and the one it gets instead, on
// loopback.
inline constexpr std::string_view port_wanted_variable = "TOOLGATE_PORT_WANTED";
inline constexpr std::string_view port_given_variable = "TOOLGATE_PORT_GIVEN";

// Writes the files and the shims into the folder, which is made. Blocks.
[[nodiscard]] Result<void> write_hooks(const std::filesystem::path& folder);

// Into the site-packages of an environment: runs the Python hook that python_hook_variable names.
[[nodiscard]] Result<void> write_pth(const std::filesystem::path& site_packages);

inline constexpr std::string_view python_hook_name = "sitecustomize.py";
inline constexpr std::string_view python_hook_variable = "TOOLGATE_PYTHON_HOOK";
inline constexpr std::string_view node_hook_name = "listen.cjs";
inline constexpr std::string_view node_shim_name = "shim.cjs";

}  // namespace toolgate::runtimes
