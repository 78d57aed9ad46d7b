// What the operations on runtimes share: the documents, and how work is begun and awaited.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/runner.h"
#include "runtimes/fleet.h"
#include "runtimes/source.h"
#include "services/agentcore/resource.h"
#include "services/agentcore/service.h"

namespace toolgate::services::agentcore {

// What running needs beside AgentCore. Everything outlives it.
struct RuntimeParts {
  runtimes::Fleet& fleet;
  const runtimes::Source& source;
  // Whether someone may do this, by the policies that are kept. Fails with Code::denied in AWS's
  // words.
  std::function<Task<Result<void>>(identity::Principal who, std::string action,
                                   std::string resource)>
      may;
};

// The kinds of jobs: their subjects are a version's key and an endpoint's key.
inline constexpr std::string_view deploy_version = "deploy_runtime_version";
inline constexpr std::string_view point_endpoint = "point_runtime_endpoint";
[[nodiscard]] std::vector<catalogue::Runner::OwnKind> runtime_job_kinds(RuntimeParts& parts);

// Fails with Code::not_found in AWS's words.
Task<Result<Loaded>> load_runtime(AgentCore& agentcore, const aws::Call& call);
Task<Result<Loaded>> load_version(AgentCore& agentcore, const store::Key& runtime, int version);
Task<Result<Loaded>> load_endpoint(AgentCore& agentcore, const store::Key& runtime,
                                   std::string_view name);

// A precondition that the document is as it was read; else ConflictException with `otherwise`.
[[nodiscard]] store::Precondition unchanged(const Loaded& loaded, std::string otherwise);

// Commits the batch, whose one job has `subject`, and waits for the job at most
// limits::inline_work_for.
Task<Result<void>> commit_and_run(AgentCore& agentcore, store::Batch batch, store::Key subject);

void add_endpoint_operations(AgentCore& agentcore, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::agentcore
