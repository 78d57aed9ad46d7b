// An operation's requestBody: which of its media types is sent, which arguments it takes.
#pragma once

#include "base/result.h"
#include "json/json.h"
#include "targets/openapi/arguments.h"
#include "targets/openapi/recipe.h"
#include "targets/openapi/references.h"
#include "targets/openapi/schemas.h"

namespace toolgate::targets::openapi {

// Takes the body's arguments and gives how it is written. Of several media types JSON is sent
// before forms, multipart, XML, text and bytes. The properties of a body that is a plain object (by
// `properties` and `allOf`) are arguments of their own; any other body is the argument "body".
// Fails with Code::invalid for a body that cannot be made of arguments.
[[nodiscard]] Result<BodyRecipe> take_body(const Json& request_body, const References& references,
                                           Schemas& schemas, Arguments& arguments);

// The media type that is preferred among those of a `content`, or end().
[[nodiscard]] JsonObject::const_iterator preferred_media(const JsonObject& content);

}  // namespace toolgate::targets::openapi
