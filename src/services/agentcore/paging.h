// One page of a listing, as every List operation of this service answers it.
#pragma once

#include <functional>
#include <string_view>

#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// Reads maxResults (default 100; AWS's maximum is 1,000) and nextToken from the input; the output
// has the items under `member`, each as `item` makes it of its document.
Task<Result<aws::Answer>> list_page(AgentCore& agentcore, aws::Call& call, store::Key prefix,
                                    std::string_view member,
                                    std::function<JsonObject(const Json&)> item);

}  // namespace toolgate::services::agentcore
