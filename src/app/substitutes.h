// What --strict says of interpreters.
#pragma once

#include "app/config.h"
#include "runtimes/interpreters.h"

namespace toolgate::app {

inline runtimes::Substitutes substitutes_of(const Config& config) {
  using runtimes::Substitutes;
  return config.strict == "on" ? Substitutes::refused : Substitutes::allowed;
}

}  // namespace toolgate::app
