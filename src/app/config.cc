#include "app/config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "store/data_dir.h"

namespace toolgate::app {
namespace {

using Member = std::variant<std::string Config::*, std::vector<std::string> Config::*,
                            std::size_t Config::*, bool Config::*>;

struct Setting {
  const char* flag;  // "--listen"; the environment variable and the file's key are made of it
  Member member;
  const char* help;
};

// Settings of `serve`; the other commands take what leads them to it.
const std::array settings{
    Setting{"--listen", &Config::listen, "Address of the gateways and the AWS API"},
    Setting{"--admin-listen", &Config::admin_listen, "Another address for the AWS API alone"},
    Setting{"--tls-listen", &Config::tls_listen, "Address of the TLS port, or off"},
    Setting{"--tls-cert", &Config::tls_cert, "PEM certificate chain for names that are not AWS's"},
    Setting{"--tls-key", &Config::tls_key, "PEM private key of --tls-cert"},
    Setting{"--public-url", &Config::public_url, "URL under which clients reach --listen"},
    Setting{"--data-dir", &Config::data_dir, "Where everything is kept"},
    Setting{"--master-key", &Config::master_key, "File of the key that seals secrets"},
    Setting{"--region", &Config::region, "Region when a request names none"},
    Setting{"--account", &Config::account, "The account id, 12 digits"},
    Setting{"--store", &Config::store, "sqlite"},
    Setting{"--iam", &Config::iam, "on, or off: policies are not asked (loopback only)"},
    Setting{"--strict", &Config::strict,
            "on: targets and Python versions fail where AWS's do, instead of doing with less"},
    Setting{"--log-level", &Config::log_level, "debug, info, warn, error or off"},
    Setting{"--gateway-logs", &Config::gateway_logs, "Invocations of gateways: on or off"},
    Setting{"--gateway-logs-rate", &Config::gateway_logs_rate,
            "MiB a second of invocations that are logged; 0: no bound"},
    Setting{"--gateway-logs-interval", &Config::gateway_logs_interval,
            "Seconds between deliveries to buckets and streams"},
    Setting{"--ca-file", &Config::ca_file, "PEM roots for outbound TLS instead of the system's"},
    Setting{"--allow-origin", &Config::allow_origins, "A browser origin that may call"},
    Setting{"--allow-private", &Config::allow_private, "A private CIDR block that may be reached"},
    Setting{"--resolve", &Config::resolve, "host:port=address:port, instead of a look-up"},
    Setting{"--endpoint-policy", &Config::endpoint_policy,
            "File of a policy that says which gateways may be invoked here, and by whom"},
    Setting{"--kms-check-seconds", &Config::kms_check_seconds,
            "Seconds between looks at the KMS keys of gateways and token vaults"},
    Setting{"--aws-endpoint", &Config::aws_endpoints,
            "SERVICE=URL: where targets, log deliveries and KMS keys reach a service of AWS"},
    Setting{"--model-endpoint", &Config::model_endpoint,
            "OpenAI-compatible URL that answers Converse, or none; else a stand-in does"},
    Setting{"--model-api-key-file", &Config::model_api_key_file, "File of the endpoint's API key"},
    Setting{"--model-name", &Config::model_names,
            "NAME or MODEL_ID_PATTERN=NAME: what the endpoint calls a model"},
    Setting{"--sandbox", &Config::sandbox,
            "Of child processes: auto, user, bubblewrap, landlock, or off (loopback only)"},
    Setting{"--search-model", &Config::search_model,
            "File of the embedding model, or off: tools are found by words alone"},
    Setting{"--embeddings-url", &Config::embeddings_url,
            "OpenAI-compatible .../v1/embeddings instead of the file"},
    Setting{"--embeddings-model", &Config::embeddings_model, "What the service calls its model"},
    Setting{"--embeddings-key-file", &Config::embeddings_key_file, "File of the service's API key"},
    Setting{"--embeddings-key-provider", &Config::embeddings_key_provider,
            "API key credential provider that holds the service's key, instead of a file"},
    Setting{"--search-rate", &Config::search_rate,
            "Searches a minute that a gateway answers; 0: as many as come"},
    Setting{"--threads", &Config::threads, "I/O threads; 0: one a core"},
    Setting{"--page-tools", &Config::page_tools, "Tools on a page of tools/list"},
    Setting{"--breaker-failures", &Config::breaker_failures,
            "Failed calls in a row after which a target is left alone for a while; 0: never"},
    Setting{"--breaker-seconds", &Config::breaker_seconds, "For how long, at most: 1 to 3600"},
    Setting{"--quota-gateways", &Config::quota_gateways, "Gateways of the account"},
    Setting{"--quota-targets", &Config::quota_targets, "Targets of a gateway"},
    Setting{"--quota-oauth2-providers", &Config::quota_oauth2_providers, "OAuth2 providers"},
    Setting{"--quota-api-key-providers", &Config::quota_api_key_providers, "API key providers"},
    Setting{"--function-concurrency", &Config::function_concurrency,
            "Calls of Lambda functions that run at a time"},
    Setting{"--function-retry-seconds", &Config::function_retry_seconds,
            "Until an asynchronous call that failed is tried again; twice that for the last time"},
    Setting{"--runtime-sessions", &Config::runtime_sessions,
            "Sessions of agent runtimes at a time, each a process; idle ones make place"},
};

// "--admin-listen" → "TOOLGATE_ADMIN_LISTEN"
std::string environment_name(std::string_view flag) {
  std::string name = "TOOLGATE_" + std::string{flag.substr(2)};
  std::ranges::transform(name, name.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return name;
}

// "--admin-listen" → "admin_listen"
std::string file_key(std::string_view flag) {
  std::string key{flag.substr(2)};
  std::ranges::replace(key, '-', '_');
  return key;
}

CLI::Option* add(CLI::App& app, Config& config, const Setting& setting) {
  CLI::Option* option = std::visit(
      [&](auto member) { return app.add_option(setting.flag, config.*member, setting.help); },
      setting.member);
  return option->envname(environment_name(setting.flag));
}

// Takes from the file what neither flag nor environment gave.
Result<void> read_file(Config& config, const std::vector<CLI::Option*>& options) {
  try {
    const YAML::Node file = YAML::LoadFile(config.config_file);
    for (const auto& entry : file) {
      const auto key = entry.first.as<std::string>();
      const auto row = std::ranges::find_if(
          settings, [&](const Setting& setting) { return file_key(setting.flag) == key; });
      if (row == settings.end()) {
        return fail(Code::invalid, fmt::format("{}: '{}' is no setting", config.config_file, key));
      }
      if (options[static_cast<std::size_t>(row - settings.begin())]->count() > 0) continue;
      std::visit(
          [&](auto member) {
            using Value = std::remove_reference_t<decltype(config.*member)>;
            config.*member = entry.second.as<Value>();
          },
          row->member);
    }
    return {};
  } catch (const YAML::Exception& error) {
    return fail(Code::invalid, fmt::format("{}: {}", config.config_file, error.what()));
  }
}

// What the settings leave open. `env` and `key` learn the master key's place from the server.
Result<void> set_paths(Config& config, bool serves) {
  if (config.data_dir.empty()) {
    TRY(config.data_dir, store::default_data_directory());
  }
  if (config.master_key.empty() && serves) {
    TRY(config.master_key, store::default_master_key_path());
  }
  return {};
}

Result<void> check(const Config& config) {
  if (config.account.size() != 12 ||
      !std::ranges::all_of(config.account, [](char c) { return c >= '0' && c <= '9'; })) {
    return fail(Code::invalid, "--account: expected 12 digits");
  }
  if (config.store != "sqlite") return fail(Code::invalid, "--store: expected sqlite");
  if (config.iam != "on" && config.iam != "off") {
    return fail(Code::invalid, "--iam: expected on or off");
  }
  if (config.strict != "on" && config.strict != "off") {
    return fail(Code::invalid, "--strict: expected on or off");
  }
  if (config.gateway_logs != "on" && config.gateway_logs != "off") {
    return fail(Code::invalid, "--gateway-logs: expected on or off");
  }
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return fail(Code::invalid, "--tls-cert and --tls-key: expected both or neither");
  }
  if (config.function_concurrency == 0 || config.function_concurrency > 256) {
    return fail(Code::invalid, "--function-concurrency: expected 1 to 256");
  }
  if (config.runtime_sessions == 0 || config.runtime_sessions > 256) {
    return fail(Code::invalid, "--runtime-sessions: expected 1 to 256");
  }
  if (config.kms_check_seconds == 0 || config.kms_check_seconds > 3'600) {
    return fail(Code::invalid, "--kms-check-seconds: expected 1 to 3600");
  }
  if (config.breaker_seconds == 0 || config.breaker_seconds > 3'600) {
    return fail(Code::invalid, "--breaker-seconds: expected 1 to 3600");
  }
  if (config.page_tools == 0) return fail(Code::invalid, "--page-tools: expected 1 or more");
  return {};
}

// What follows the first "--" of `toolgate run`: the command, whose flags are not ours.
std::vector<std::string> take_command(int& argc, char** argv) {
  if (argc < 2 || std::string_view{argv[1]} != "run") return {};
  char** const end = argv + argc;
  char** const dashes = std::find(argv + 2, end, std::string_view{"--"});
  if (dashes == end) return {};
  argc = static_cast<int>(dashes - argv);
  return {dashes + 1, end};
}

// env and run find the server, and change an environment.
void add_redirect(CLI::App& command, Config& config) {
  command.add_option("--shim", config.shim, "What Python's shim redirects: all, token or off")
      ->envname("TOOLGATE_SHIM");
  command.add_option("--constraint", config.constraints, "A requirement for pip and uv: 'mcp<2'");
}

}  // namespace

Parsed parse_command_line(int argc, char** argv) {
  Parsed parsed;
  parsed.command_line.words.assign(argv, argv + argc);
  parsed.command_line.arguments = take_command(argc, argv);
  // A command's own: CLI11 reads the environment for the options of all commands, and what it finds
  // for another's option would take the place of this one's flag.
  std::map<const CLI::App*, Config> configs;
  CLI::App app{"toolgate: MCP servers and APIs behind one MCP endpoint"};
  app.require_subcommand(1);

  CLI::App* serve = app.add_subcommand("serve", "Run the gateway");
  serve->add_option("--config", configs[serve].config_file, "YAML file of these settings")
      ->envname("TOOLGATE_CONFIG");
  std::vector<CLI::Option*> options;
  for (const auto& setting : settings) options.push_back(add(*serve, configs[serve], setting));

  CLI::App* env = app.add_subcommand("env", "Print export lines for the running gateway");
  env->add_flag("--python", configs[env].python, "Print a snippet for a notebook cell instead");
  CLI::App* key = app.add_subcommand("key", "Show or rotate the root access key");
  key->add_option("what", parsed.command_line.arguments, "show or rotate")->expected(0, 1);
  CLI::App* search = app.add_subcommand("search", "What a gateway's search tool finds, and why");
  search->add_option("words", parsed.command_line.arguments, "GATEWAY QUERY")
      ->expected(2)
      ->required();
  search->add_option("--search-model", configs[search].search_model, "File of the model, or off");
  CLI::App* explain =
      app.add_subcommand("explain", "Bring a target up for trial and show each step");
  explain->add_option("words", parsed.command_line.arguments, "GATEWAY TARGET, ids or names")
      ->expected(2)
      ->required();
  explain->add_flag("--json", configs[explain].json, "Print the steps as JSON");
  CLI::App* run =
      app.add_subcommand("run", "Run a command whose AWS calls come here: run -- COMMAND");
  for (CLI::App* command : {env, run}) add_redirect(*command, configs[command]);
  for (CLI::App* command : {env, run, key, search, explain}) {
    Config& config = configs[command];
    command->add_option("--data-dir", config.data_dir, "The server's data directory")
        ->envname("TOOLGATE_DATA_DIR");
    command->add_option("--master-key", config.master_key, "File of the key that seals secrets")
        ->envname("TOOLGATE_MASTER_KEY");
  }
  app.add_subcommand("version", "Print the version");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error);
    return parsed;
  }
  const CLI::App* chosen = app.get_subcommands().front();
  parsed.command_line.command = chosen->get_name();
  Config& config = parsed.command_line.config = configs[chosen];
  Result<void> done;
  if (!config.config_file.empty()) done = read_file(config, options);
  if (done) done = check(config);
  if (done) done = set_paths(config, parsed.command_line.command == "serve");
  if (!done) {
    std::fprintf(stderr, "toolgate: %s\n", done.error().message.c_str());
    parsed.exit_code = 2;
    return parsed;
  }
  return parsed;
}

std::vector<std::string> differences(const Config& a, const Config& b) {
  std::vector<std::string> flags;
  for (const auto& setting : settings) {
    const bool same =
        std::visit([&](auto member) { return a.*member == b.*member; }, setting.member);
    if (!same) flags.emplace_back(setting.flag);
  }
  return flags;
}

}  // namespace toolgate::app
