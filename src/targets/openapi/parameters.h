// An operation's parameters, its own and those of its path.
#pragma once

#include <vector>

#include "base/result.h"
#include "targets/openapi/arguments.h"
#include "targets/openapi/operation.h"
#include "targets/openapi/recipe.h"

namespace toolgate::targets::openapi {

// Takes an argument for each parameter: those in the path first, then query, headers, cookies, so
// that of two with one name the first of these keeps it. Headers that HTTP or the credential writes
// are left out. Fails with Code::invalid: a parameter that is none, a path that names one that is
// not there.
[[nodiscard]] Result<std::vector<Parameter>> take_parameters(const Operation& operation,
                                                             Workshop& workshop,
                                                             Arguments& arguments);

}  // namespace toolgate::targets::openapi
