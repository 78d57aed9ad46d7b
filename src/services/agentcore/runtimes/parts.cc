#include "services/agentcore/runtimes/parts.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "runtimes/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {

Task<Result<Loaded>> load_runtime(AgentCore& agentcore, const aws::Call& call) {
  const std::string id = aws::text(call, "agentRuntimeId");
  co_return co_await load(agentcore, runtimes::runtime_key(place_of(call), id),
                          fmt::format("Agent runtime {} does not exist in {}.", id, call.region));
}

Task<Result<Loaded>> load_version(AgentCore& agentcore, const store::Key& runtime, int version) {
  co_return co_await load(agentcore, runtimes::version_key(runtime, version),
                          fmt::format("Agent runtime {} has no version {}.", runtime.id, version));
}

Task<Result<Loaded>> load_endpoint(AgentCore& agentcore, const store::Key& runtime,
                                   std::string_view name) {
  co_return co_await load(agentcore, runtimes::endpoint_key(runtime, name),
                          fmt::format("Agent runtime {} has no endpoint {}.", runtime.id, name));
}

store::Precondition unchanged(const Loaded& loaded, std::string otherwise) {
  return store::unchanged(loaded.key, loaded.version, std::move(otherwise));
}

Task<Result<void>> commit_and_run(AgentCore& agentcore, store::Batch batch, store::Key subject) {
  const auto ended = agentcore.runner.expect(subject);
  CO_TRY_DO(co_await agentcore.store.commit(std::move(batch)));
  agentcore.runner.poke();
  co_await ended->wait(within(limits::inline_work_for));
  co_return Result<void>{};
}

}  // namespace toolgate::services::agentcore
