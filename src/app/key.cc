// `toolgate key`: shows the root access key of a running server, or replaces it.
#include <cstdio>
#include <string>

#include "app/commands.h"
#include "app/keeper.h"
#include "app/running.h"
#include "base/run_task.h"
#include "services/iam/access_key_directory.h"

namespace toolgate::app {
namespace {

int complain(const Error& error) {
  std::fprintf(stderr, "toolgate: %s\n", error.message.c_str());
  return exit_code_of(error);
}

}  // namespace

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
          ? run_task(services::iam::ensure_root_key(store, secrets, account, now))
          : run_task(services::iam::rotate_root_key(store, secrets, directory, account, now));
  if (!root) return complain(root.error());
  std::printf("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", root->access_key_id.c_str(),
              root->secret_access_key.c_str());
  return 0;
}

}  // namespace toolgate::app
