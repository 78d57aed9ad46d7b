#include "app/children.h"

#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "net/server.h"

namespace toolgate::app {
namespace {

using processes::Sandbox;

Result<Sandbox> sandbox_of(const std::string& word) {
  static const std::map<std::string, Sandbox, std::less<>> words{
      {"auto", Sandbox::automatic},
      {"user", Sandbox::own_user},
      {"bubblewrap", Sandbox::bubblewrap},
      {"landlock", Sandbox::landlock},
      {"off", Sandbox::none},
  };
  const auto found = words.find(word);
  if (found != words.end()) return found->second;
  return fail(Code::invalid,
              fmt::format("--sandbox {}: expected auto, user, bubblewrap, landlock or off", word));
}

Result<bool> is_local(const std::string& listen) {
  if (listen.empty() || listen == "off") return true;
  TRY(const net::Address address, net::parse_address(listen));
  return net::is_loopback(address.host);
}

}  // namespace

Result<std::unique_ptr<processes::Supervisor>> start_supervisor(const Config& config,
                                                                processes::Helper helper) {
  processes::Supervisor::Options options;
  TRY(options.sandbox, sandbox_of(config.sandbox));
  options.allow_unsandboxed = options.sandbox == Sandbox::none;
  for (const auto& listen : {config.listen, config.admin_listen, config.tls_listen}) {
    TRY(const bool local, is_local(listen));
    if (options.allow_unsandboxed && !local) {
      return fail(Code::invalid, "--sandbox off: only when every listener is on loopback");
    }
  }
  for (const auto& path :
       {config.data_dir, config.master_key, config.tls_key, config.model_api_key_file,
        config.embeddings_key_file, config.config_file}) {
    if (!path.empty()) options.denied.push_back(std::filesystem::absolute(path).string());
  }
  return processes::Supervisor::start(std::move(helper), std::move(options));
}

Result<std::unique_ptr<journal::Journal>> open_journal(const Config& config, const Clock& clock,
                                                       Offload& offload) {
  journal::Journal::Options options;
  options.folder = config.data_dir + "/logs";
  return journal::Journal::open(std::move(options), clock, offload);
}

}  // namespace toolgate::app
