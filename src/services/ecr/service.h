// Amazon ECR, as far as builds and runtimes need it: repositories, and the images that CodeBuild
// has pushed (runtimes/image.h). There are no layers to push or pull.
#pragma once

#include <vector>

#include "aws/refuse.h"
#include "aws/service.h"
#include "store/optimistic.h"
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

// A repository's document: "repository" of the outputs, and "tags". Fails with
// RepositoryNotFoundException.
using store::Loaded;
Task<Result<Loaded>> load_repository(Ecr& ecr, const aws::Call& call, std::string name);

// Adds the call's `tags`, if it has any. Fails with TooManyTagsException.
[[nodiscard]] Result<void> add_tags(const aws::Call& call, JsonObject& repository);

}  // namespace toolgate::services::ecr
