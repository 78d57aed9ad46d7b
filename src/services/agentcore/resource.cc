#include "services/agentcore/resource.h"

#include <fmt/format.h>

#include "aws/idempotency.h"
#include "base/limits.h"

namespace toolgate::services::agentcore {
namespace {

std::string token_scope(const aws::Call& call) {
  return fmt::format("{}/{}/{}", call.account, call.region, call.operation);
}

}  // namespace

store::Key key_of(const aws::Call& call, std::string_view kind, std::string id) {
  return {.account = call.account,
          .region = call.region,
          .kind = std::string{kind},
          .id = std::move(id)};
}

double epoch_seconds(Time time) { return static_cast<double>(milliseconds_of(time)) / 1000.0; }

Task<Result<Loaded>> load(AgentCore& agentcore, store::Key key, std::string absent) {
  CO_TRY(auto stored, co_await agentcore.store.get(key));
  if (!stored) co_return fail(Code::not_found, std::move(absent));
  CO_TRY(Json document, json::parse(stored->body));
  co_return Loaded{
      .key = std::move(key), .version = stored->version, .document = std::move(document)};
}

Task<Result<Loaded>> load_gateway(AgentCore& agentcore, const aws::Call& call) {
  const std::string id = aws::text(call, "gatewayIdentifier");
  co_return co_await load(agentcore, key_of(call, model::kind::gateway, id),
                          fmt::format("Gateway {} does not exist in {}.", id, call.region));
}

Task<Result<Loaded>> load_target(AgentCore& agentcore, const aws::Call& call) {
  const std::string gateway = aws::text(call, "gatewayIdentifier");
  const std::string target = aws::text(call, "targetId");
  co_return co_await load(agentcore, key_of(call, model::kind::target, gateway + '/' + target),
                          fmt::format("Target {} does not exist in gateway {}.", target, gateway));
}

void copy_members(const Json& from, JsonObject& to, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (const Json* member = json::find(from, name)) to[name] = *member;
  }
}

Task<Result<std::optional<aws::Answer>>> repeated(AgentCore& agentcore, const aws::Call& call) {
  const auto token = aws::text_if(call, "clientToken");
  if (!token) co_return std::nullopt;
  CO_TRY(const auto before, co_await agentcore.store.find_idempotent(token_scope(call), *token));
  if (!before) co_return std::nullopt;
  if (before->digest != aws::input_digest(call)) {
    auto error =
        fail(Code::invalid,
             "clientToken: this token was used before with other parameters; use a new one");
    error.error().name = "IdempotentParameterMismatchException";
    co_return error;
  }
  CO_TRY(Json output, json::parse(before->answer));
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

std::optional<store::Idempotency> remember(const aws::Call& call, const Json& output) {
  const auto token = aws::text_if(call, "clientToken");
  if (!token) return std::nullopt;
  return store::Idempotency{.scope = token_scope(call),
                            .token = *token,
                            .digest = aws::input_digest(call),
                            .answer = json::print(output)};
}

Task<Result<store::Version>> commit_and_serve(AgentCore& agentcore, store::Batch batch) {
  CO_TRY(const auto version, co_await agentcore.store.commit(std::move(batch)));
  // Late is still right: the write stands, and the data plane follows.
  co_await agentcore.publisher.served(version, within(limits::serve_version_within));
  co_return version;
}

std::unexpected<Error> invalid_member(std::string path, std::string message) {
  return std::unexpected(Error{.code = Code::invalid,
                               .message = path + ": " + message,
                               .detail = {},
                               .name = "FieldValidationFailed",
                               .fields = {{.path = path, .message = message}}});
}

Task<Result<std::size_t>> count(AgentCore& agentcore, store::Key prefix, std::size_t at_most) {
  std::size_t found = 0;
  std::string after;
  while (found < at_most) {
    CO_TRY(const auto page, co_await agentcore.store.list(prefix, 500, after));
    found += page.documents.size();
    if (page.next.empty()) break;
    after = page.next;
  }
  co_return found;
}

}  // namespace toolgate::services::agentcore
