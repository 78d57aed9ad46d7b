// The tools of a function as its owner describes them: `toolSchema`, inline or a document in S3.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "targets/target.h"

namespace toolgate::targets::lambda {

// Reads a list of {name, description, inputSchema, outputSchema}. AWS's subset of JSON Schema is
// accepted and every other keyword too; the root must be of type object. `path` begins the message
// of a failure, which names the member: Code::invalid.
[[nodiscard]] Result<Catalogue> read_tools(const JsonArray& list, std::string_view path,
                                           std::string_view target_name);

// The same for the text of a document: a JSON array.
[[nodiscard]] Result<Catalogue> read_tools(std::string_view document, std::string_view path,
                                           std::string_view target_name);

}  // namespace toolgate::targets::lambda
