#include "runtimes/shims.h"

#include <fmt/format.h>

namespace toolgate::runtimes {

std::string authority_of(std::string_view url) {
  const auto at = url.find("://");
  return std::string{at == std::string_view::npos ? url : url.substr(at + 3)};
}

std::string node_option(std::string_view file) {
  std::string quoted;
  for (const char c : file) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  const bool plain = quoted.find_first_of(" \t\"\\") == std::string::npos;
  return plain ? "--require=" + quoted : fmt::format("--require=\"{}\"", quoted);
}

}  // namespace toolgate::runtimes
