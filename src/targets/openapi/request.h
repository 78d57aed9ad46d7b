// A tool's arguments as an HTTP request.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/tape.h"
#include "net/credential.h"
#include "targets/http_exchange.h"
#include "targets/openapi/recipe.h"

namespace toolgate::targets::openapi {

// Puts every argument where the recipe says; what is not given is left out. `tape` is working
// space. A query parameter of the credential's name is left out: the credential comes in its place.
// Fails with Code::invalid, its message for who called the tool: a line break in a header, a path
// parameter that is empty or would lead elsewhere, broken base64.
[[nodiscard]] Result<HttpCall> build_request(const CallRecipe& recipe, std::string_view arguments,
                                             const net::Credential& credential, json::Tape& tape);

}  // namespace toolgate::targets::openapi
