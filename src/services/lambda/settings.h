// A function's settings: which of the input's are taken, kept and shown, and which are refused.
#pragma once

#include "aws/call.h"
#include "base/result.h"
#include "json/json.h"
#include "services/lambda/service.h"

namespace toolgate::services::lambda {

// Refuses, by name, what toolgate does not have: a function that relies on it would not work.
[[nodiscard]] Result<void> refuse_unsupported(const aws::Call& call);

// Of a new function, without what depends on its code.
[[nodiscard]] Result<JsonObject> new_configuration(const aws::Call& call, const std::string& name);
// Takes the members that the call has. Fails with InvalidParameterValueException.
[[nodiscard]] Result<void> apply_settings(const aws::Call& call, JsonObject& configuration);

// Fails with InvalidParameterValueException when Lambda may not assume the role, or there is none.
Task<Result<void>> check_role(Lambda& lambda, std::string role_arn, std::string function_arn);

}  // namespace toolgate::services::lambda
