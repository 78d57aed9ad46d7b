#include "app/running.h"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "app/keeper.h"
#include "base/run_task.h"
#include "json/json.h"
#include "json/members.h"
#include "services/iam/access_key_directory.h"
#include "store/data_dir.h"

namespace toolgate::app {
namespace {

// env and run hand out a session of the root key, not the key.
constexpr auto session_for = std::chrono::hours{12};

}  // namespace

Result<Running> running_server(const Config& config) {
  auto found = store::read_server(config.data_dir);
  if (!found && found.error().code == Code::not_found) {
    found.error().message += "; start one with: toolgate serve";
  }
  TRY(const Json server, std::move(found));
  const auto member = [&](std::string_view name) { return json::member(server, name); };
  Running running{.url = member("url"),
                  .listen = member("listen"),
                  .admin = member("admin"),
                  .tls = member("tls"),
                  .region = member("region"),
                  .account = member("account"),
                  .data_dir = std::filesystem::absolute(config.data_dir).lexically_normal(),
                  .config = config};
  if (running.data_dir.ends_with('/')) running.data_dir.pop_back();
  if (config.master_key.empty()) running.config.master_key = member("master_key");
  return running;
}

Result<Pass> make_pass(const Running& server) {
  Offload offload{1};
  TRY(const auto keeper, Keeper::open(server.config, offload, store::IfAbsent::fail, nullptr));
  const Time now = keeper->clock().now();
  TRY(const auto root, run_task(services::iam::ensure_root_key(keeper->store(), keeper->secrets(),
                                                               server.account, now)));
  const identity::Principal principal{.kind = identity::Principal::Kind::root,
                                      .account = server.account,
                                      .arn = fmt::format("arn:aws:iam::{}:root", server.account),
                                      .id = server.account,
                                      .access_key_id = root.access_key_id,
                                      .client_id = {},
                                      .claims = nullptr};
  return Pass{.session = keeper->sessions().issue(principal, root.access_key_id, now + session_for),
              .connect_secret = keeper->connect_secret()};
}

}  // namespace toolgate::app
