// What a setting may be, by the form that its help shows: "ADDRESS", "on|off", "1..256".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace toolgate::app {

// Forms, of which '|' gives a choice:
//   a word in lower case                       itself
//   1..256, 0..                                a whole number in these bounds
//   ADDRESS, URL, ORIGIN, ACCOUNT, REGION      what they say
//   FILE                                       one that can be read, and is no folder
//   any other                                  everything
// Fails with Code::invalid and what was expected: "on or off".
[[nodiscard]] Result<void> check_value(std::string_view form, const std::string& value);

}  // namespace toolgate::app
