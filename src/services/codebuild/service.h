// AWS CodeBuild, as far as images are built with it: a build reads a zip from S3, takes from its
// Dockerfile what a program needs, makes the Python environment and records the image in ECR under
// the tag that the buildspec pushes. Nothing of the buildspec or the Dockerfile is executed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aws/refuse.h"
#include "aws/service.h"
#include "base/clock.h"
#include "catalogue/runner.h"
#include "identity/principal.h"
#include "runtimes/environment.h"
#include "runtimes/fleet.h"
#include "runtimes/image.h"
#include "runtimes/source.h"
#include "store/store.h"

namespace toolgate::services::codebuild {

namespace kind {
inline constexpr std::string_view project = "codebuild_project";  // id: name
inline constexpr std::string_view build = "codebuild_build";      // id: project:uuid
inline constexpr std::string_view number = "codebuild_number";    // id: project; the last build's
}  // namespace kind

// The job of a build; its subject is the build's key.
inline constexpr std::string_view run_build = "codebuild_build";

// Whom a project's service role lets a build be. Fails with Code::denied, saying why: no such role,
// or one that does not trust CodeBuild for this project.
struct ServiceRole {
  std::string account;
  std::string arn;
  std::string session;
  std::string project_arn;
};
using Assume = std::function<Task<Result<identity::Principal>>(ServiceRole role)>;
// Whether the role may do this. Fails with Code::denied, naming role and permission.
using RoleMay = std::function<Result<void>(const ServiceRole& role, std::string_view action,
                                           std::string_view resource, std::string_view region)>;

// What a build works with. Everything outlives it.
struct Builder {
  store::Store& store;
  const Clock& clock;
  Offload& offload;
  const runtimes::Source& source;
  runtimes::Environments& environments;
  const runtimes::ImageTrees& images;
  runtimes::LogSink log;
  Assume assume;
  RoleMay role_may;
};
[[nodiscard]] catalogue::Runner::OwnKind build_job_kind(Builder& builder);

// What the operations work with.
struct CodeBuild {
  store::Store& store;
  const Clock& clock;
  catalogue::Runner& runner;
};
// `codebuild` outlives the table.
[[nodiscard]] aws::Service table(CodeBuild& codebuild);

void add_project_operations(CodeBuild& codebuild, std::vector<aws::Operation>& rows);
void add_build_operations(CodeBuild& codebuild, std::vector<aws::Operation>& rows);

[[nodiscard]] store::Key key_of(const aws::Call& call, std::string_view kind, std::string id);
[[nodiscard]] double seconds(Time time);
// The error of that name in CodeBuild's contract.
using aws::refuse;
[[nodiscard]] std::string arn_of(const aws::Call& call, std::string_view type,
                                 std::string_view name);

}  // namespace toolgate::services::codebuild
