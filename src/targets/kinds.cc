#include "targets/kinds.h"

#include <array>

#include <fmt/format.h>

#include "targets/mcp_server/mcp_server.h"

namespace toolgate::targets {
namespace {

constexpr std::array target_kinds{
    TargetKind{"mcpServer", "MCP_SERVER", mcp_server::open},
};

std::string_view first_member(const Json& value) {
  const auto* object = value.if_object();
  return object != nullptr && !object->empty() ? std::string_view{object->begin()->key()} : "";
}

}  // namespace

Result<const TargetKind*> kind_of(const Json& configuration) {
  const Json* mcp = json::find(configuration, "mcp");
  if (mcp == nullptr) {
    return fail(Code::invalid, fmt::format("targetConfiguration.{} is not served; mcp is",
                                           first_member(configuration)));
  }
  for (const auto& kind : target_kinds) {
    if (json::find(*mcp, kind.member) != nullptr) return &kind;
  }
  std::string served;
  for (const auto& kind : target_kinds) {
    if (!served.empty()) served += ", ";
    served += kind.member;
  }
  return fail(Code::invalid, fmt::format("targetConfiguration.mcp.{} is not served; served: {}",
                                         first_member(*mcp), served));
}

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  TRY(const TargetKind* kind, kind_of(spec.configuration));
  return kind->open(spec);
}

}  // namespace toolgate::targets
