// The text of an OpenAPI document, JSON or YAML, as one value.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::targets::openapi {

// Of a schema in S3 (AWS quotas). Inline ones end with the request that carries them.
inline constexpr std::size_t document_bytes_max = 10 * 1024 * 1024;
// Values in it, members counted as their values, each of which takes some fifty bytes of memory. Of
// four hundred documents of the wild the densest has one in twenty bytes, without its white space.
inline constexpr std::size_t document_values_count_max = 500'000;

// Reads the text: JSON when it begins with '{', else YAML 1.2 (core schema, and merge keys). At
// most limits::json_depth_max levels and document_values_count_max values; what YAML aliases repeat
// is bounded too. Fails with Code::invalid; the message has line and column.
[[nodiscard]] Result<Json> read_document(std::string_view text);

// The YAML half, for text of any beginning.
[[nodiscard]] Result<Json> read_yaml(std::string_view text);

// What both halves say of a document with more than document_values_count_max.
[[nodiscard]] std::unexpected<Error> too_many_values();

}  // namespace toolgate::targets::openapi
