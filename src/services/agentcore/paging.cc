#include "services/agentcore/paging.h"

#include <algorithm>

namespace toolgate::services::agentcore {

Task<Result<aws::Answer>> list_page(AgentCore& agentcore, aws::Call& call, store::Key prefix,
                                    std::string_view member,
                                    std::function<JsonObject(const Json&)> item) {
  const auto asked = json::find_int(call.input, "maxResults").value_or(100);
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(asked, 1, 1'000));
  auto page = co_await agentcore.store.list(std::move(prefix), limit,
                                            aws::text_if(call, "nextToken").value_or(""));
  if (!page && page.error().code == Code::invalid) {
    co_return invalid_member("nextToken", "not a token of this listing");
  }
  if (!page) co_return std::unexpected(page.error());
  JsonArray items;
  for (const auto& stored : page->documents) {
    CO_TRY(const Json document, json::parse(stored.body));
    items.emplace_back(item(document));
  }
  JsonObject output{{member, std::move(items)}};
  if (!page->next.empty()) output["nextToken"] = page->next;
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

}  // namespace toolgate::services::agentcore
