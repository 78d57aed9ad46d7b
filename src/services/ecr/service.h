// Amazon ECR, as far as builds and runtimes need it: repositories, and the images that CodeBuild
// has pushed (runtimes/image.h). There are no layers to push or pull.
#pragma once

#include <vector>

#include "aws/refuse.h"
#include "aws/service.h"
#include "store/store.h"

namespace toolgate::services::ecr {

// What the operations work with. Everything outlives it.
struct Ecr {
  store::Store& store;
};

// `ecr` outlives the table.
[[nodiscard]] aws::Service table(Ecr& ecr);

void add_repository_operations(Ecr& ecr, std::vector<aws::Operation>& rows);
void add_image_operations(Ecr& ecr, std::vector<aws::Operation>& rows);
void add_tag_operations(Ecr& ecr, std::vector<aws::Operation>& rows);

// The error of that name in ECR's contract.
using aws::refuse;

struct Repository {
  store::Key key;
  store::Version version = 0;
  Json document;  // as "repository" of the outputs, and "tags"
};
// The repository of `repositoryName`. Fails with RepositoryNotFoundException.
Task<Result<Repository>> load_repository(Ecr& ecr, const aws::Call& call, std::string name);

// The tags that a repository's document keeps, and `tags` with those of the call's `tags`.
[[nodiscard]] JsonObject tags_of(const Json& repository);
[[nodiscard]] Result<JsonObject> tags_with(const aws::Call& call, JsonObject tags);

}  // namespace toolgate::services::ecr
