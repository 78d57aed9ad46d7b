// Targets whose tools can be listed only with a user's consent (3LO): they are created, wait for an
// administrator's consent in a browser, and then come up. AgentCore Gateway developer guide,
// "authorization code grant"; facts §3.
#pragma once

#include <string>
#include <string_view>

#include "credentials/credentials.h"
#include "services/agentcore/resource.h"

namespace toolgate::services::agentcore {

// What 3LO asks of a target and its gateway, said when the target is created or updated. Fails with
// Code::invalid, in AWS's words where they are known.
[[nodiscard]] Result<void> check_user_consent(const Json& gateway, const Json& input,
                                              const credentials::Need& need);

// True when the tools of a target with this input are listed with somebody's consent.
[[nodiscard]] bool waits_for_consent(const Json& input, const credentials::Need& need);

// Begins the consent of a new target; its document then has the status CREATE_PENDING_AUTH, the URL
// in authorizationData, and until when.
Task<Result<JsonObject>> begin_consent(AgentCore& agentcore, const store::Key& target,
                                       const credentials::Need& need, JsonObject document);

// Fails with Code::conflict while the target waits. `operation` as AWS names it.
[[nodiscard]] Result<void> refuse_while_pending(const Json& target, std::string_view operation,
                                                Time now);
// A document whose time to wait is over is shown FAILED.
void show_pending(JsonObject& shown, const Json& target, Time now);

// The consent was completed: the target comes up. Nothing happens when it is gone.
Task<Result<void>> continue_target(AgentCore& agentcore, model::Place place, std::string target);

}  // namespace toolgate::services::agentcore
