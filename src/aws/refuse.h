// A failure by the name that a service gives it on the wire.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace toolgate::aws {

[[nodiscard]] inline std::unexpected<Error> refuse(Code code, std::string_view name,
                                                   std::string message) {
  return std::unexpected(Error{.code = code,
                               .message = std::move(message),
                               .detail = {},
                               .name = std::string{name},
                               .fields = {}});
}

}  // namespace toolgate::aws
