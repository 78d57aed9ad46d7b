// The text of an OpenAPI document, JSON or YAML, as one value.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::targets::openapi {

// Of a schema in S3 (AWS quotas). Inline ones end with the request that carries them.
inline constexpr std::size_t document_bytes_max = 10 * 1024 * 1024;

// Reads the text: JSON when it begins with '{', else YAML 1.2 (core schema, and merge keys). At
// most limits::json_depth_max levels, and what YAML aliases repeat is bounded too. Fails with
// Code::invalid; the message has line and column.
[[nodiscard]] Result<Json> read_document(std::string_view text);

// The YAML half, for text of any beginning.
[[nodiscard]] Result<Json> read_yaml(std::string_view text);

}  // namespace toolgate::targets::openapi
