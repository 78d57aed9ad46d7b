#include "app/redirect.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "app/aws_names.h"
#include "app/trust_files.h"
#include "base/text.h"
#include "net/http.h"
#include "net/server.h"
#include "net/tunnels.h"
#include "runtimes/shims.h"

namespace toolgate::app {
namespace {

using runtimes::authority_of;

// Ours, so that what the user had said is found again when it is done twice.
constexpr const char* kept_roots = "TOOLGATE_OWN_ROOTS";
constexpr const char* kept_extra_roots = "TOOLGATE_OWN_EXTRA_ROOTS";

constexpr std::array bundle_variables{"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
                                      "CURL_CA_BUNDLE"};

// Endpoints that SDKs of AgentCore give to their clients themselves (facts: tutorial-calls).
constexpr std::array control_variables{"AWS_ENDPOINT_URL", "BEDROCK_AGENTCORE_CP_ENDPOINT",
                                       "BEDROCK_AGENTCORE_CONTROL_ENDPOINT",
                                       "AGENTCORE_EVAL_CP_ENDPOINT"};
constexpr std::array data_variables{"BEDROCK_AGENTCORE_DP_ENDPOINT", "AGENTCORE_EVAL_ENDPOINT"};

// What would lead a client elsewhere: to other credentials, or past the endpoint variables.
constexpr std::array misleading_variables{"AWS_PROFILE",
                                          "AWS_DEFAULT_PROFILE",
                                          "AWS_SECURITY_TOKEN",
                                          "AWS_BEARER_TOKEN_BEDROCK",
                                          "AWS_ROLE_ARN",
                                          "AWS_WEB_IDENTITY_TOKEN_FILE",
                                          "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                          "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                          "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                          "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                          "AWS_USE_DUALSTACK_ENDPOINT",
                                          "AWS_USE_FIPS_ENDPOINT"};

std::string_view find(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view first_of(const Environment& environment,
                          std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (const auto value = find(environment, name); !value.empty()) return value;
  }
  return {};
}

bool is_inside(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

template <class Names>
std::vector<std::string> files_of(const Environment& environment, const char* kept,
                                  const Names& names, std::string_view data_dir) {
  std::vector<std::string> files;
  const auto add = [&](std::string_view file) {
    if (file.empty() || is_inside(file, data_dir)) return;
    if (std::ranges::find(files, file) == files.end()) files.emplace_back(file);
  };
  for (const auto file : split(find(environment, kept), ':')) add(file);
  for (const auto* name : names) add(find(environment, name));
  return files;
}

// The proxy that the user's programs are bound to use for https; empty: none.
Result<std::string> own_proxy(const Environment& environment, const std::string& secret) {
  const auto said = first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  if (said.empty()) return std::string{};
  const bool bare = said.find("://") == std::string_view::npos;
  const std::string proxy = bare ? fmt::format("http://{}", said) : std::string{said};
  // Ours, from the first time: user:secret@…
  const auto begin = proxy.find("://") + 3;
  const auto mine = proxy.find(":" + secret + "@", begin);
  if (mine != std::string::npos) {
    return net::proxy_of_user(std::string_view{proxy}.substr(begin, mine - begin)).value_or("");
  }
  if (!proxy.starts_with("http://")) {
    return fail(Code::invalid,
                "HTTPS_PROXY: only an http:// proxy can be gone through; unset it for this "
                "command (HTTPS_PROXY, ALL_PROXY, https_proxy, all_proxy)");
  }
  return proxy;
}

// Would the entry of NO_PROXY let an AWS-shaped name pass us by?
bool covers_aws(std::string_view entry) {
  if (entry == "*") return true;
  while (entry.starts_with('*') || entry.starts_with('.')) entry.remove_prefix(1);
  const auto name = lower(entry.substr(0, entry.find(':')));
  return is_aws_shaped(name) || std::ranges::any_of(aws_domains, [&](std::string_view domain) {
           return domain == name || (domain.ends_with(name) && !name.empty() &&
                                     domain[domain.size() - name.size() - 1] == '.');
         });
}

std::string no_proxy(const Environment& environment, const std::string& own_host,
                     bool names_go_direct) {
  std::vector<std::string> entries{"127.0.0.1", "localhost", "::1"};
  const auto add = [&](std::string_view entry) {
    if (entry.empty() || covers_aws(entry)) return;
    if (std::ranges::find(entries, entry) == entries.end()) entries.emplace_back(entry);
  };
  add(own_host);
  for (const auto entry : split(first_of(environment, {"no_proxy", "NO_PROXY"}), ',')) {
    add(trim(entry));
  }
  // Left to the shim: the user's proxy would carry them to AWS.
  if (names_go_direct) {
    for (const auto domain : aws_domains) entries.push_back(fmt::format(".{}", domain));
  }
  return join(entries, ",");
}

class Builder {
 public:
  Builder(const Running& server, const Environment& environment)
      : server_{server}, environment_{environment} {}

  void set(std::string_view name, std::string_view value) { changes.set.emplace_back(name, value); }
  void unset(std::string_view name) { changes.unset.emplace_back(name); }

  void set_access(const Pass& pass) {
    set("AWS_ACCESS_KEY_ID", pass.session.access_key_id);
    set("AWS_SECRET_ACCESS_KEY", pass.session.secret_access_key);
    set("AWS_SESSION_TOKEN", pass.session.session_token);
    // The user's region wins: names and ARNs of the answers follow it.
    auto region = first_of(environment_, {"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (region.empty()) region = server_.region;
    set("AWS_REGION", region);
    set("AWS_DEFAULT_REGION", region);
  }

  void set_endpoints(Shim shim) {
    const auto& control = server_.admin.empty() ? server_.url : server_.admin;
    for (const auto* name : control_variables) {
      shim == Shim::all ? unset(name) : set(name, control);
    }
    for (const auto* name : data_variables) {
      shim == Shim::all ? unset(name) : set(name, server_.url);
    }
  }

  void set_trust(const RedirectFiles& files) {
    for (const auto* name : bundle_variables) set(name, files.bundle);
    set("NODE_EXTRA_CA_CERTS", files.extra_roots);
    const auto keep = [&](const char* name, const std::vector<std::string>& own) {
      if (!own.empty()) set(name, join(own, ":"));
    };
    keep(kept_roots, own_roots(environment_, server_.data_dir));
    keep(kept_extra_roots, own_extra_roots(environment_, server_.data_dir));
  }

  // CONNECT is answered to programs that reach us over loopback; only then are we their proxy.
  Result<void> set_proxy(const std::string& secret) {
    TRY(const auto listen, net::Url::parse(server_.listen));
    const bool reachable = net::is_loopback(listen.host);
    if (reachable) {
      TRY(const auto own, own_proxy(environment_, secret));
      const auto url = fmt::format("http://{}:{}@{}", net::proxy_user(own), secret,
                                   authority_of(server_.listen));
      set("HTTPS_PROXY", url);
      set("https_proxy", url);
      // Node 22.21 and 24 look at the variables only then.
      set("NODE_USE_ENV_PROXY", "1");
    }
    const auto spared = no_proxy(environment_, listen.host, !reachable);
    set("NO_PROXY", spared);
    set("no_proxy", spared);
    return {};
  }

  void set_shim(Shim shim, const std::string& folder) {
    if (shim == Shim::off || server_.tls.empty()) {
      for (const auto name : {runtimes::shim_domains_variable, runtimes::shim_tls_variable,
                              runtimes::shim_http_variable}) {
        unset(name);
      }
      return;
    }
    const std::vector<std::string> all{aws_domains.begin(), aws_domains.end()};
    set(runtimes::shim_domains_variable,
        shim == Shim::all ? join(all, ",") : std::string{token_domain});
    set(runtimes::shim_tls_variable, authority_of(server_.tls));
    set(runtimes::shim_http_variable, authority_of(server_.listen));
    std::vector<std::string> path{folder};
    for (const auto entry : split(find(environment_, "PYTHONPATH"), ':')) {
      if (!entry.empty() && entry != folder) path.emplace_back(entry);
    }
    set("PYTHONPATH", join(path, ":"));
    set_node_option(runtimes::node_option(fmt::format("{}/{}", folder, node_shim_name)));
  }

  void set_node_option(const std::string& option) {
    const auto own = find(environment_, "NODE_OPTIONS");
    if (own.find(option) != std::string_view::npos) {
      set("NODE_OPTIONS", own);
    } else {
      set("NODE_OPTIONS", own.empty() ? option : fmt::format("{} {}", option, own));
    }
  }

  void set_constraints(const std::string& file) {
    if (file.empty()) return;
    for (const auto* name : {"PIP_CONSTRAINT", "UV_CONSTRAINT"}) {
      std::vector<std::string> files{file};
      for (const auto one : split(find(environment_, name), ' ')) {
        if (!one.empty() && !is_inside(one, server_.data_dir)) files.emplace_back(one);
      }
      set(name, join(files, " "));
    }
  }

  Changes changes;

 private:
  const Running& server_;
  const Environment& environment_;
};

}  // namespace

Result<Shim> parse_shim(std::string_view word) {
  if (word == "all") return Shim::all;
  if (word == "token") return Shim::token;
  if (word == "off") return Shim::off;
  return fail(Code::invalid, "--shim: expected all, token or off");
}

std::vector<std::string> own_roots(const Environment& environment, std::string_view data_dir) {
  return files_of(environment, kept_roots, bundle_variables, data_dir);
}

std::vector<std::string> own_extra_roots(const Environment& environment,
                                         std::string_view data_dir) {
  return files_of(environment, kept_extra_roots, std::array{"NODE_EXTRA_CA_CERTS"}, data_dir);
}

Result<Changes> redirect(const Running& server, const Pass& pass, Shim shim,
                         const RedirectFiles& files, const Environment& environment) {
  if (shim == Shim::all && server.tls.empty()) {
    return fail(Code::invalid, "--shim all: the server has no TLS port (--tls-listen off)");
  }
  Builder builder{server, environment};
  for (const auto* name : misleading_variables) builder.unset(name);
  for (const auto& [name, value] : environment) {
    if (name.starts_with(service_endpoint_prefix)) builder.unset(name);
  }
  builder.set_access(pass);
  builder.set_endpoints(shim);
  builder.set_trust(files);
  TRY_DO(builder.set_proxy(pass.connect_secret));
  builder.set_shim(shim, files.shim);
  builder.set_constraints(files.constraints);
  return builder.changes;
}

}  // namespace toolgate::app
