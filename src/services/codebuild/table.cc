// The operations of the service, and what they share.
#include <fmt/format.h>

#include "services/codebuild/service.h"

namespace toolgate::services::codebuild {

aws::Service table(CodeBuild& codebuild) {
  aws::Service service{.name = "codebuild", .operations = {}};
  add_project_operations(codebuild, service.operations);
  add_build_operations(codebuild, service.operations);
  return service;
}

store::Key key_of(const aws::Call& call, std::string_view kind, std::string id) {
  return {.account = call.account,
          .region = call.region,
          .kind = std::string{kind},
          .id = std::move(id)};
}

double seconds(Time time) { return static_cast<double>(milliseconds_of(time)) / 1000.0; }

std::string arn_of(const aws::Call& call, std::string_view type, std::string_view name) {
  return fmt::format("arn:aws:codebuild:{}:{}:{}/{}", call.region, call.account, type, name);
}

}  // namespace toolgate::services::codebuild
