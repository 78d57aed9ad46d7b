// What a runtime's artifact comes to: a tree of files and a recipe.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/worker.h"
#include "runtimes/recipe.h"
#include "runtimes/source.h"
#include "services/agentcore/runtimes/parts.h"

namespace toolgate::services::agentcore {

// Where `codeConfiguration` has its archive; nothing when it names none.
[[nodiscard]] std::optional<runtimes::S3Object> archive_of(const Json& code);

struct Artifact {
  runtimes::Recipe recipe;
  std::string digest;  // of the tree
};
// From `agentRuntimeArtifact` of a version's document: the image that a build has pushed, or the
// archive in S3. Fails with Code::not_found or Code::invalid, in words for failureReason.
Task<Result<Artifact>> resolve_artifact(const RuntimeParts& parts, store::Key version,
                                        Json document, net::Worker& worker);

}  // namespace toolgate::services::agentcore
