// Request bodies, made of a tool's arguments.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "json/tape.h"
#include "targets/http_exchange.h"
#include "targets/openapi/recipe.h"

namespace toolgate::targets::openapi {

// A property of the body among the arguments.
struct Property {
  std::string name;
  json::Tape::Index value = 0;
};

// What the arguments say about the body: its properties, or the one argument that holds it whole.
struct BodyArguments {
  std::vector<Property> properties;
  json::Tape::Index whole = json::Tape::none;
};

// Puts body and content-type on the call; nothing when the arguments have nothing for a body that
// is not required. Fails with Code::invalid, its message for who called the tool: base64 that is
// none, text where an object is needed, a line break in what becomes a header.
[[nodiscard]] Result<void> write_body(const BodyRecipe& recipe, const json::Tape& tape,
                                      BodyArguments arguments, HttpCall& call);

}  // namespace toolgate::targets::openapi
