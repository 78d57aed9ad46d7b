// The table of settings of `serve`: each row gives a member of Config its flag, the form of its
// value and its help; config.cc makes of them the environment variable and the key of the file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace toolgate::app {

struct Setting {
  const char* flag;  // "--listen"
  std::variant<std::string Config::*, std::vector<std::string> Config::*, std::size_t Config::*>
      member;
  const char* form;  // app/values.h
  const char* help;
};
struct SettingGroup {
  const char* title;  // in help
  std::span<const Setting> settings;
};

[[nodiscard]] std::span<const SettingGroup> setting_groups();

// Fails with Code::invalid: the flag, its value and what was expected.
[[nodiscard]] Result<void> check_settings(const Config& config);

}  // namespace toolgate::app
