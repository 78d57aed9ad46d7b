// Which gateway a request is for, by path or by AWS-shaped host name.
#include <fmt/format.h>

#include "base/text.h"
#include "gateway/data_plane.h"
#include "identity/challenge.h"

namespace toolgate::gateway {
namespace {

constexpr std::string_view path_prefix = "/gateways/";
constexpr std::string_view metadata_path = "/.well-known/oauth-protected-resource";
constexpr std::string_view host_middle = ".gateway.bedrock-agentcore.";
constexpr std::string_view host_end = ".amazonaws.com";

using Place = DataPlane::Place;

std::string_view without_port(std::string_view host) { return host.substr(0, host.rfind(':')); }

std::optional<std::string_view> id_of_host(std::string_view host) {
  host = without_port(host);
  const auto middle = host.find(host_middle);
  if (middle == 0 || middle == std::string_view::npos || !host.ends_with(host_end)) return {};
  return host.substr(0, middle);
}

// "<id>" and what follows it, of "/gateways/<id>/…".
std::optional<Place> of_path(std::string_view path, Place::What for_mcp) {
  if (!path.starts_with(path_prefix)) return {};
  path.remove_prefix(path_prefix.size());
  const auto slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return {};
  const auto rest = path.substr(slash);
  const bool mcp = rest == "/mcp" || rest == "/mcp/";
  // Everything else under /gateways/<id>/ is the control plane's.
  if (!mcp) return {};
  return Place{.gateway_id = path.substr(0, slash), .what = for_mcp};
}

}  // namespace

DataPlane::Urls DataPlane::urls_for(const net::Request& request, const Snapshot& snapshot) const {
  const auto origin = identity::origin_of(request);
  if (id_of_host(request.host) && origin) {
    return {.mcp = *origin + "/mcp", .metadata = *origin + std::string{metadata_path}};
  }
  const std::string base = options_.base_for ? options_.base_for(request) : snapshot.base_url;
  const std::string path = fmt::format("{}{}/mcp", path_prefix, snapshot.id);
  return {.mcp = base + path, .metadata = fmt::format("{}{}{}", base, metadata_path, path)};
}

std::optional<Place> DataPlane::place_of(const net::Request& head) {
  const std::string_view path = head.path;
  if (const auto id = id_of_host(head.host)) {
    if (path == "/mcp" || path == "/mcp/") return Place{*id, Place::What::mcp};
    if (path.starts_with(metadata_path)) return Place{*id, Place::What::resource_metadata};
    return Place{*id, Place::What::unknown};
  }
  if (path.starts_with(metadata_path)) {
    return of_path(path.substr(metadata_path.size()), Place::What::resource_metadata);
  }
  return of_path(path, Place::What::mcp);
}

}  // namespace toolgate::gateway
