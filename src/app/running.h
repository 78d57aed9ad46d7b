// The server that runs on a data directory, as the other commands of the binary find it.
#pragma once

#include <string>

#include "app/config.h"
#include "base/result.h"
#include "identity/access_keys.h"

namespace toolgate::app {

struct Running {
  std::string url;     // of the gateways: --public-url, else the listen address
  std::string listen;  // "http://127.0.0.1:7878"
  std::string admin;   // of the AWS API, if it is another one
  std::string tls;     // "https://127.0.0.1:7879"; empty: there is no TLS port
  std::string region;
  std::string account;
  std::string data_dir;  // absolute
  Config config;         // completed by what the server says
};
// Fails with Code::not_found when none runs there, naming the directory.
[[nodiscard]] Result<Running> running_server(const Config& config);

// What a program needs to be let in.
struct Pass {
  identity::SessionCredentials session;  // of the root key, for twelve hours
  std::string connect_secret;
};
[[nodiscard]] Result<Pass> make_pass(const Running& server);

}  // namespace toolgate::app
