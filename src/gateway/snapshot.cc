#include "gateway/snapshot.h"

#include <algorithm>

#include "crypto/hash.h"
#include "gateway/search_tool.h"
#include "json/members.h"
#include "mcp/protocol.h"

namespace toolgate::gateway {
namespace {

std::vector<std::string> versions_of(const Json& gateway) {
  std::vector<std::string> versions;
  const JsonArray* named =
      json::find_array(gateway, "protocolConfiguration", "mcp", "supportedVersions");
  const bool all = named == nullptr || named->empty();
  for (const auto version : mcp::handshake_versions) {
    const auto names = [&](const Json& item) {
      return item.is_string() && std::string_view{item.get_string()} == version;
    };
    if (all || std::ranges::any_of(*named, names)) versions.emplace_back(version);
  }
  return versions;
}

Result<void> set_sign_in(Snapshot& snapshot, const SnapshotSource& source) {
  const auto type = json::find_string(source.gateway, "authorizerType").value_or("");
  if (type == "NONE") {
    snapshot.sign_in = SignIn::none;
  } else if (type == "CUSTOM_JWT") {
    const Json* configuration =
        json::find(source.gateway, "authorizerConfiguration", "customJWTAuthorizer");
    if (configuration == nullptr) return fail(Code::invalid, "CUSTOM_JWT without an authorizer");
    TRY(snapshot.authorizer,
        identity::JwtAuthorizer::compile(*configuration, source.issuer_aliases));
    snapshot.sign_in = SignIn::jwt;
  } else {
    snapshot.sign_in = SignIn::iam;  // AWS_IAM, AUTHENTICATE_ONLY
  }
  return {};
}

// Room for what comes after the definitions: most pages then are one allocation.
constexpr std::size_t page_end_bytes = 256;

// Appends up to `count` definitions after position `from` of the table; how many it was.
std::size_t add_definitions(std::string& page, const ToolTable& table, std::size_t from,
                            std::size_t count) {
  const std::size_t to = from + std::min(table.tools.size() - from, count);
  if (from == to) return 0;
  if (page.back() != '[') page += ',';
  const Definitions::Place all{.begin = table.tools[from].definition.begin,
                               .end = table.tools[to - 1].definition.end};
  if (page.capacity() - page.size() < all.end - all.begin) {
    page.reserve(page.size() + (all.end - all.begin) + page_end_bytes);
  }
  Definitions::Reader{}.append_to(page, table.definitions, all);
  return to - from;
}

std::string print_page(const Snapshot& snapshot, std::string_view after) {
  std::string page = R"({"tools":[)";
  if (after.empty() && snapshot.searchable) page += search_tool_definition();
  std::size_t room = snapshot.page_tools_max;
  if (after.empty() && snapshot.searchable && room > 1) --room;  // the search tool counts
  const Tool* last = nullptr;
  bool more = false;
  for (const auto& table : snapshot.tables) {
    const std::size_t from = table->after(after);
    const std::size_t added = add_definitions(page, *table, from, room);
    if (added > 0) last = &table->tools[from + added - 1];
    room -= added;
    if (from + added < table->tools.size()) {
      more = true;
      break;
    }
  }
  page += ']';
  if (more) {
    ASSERT(last != nullptr);
    page += R"(,"nextCursor":)" + json::quote(crypto::base64url(last->name));
  }
  page += '}';
  return page;
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> make_snapshot(SnapshotSource source) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = source.key.id;
  snapshot->place = {.account = source.key.account, .region = source.key.region};
  snapshot->debug = json::find_string(source.gateway, "exceptionLevel") == "DEBUG";
  snapshot->locked = std::move(source.locked);
  snapshot->sealed = json::find(source.gateway, "kmsKeyArn") != nullptr;
  snapshot->page_tools_max = source.page_tools_max;
  snapshot->base_url = source.base_url;
  TRY_DO(set_sign_in(*snapshot, source));
  snapshot->versions = versions_of(source.gateway);
  snapshot->instructions =
      json::member(source.gateway, "protocolConfiguration", "mcp", "instructions");
  snapshot->searchable =
      json::find_string(source.gateway, "protocolConfiguration", "mcp", "searchType") == "SEMANTIC";
  if (json::find_bool(source.gateway, "protocolConfiguration", "mcp",
                      "disableMcpListToolsPagination") == true) {
    snapshot->page_tools_max = SIZE_MAX;
  }
  snapshot->tables = std::move(source.tables);
  std::ranges::sort(snapshot->tables, {},
                    [](const auto& table) { return std::string_view{table->prefix}; });
  snapshot->routes = Routes{snapshot->tables};
  for (const auto& table : snapshot->tables) {
    for (const auto& name : table->secret_members) snapshot->secret_members += name + '\n';
  }
  snapshot->engine = source.engine;
  if (snapshot->searchable && snapshot->locked.empty())
    build_index(*snapshot, source.key, source.previous.get());
  snapshot->first_page = std::make_shared<const std::string>(print_page(*snapshot, {}));
  return snapshot;
}

Result<std::string> list_page(const Snapshot& snapshot, std::string_view cursor) {
  if (cursor.empty()) return *snapshot.first_page;
  const auto after = crypto::from_base64url(cursor);
  if (!after || after->find(mcp::name_separator) == std::string::npos) {
    return fail(Code::invalid, "cursor: not one of this gateway's");
  }
  return print_page(snapshot, *after);
}

}  // namespace toolgate::gateway
