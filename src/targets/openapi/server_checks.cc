#include "targets/openapi/server_checks.h"

#include <fmt/format.h>

#include "net/client.h"
#include "targets/openapi/recipe.h"

namespace toolgate::targets::openapi {

ToolsByServer tools_by_server(const Catalogue& catalogue) {
  ToolsByServer servers;
  for (const auto& tool : catalogue.tools) {
    const auto recipe = read_recipe(tool.recipe);
    if (!recipe) continue;
    const net::Url& base = (*recipe)->base;
    ++servers[fmt::format("{}://{}", base.scheme, base.authority())];
  }
  return servers;
}

Result<void> check_servers(Catalogue& catalogue, const ToolsByServer& servers,
                           net::Worker& worker) {
  std::size_t refused = 0;
  Error refusal;
  std::vector<std::string> notes;
  for (const auto& [server, count] : servers) {
    TRY(const net::Url url, net::Url::parse(server));
    auto checked = worker.client().check_known(url);
    if (checked) continue;
    refused += count;
    refusal = std::move(checked).error();
    refusal.message = fmt::format("server {}: {}", server, refusal.message);
    notes.push_back(fmt::format("Calls of {} {} will fail: {}", count,
                                count == 1 ? "tool" : "tools", refusal.message));
  }
  if (refused > 0 && refused == catalogue.tools.size()) return std::unexpected(std::move(refusal));
  catalogue.notes.insert(catalogue.notes.end(), notes.begin(), notes.end());
  return {};
}

}  // namespace toolgate::targets::openapi
