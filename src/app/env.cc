// `toolgate env` and `toolgate key`: what a user's own programs need to reach a running server.
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/keeper.h"
#include "app/wait.h"
#include "json/json.h"
#include "services/iam/access_key_directory.h"
#include "store/data_dir.h"

namespace toolgate::app {
namespace {

// DESIGN: env hands out a session of the root key, not the key.
constexpr auto session_for = std::chrono::hours{12};

using Variables = std::vector<std::pair<std::string, std::string>>;

struct Running {
  std::string listen;
  std::string region;
  std::string account;
  Config config;  // completed by what the server says
};

Result<Running> running_server(const Config& config) {
  TRY(const Json server, store::read_server(config.data_dir));
  Running running{.listen = std::string{json::find_string(server, "url").value_or("")},
                  .region = std::string{json::find_string(server, "region").value_or("")},
                  .account = std::string{json::find_string(server, "account").value_or("")},
                  .config = config};
  if (config.master_key.empty()) {
    running.config.master_key = json::find_string(server, "master_key").value_or("");
  }
  return running;
}

Result<Variables> variables_of(const Config& config) {
  TRY(const Running server, running_server(config));
  Offload offload{1};
  TRY(const auto keeper, Keeper::open(server.config, offload, store::IfAbsent::fail, nullptr));
  const Time now = keeper->clock().now();
  TRY(const auto root, wait_for(services::iam::ensure_root_key(keeper->store(), keeper->secrets(),
                                                               server.account, now)));
  const identity::Principal principal{.kind = identity::Principal::Kind::root,
                                      .account = server.account,
                                      .arn = fmt::format("arn:aws:iam::{}:root", server.account),
                                      .id = server.account,
                                      .access_key_id = root.access_key_id,
                                      .client_id = {},
                                      .claims = nullptr};
  const auto session = keeper->sessions().issue(principal, root.access_key_id, now + session_for);
  return Variables{
      {"AWS_ENDPOINT_URL", server.listen},
      {"BEDROCK_AGENTCORE_CP_ENDPOINT", server.listen},
      {"BEDROCK_AGENTCORE_DP_ENDPOINT", server.listen},
      {"AWS_ACCESS_KEY_ID", session.access_key_id},
      {"AWS_SECRET_ACCESS_KEY", session.secret_access_key},
      {"AWS_SESSION_TOKEN", session.session_token},
      {"AWS_REGION", server.region},
      {"AWS_DEFAULT_REGION", server.region},
      {"NO_PROXY", "127.0.0.1,localhost,::1"},
  };
}

// What would lead a client elsewhere (facts: stale tokens, profiles, per-service endpoints).
constexpr const char* unset_line = "unset AWS_PROFILE AWS_SECURITY_TOKEN\n";

int complain(const Error& error) {
  std::fprintf(stderr, "toolgate: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int env(const CommandLine& command_line) {
  const auto variables = variables_of(command_line.config);
  if (!variables) return complain(variables.error());
  const bool python = command_line.config.python;
  std::string out = python ? "import os\nos.environ.pop('AWS_PROFILE', None)\n"
                             "os.environ.pop('AWS_SECURITY_TOKEN', None)\n"
                           : unset_line;
  for (const auto& [name, value] : *variables) {
    // The values are URLs, base64 and identifiers: no quote is in them.
    out += python ? fmt::format("os.environ['{}'] = '{}'\n", name, value)
                  : fmt::format("export {}='{}'\n", name, value);
  }
  std::fputs(out.c_str(), stdout);
  return 0;
}

int key(const CommandLine& command_line) {
  const Config& config = command_line.config;
  const std::string what = command_line.arguments.empty() ? "show" : command_line.arguments.front();
  if (what != "show" && what != "rotate") {
    return complain({.code = Code::invalid, .message = "key: expected show or rotate"});
  }
  Offload offload{1};
  const auto server = running_server(config);
  if (!server) return complain(server.error());
  const auto keeper = Keeper::open(server->config, offload, store::IfAbsent::fail, nullptr);
  if (!keeper) return complain(keeper.error());
  const std::string& account = server->account;
  auto& store = (*keeper)->store();
  const auto& secrets = (*keeper)->secrets();
  const Time now = (*keeper)->clock().now();
  services::iam::AccessKeyDirectory directory{store, secrets, account};
  const auto root =
      what == "show"
          ? wait_for(services::iam::ensure_root_key(store, secrets, account, now))
          : wait_for(services::iam::rotate_root_key(store, secrets, directory, account, now));
  if (!root) return complain(root.error());
  std::printf("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", root->access_key_id.c_str(),
              root->secret_access_key.c_str());
  return 0;
}

}  // namespace toolgate::app
