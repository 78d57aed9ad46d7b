// Tags of keys: kept as an object, given and taken as a list of {TagKey, TagValue}.
#pragma once

#include "services/kms/documents.h"

namespace toolgate::services::kms {

// `tags` with those of the list (or null) too. Fails with LimitExceededException, TagException.
[[nodiscard]] Result<JsonObject> tags_with(JsonObject tags, const JsonArray* list);

}  // namespace toolgate::services::kms
