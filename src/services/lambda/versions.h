// Published versions of functions.
#pragma once

#include <optional>
#include <string>

#include "services/lambda/resource.h"

namespace toolgate::services::lambda {

[[nodiscard]] store::Key versions_prefix(const model::Place& place, std::string_view name);

// Makes a version of $LATEST, unless nothing changed since the last one. Gives its configuration.
Task<Result<JsonObject>> publish(Lambda& lambda, const aws::Call& call, const std::string& name,
                                 std::optional<std::string> description);

// One that no alias points to. Fails with ResourceConflictException.
Task<Result<void>> delete_version(Lambda& lambda, const aws::Call& call, const Name& name);

}  // namespace toolgate::services::lambda
