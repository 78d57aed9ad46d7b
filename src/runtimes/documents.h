// The kinds of documents of runtimes and images, and where they stand.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "json/members.h"
#include "model/kinds.h"
#include "store/store.h"

namespace toolgate::runtimes {

namespace kind {
inline constexpr std::string_view runtime = "runtime";            // id: agentRuntimeId
inline constexpr std::string_view version = "runtime_version";    // id: agentRuntimeId/00001
inline constexpr std::string_view endpoint = "runtime_endpoint";  // id: agentRuntimeId/name
inline constexpr std::string_view repository = "ecr_repository";  // id: repository
inline constexpr std::string_view image = "ecr_image";            // id: repository:tag
}  // namespace kind

inline constexpr std::string_view default_endpoint = "DEFAULT";

[[nodiscard]] inline store::Key runtime_key(const model::Place& place, std::string id) {
  return {.account = place.account,
          .region = place.region,
          .kind = std::string{kind::runtime},
          .id = std::move(id)};
}
// "3" of a document, as a number; 0 when it has none.
[[nodiscard]] inline int version_number(const Json& document, std::string_view member) {
  return std::atoi(json::member(document, member).c_str());
}
// Numbers in order of their text.
[[nodiscard]] inline store::Key version_key(const store::Key& runtime, int version) {
  store::Key key = runtime;
  key.kind = kind::version;
  key.id = fmt::format("{}/{:05}", runtime.id, version);
  return key;
}
[[nodiscard]] inline store::Key endpoint_key(const store::Key& runtime, std::string_view name) {
  store::Key key = runtime;
  key.kind = kind::endpoint;
  key.id = fmt::format("{}/{}", runtime.id, name);
  return key;
}

[[nodiscard]] inline std::string runtime_arn(const store::Key& runtime) {
  return model::agentcore_arn({runtime.account, runtime.region}, "runtime/" + runtime.id);
}
[[nodiscard]] inline std::string endpoint_arn(const store::Key& runtime, std::string_view name) {
  return runtime_arn(runtime) + "/runtime-endpoint/" + std::string{name};
}

}  // namespace toolgate::runtimes
