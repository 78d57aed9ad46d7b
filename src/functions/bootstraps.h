// Our own programs that load a handler and speak the Lambda Runtime API: bootstrap/, embedded.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace toolgate::functions {

extern const std::string_view python_bootstrap_text;
extern const std::string_view node_bootstrap_text;

inline constexpr std::string_view python_bootstrap_name = "bootstrap.py";
inline constexpr std::string_view node_bootstrap_name = "bootstrap.mjs";

// The variable that tells them what to print when a call's output is over.
inline constexpr std::string_view mark_variable = "_TOOLGATE_MARK";

// Writes them into the folder, which is made. Blocks. Fails with Code::unavailable.
[[nodiscard]] Result<void> write_bootstraps(const std::filesystem::path& folder);

}  // namespace toolgate::functions
