#include "app/settings.h"

#include <fmt/format.h>

#include "app/values.h"

namespace toolgate::app {
namespace {

constexpr Setting listening[] = {
    {"--listen", &Config::listen, "ADDRESS",
     "Address of the gateways and the AWS API; port 0: any free one"},
    {"--admin-listen", &Config::admin_listen, "ADDRESS",
     "Another address for the AWS API alone; else --listen"},
    {"--tls-listen", &Config::tls_listen, "ADDRESS|off",
     "Address of the TLS port; else 127.0.0.1:7879, or any free port when that is taken"},
    {"--tls-cert", &Config::tls_cert, "FILE", "PEM certificate chain for names that are not AWS's"},
    {"--tls-key", &Config::tls_key, "FILE", "PEM private key of --tls-cert"},
    {"--public-url", &Config::public_url, "URL", "URL under which clients reach --listen"},
    {"--allow-origin", &Config::allow_origins, "ORIGIN", "A browser origin that may call"},
    {"--endpoint-policy", &Config::endpoint_policy, "FILE",
     "File of a policy that says which gateways may be invoked here, and by whom"},
    {"--threads", &Config::threads, "0..256", "I/O threads; 0: one a core"},
};
constexpr Setting keeping[] = {
    {"--data-dir", &Config::data_dir, "DIRECTORY",
     "Where everything is kept; else $XDG_STATE_HOME/toolgate"},
    {"--master-key", &Config::master_key, "PATH",
     "File of the key that seals secrets; else $XDG_CONFIG_HOME/toolgate/master.key"},
    {"--store", &Config::store, "sqlite", "Where documents are kept"},
    {"--kms-check-seconds", &Config::kms_check_seconds, "1..3600",
     "Seconds between looks at the KMS keys of gateways and token vaults"},
};
constexpr Setting account[] = {
    {"--region", &Config::region, "REGION", "Region when a request names none"},
    {"--account", &Config::account, "ACCOUNT", "The account id"},
    {"--iam", &Config::iam, "on|off", "off: policies are not asked (loopback only)"},
    {"--strict", &Config::strict, "on|off",
     "on: targets and Python versions fail where AWS's do, instead of doing with less"},
    {"--quota-gateways", &Config::quota_gateways, "0..", "Gateways of the account"},
    {"--quota-targets", &Config::quota_targets, "0..", "Targets of a gateway"},
    {"--quota-oauth2-providers", &Config::quota_oauth2_providers, "0..", "OAuth2 providers"},
    {"--quota-api-key-providers", &Config::quota_api_key_providers, "0..", "API key providers"},
};
constexpr Setting outbound[] = {
    {"--allow-private", &Config::allow_private, "CIDR", "A private CIDR block that may be reached"},
    {"--resolve", &Config::resolve, "HOST:PORT=ADDRESS:PORT",
     "Address of a name, instead of a look-up"},
    {"--ca-file", &Config::ca_file, "PEM",
     "file of roots for outbound TLS instead of the system's"},
    {"--aws-endpoint", &Config::aws_endpoints, "SERVICE=URL",
     "Where targets, log deliveries and KMS keys reach a service of AWS"},
    {"--breaker-failures", &Config::breaker_failures, "0..",
     "Failed calls in a row after which a target is left alone for a while; 0: never"},
    {"--breaker-seconds", &Config::breaker_seconds, "1..3600", "For how long, at most"},
    {"--page-tools", &Config::page_tools, "1..", "Tools on a page of tools/list"},
};
constexpr Setting searching[] = {
    {"--search-model", &Config::search_model, "FILE|off",
     "File of the embedding model; off: tools are found by words alone"},
    {"--search-rate", &Config::search_rate, "0..",
     "Searches a minute that a gateway answers; 0: as many as come"},
    {"--embeddings-url", &Config::embeddings_url, "URL",
     "OpenAI-compatible .../v1/embeddings instead of the file"},
    {"--embeddings-model", &Config::embeddings_model, "NAME", "What the service calls its model"},
    {"--embeddings-key-file", &Config::embeddings_key_file, "FILE",
     "File of the service's API key"},
    {"--embeddings-key-provider", &Config::embeddings_key_provider, "NAME",
     "API key credential provider that holds the service's key, instead of a file"},
};
constexpr Setting models[] = {
    {"--model-endpoint", &Config::model_endpoint, "URL|none",
     "OpenAI-compatible endpoint that answers Converse; none: nobody does; else a stand-in"},
    {"--model-api-key-file", &Config::model_api_key_file, "FILE", "File of the endpoint's API key"},
    {"--model-name", &Config::model_names, "[PATTERN=]NAME",
     "What the endpoint calls a model; for those whose id is like PATTERN, if there is one"},
};
constexpr Setting programs[] = {
    {"--sandbox", &Config::sandbox, "auto|user|bubblewrap|landlock|off",
     "What confines child processes; off: nothing (loopback only)"},
    {"--runtime-sessions", &Config::runtime_sessions, "1..256",
     "Sessions of agent runtimes at a time, each a process; idle ones make place"},
    {"--function-concurrency", &Config::function_concurrency, "1..256",
     "Calls of Lambda functions that run at a time"},
    {"--function-retry-seconds", &Config::function_retry_seconds, "0..",
     "Until an asynchronous call that failed is tried again; twice that for the last time"},
};
constexpr Setting logs[] = {
    {"--log-level", &Config::log_level, "debug|info|warn|error|off", "What the log on stderr has"},
    {"--gateway-logs", &Config::gateway_logs, "on|off", "Invocations of gateways as log records"},
    {"--gateway-logs-rate", &Config::gateway_logs_rate, "0..",
     "MiB a second of invocations that are logged; 0: no bound"},
    {"--gateway-logs-interval", &Config::gateway_logs_interval, "1..3600",
     "Seconds between deliveries to buckets and streams"},
};
constexpr SettingGroup groups[] = {
    {"Listening", listening},
    {"Keeping", keeping},
    {"The account", account},
    {"Targets and other outbound connections", outbound},
    {"Search of tools", searching},
    {"Models (Converse)", models},
    {"Programs that run here", programs},
    {"Logs", logs},
};

Result<void> check(const Setting& setting, const std::string& value) {
  const auto checked = check_value(setting.form, value);
  if (checked) return {};
  return fail(Code::invalid, fmt::format("{}{}{}: expected {}", setting.flag,
                                         value.empty() ? "" : " ", value, checked.error().message));
}

struct Check {
  const Setting& setting;
  const Config& config;
  Result<void> operator()(std::string Config::* member) const {
    const std::string& value = config.*member;
    if (value.empty() && (Config{}.*member).empty()) return {};  // not given
    return check(setting, value);
  }
  Result<void> operator()(std::vector<std::string> Config::* member) const {
    for (const auto& value : config.*member) TRY_DO(check(setting, value));
    return {};
  }
  Result<void> operator()(std::size_t Config::* member) const {
    return check(setting, std::to_string(config.*member));
  }
};

// What is said of a service of embeddings needs one; the model beside the binary would answer.
Result<void> check_embeddings(const Config& config) {
  if (!config.embeddings_url.empty()) return {};
  for (const auto& setting : searching) {
    const auto* const member = std::get_if<std::string Config::*>(&setting.member);
    const bool is_of_service = std::string_view{setting.flag}.starts_with("--embeddings-");
    if (is_of_service && member != nullptr && !(config.**member).empty()) {
      return fail(Code::invalid,
                  fmt::format("{}: expected --embeddings-url with it", setting.flag));
    }
  }
  return {};
}

}  // namespace

std::span<const SettingGroup> setting_groups() { return groups; }

Result<void> check_settings(const Config& config) {
  for (const auto& group : groups) {
    for (const auto& setting : group.settings) {
      TRY_DO(std::visit(Check{setting, config}, setting.member));
    }
  }
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return fail(Code::invalid, "--tls-cert and --tls-key: expected both or neither");
  }
  TRY_DO(check_embeddings(config));
  if (config.public_url.find_first_of("?#") != std::string::npos) {
    return fail(Code::invalid,
                fmt::format("--public-url {}: expected a URL without a query", config.public_url));
  }
  return {};
}

std::vector<std::string> differences(const Config& a, const Config& b) {
  std::vector<std::string> flags;
  for (const auto& group : groups) {
    for (const auto& setting : group.settings) {
      const bool same =
          std::visit([&](auto member) { return a.*member == b.*member; }, setting.member);
      if (!same) flags.emplace_back(setting.flag);
    }
  }
  return flags;
}

}  // namespace toolgate::app
