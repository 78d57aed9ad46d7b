// What leads a program's connections to AWS's host names to us: a module for Python and one for
// Node, loaded at a program's start. `toolgate run` gives them to users' programs, hooks.h to those
// that we host. They do nothing without their variables.
#pragma once

#include <string>
#include <string_view>

namespace toolgate::runtimes {

extern const std::string_view python_shim_text;  // shim/sitecustomize.py
extern const std::string_view node_shim_text;    // shim/node.cjs

inline constexpr std::string_view shim_domains_variable = "TOOLGATE_SHIM_DOMAINS";
inline constexpr std::string_view shim_tls_variable = "TOOLGATE_SHIM_TLS";
inline constexpr std::string_view shim_http_variable = "TOOLGATE_SHIM_HTTP";

// "https://127.0.0.1:7879" → "127.0.0.1:7879", the form of the variables.
[[nodiscard]] std::string authority_of(std::string_view url);

// A word of NODE_OPTIONS that loads a file: quoted where a space would end it.
[[nodiscard]] std::string node_option(std::string_view file);

}  // namespace toolgate::runtimes
