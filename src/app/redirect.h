// What a program's environment must say so that all it sends to AWS comes to a running server. Pure
// functions: who applies or prints the changes is run_command.cc and env.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/running.h"
#include "base/result.h"

namespace toolgate::app {

using Environment = std::map<std::string, std::string, std::less<>>;

// What the shims, for Python and for Node, redirect: every AWS-shaped name, without endpoint
// variables; the token endpoints, beside endpoint variables; nothing.
enum class Shim : unsigned char { all, token, off };
// Fails with Code::invalid.
[[nodiscard]] Result<Shim> parse_shim(std::string_view word);

// Files of the data directory that the variables name.
struct RedirectFiles {
  std::string bundle;       // PEM of all roots, ours among them
  std::string extra_roots;  // PEM of ours
  std::string shim;         // the folder of sitecustomize.py and node.cjs
  std::string constraints;  // for pip and uv; empty: none are asked for
};

struct Changes {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> unset;
};

// Fails with Code::invalid: --shim all without a TLS port, a proxy of the user's that cannot be
// gone through. Done again on its own outcome, it gives the same.
[[nodiscard]] Result<Changes> redirect(const Running& server, const Pass& pass, Shim shim,
                                       const RedirectFiles& files, const Environment& environment);

// Bundles that the user's own variables name, which programs must go on trusting.
[[nodiscard]] std::vector<std::string> own_roots(const Environment& environment,
                                                 std::string_view data_dir);
[[nodiscard]] std::vector<std::string> own_extra_roots(const Environment& environment,
                                                       std::string_view data_dir);

// Every variable that begins with this leads a client elsewhere.
inline constexpr std::string_view service_endpoint_prefix = "AWS_ENDPOINT_URL_";

}  // namespace toolgate::app
