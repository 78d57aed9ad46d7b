// What the operations on gateways and targets share: documents, idempotency, waiting for the data
// plane. A document's members are those of the Get operation's output, and ours beside them.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/result.h"
#include "base/task.h"
#include "model/kinds.h"
#include "services/agentcore/service.h"
#include "store/store.h"

namespace toolgate::services::agentcore {

[[nodiscard]] inline model::Place place_of(const aws::Call& call) {
  return {.account = call.account, .region = call.region};
}
[[nodiscard]] store::Key key_of(const aws::Call& call, std::string_view kind, std::string id);

// Epoch seconds, as aws::Answer wants timestamps.
[[nodiscard]] double epoch_seconds(Time time);

struct Loaded {
  store::Key key;
  store::Version version = 0;
  Json document;
};
// Fails with Code::not_found and `absent` when it does not exist.
Task<Result<Loaded>> load(AgentCore& agentcore, store::Key key, std::string absent);
Task<Result<Loaded>> load_gateway(AgentCore& agentcore, const aws::Call& call);
Task<Result<Loaded>> load_target(AgentCore& agentcore, const aws::Call& call);

// Copies the members that the input has.
void copy_members(const Json& from, JsonObject& to, std::initializer_list<std::string_view> names);

// AWS: an operation with a client token gives the same answer for the same token and parameters.
// `repeated` is that answer, if there is one. Fails with Error::name
// "IdempotentParameterMismatchException" when the token was used with other parameters.
Task<Result<std::optional<aws::Answer>>> repeated(AgentCore& agentcore, const aws::Call& call);
// What the batch of a first call carries; nothing when the call has no token.
[[nodiscard]] std::optional<store::Idempotency> remember(const aws::Call& call, const Json& output);

// Commits and waits until every thread serves it.
Task<Result<store::Version>> commit_and_serve(AgentCore& agentcore, store::Batch batch);

// A FieldValidationFailed of one member.
[[nodiscard]] std::unexpected<Error> invalid_member(std::string path, std::string message);

// How many documents stand under a prefix, counted to `at_most`.
Task<Result<std::size_t>> count(AgentCore& agentcore, store::Key prefix, std::size_t at_most);

}  // namespace toolgate::services::agentcore
