// Every setting: one member here and one row in settings.cc, which gives it a flag, an environment
// variable, a key of the configuration file, the form of its value and its help.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace toolgate::app {

struct Config {
  std::string listen = "127.0.0.1:7878";
  std::string admin_listen;  // empty: the same as listen
  std::string tls_listen;    // empty: 127.0.0.1:7879, or any port when that is taken; "off": none
  std::string tls_cert;      // PEM files of the user's own
  std::string tls_key;
  std::string public_url;  // empty: made of the listen address
  std::string data_dir;    // filled in: store::default_data_directory()
  std::string master_key;  // a file; `serve` fills in store::default_master_key_path()
  std::string region = "us-east-1";
  std::string account = "123456789012";
  std::string store = "sqlite";
  std::string iam = "on";
  std::string strict = "off";  // fail as AWS does, where we would go on with less
  std::string log_level = "info";
  std::string gateway_logs = "on";         // of invocations
  std::size_t gateway_logs_rate = 8;       // MiB a second; 0: as many as come
  std::size_t gateway_logs_interval = 60;  // seconds, of deliveries to buckets and streams
  std::string config_file;
  std::string ca_file;         // roots of outbound TLS
  std::string model_endpoint;  // a URL; "none"; empty: a stand-in answers
  std::string model_api_key_file;
  std::vector<std::string> model_names;  // "PATTERN=NAME" or "NAME"
  std::string search_model;              // a file; "off"; empty: beside the binary
  std::string embeddings_url;            // of an OpenAI-compatible service instead of the file
  std::string embeddings_model;
  std::string embeddings_key_file;
  std::string embeddings_key_provider;  // an API key credential provider's name
  std::size_t search_rate = 0;          // searches a minute of a gateway; 0: as many as come
  std::vector<std::string> allow_origins;
  std::vector<std::string> allow_private;  // CIDR blocks
  std::vector<std::string> resolve;        // "host:port=address:port"
  std::string endpoint_policy;             // a file
  std::size_t kms_check_seconds = 60;      // between looks at customers' KMS keys
  std::vector<std::string> aws_endpoints;  // "SERVICE=URL": of targets and deliveries
  std::string sandbox = "auto";            // of child processes
  std::size_t threads = 0;                 // 0: one a core
  std::size_t page_tools = 1'000;          // of tools/list
  std::size_t breaker_failures = 10;       // of a target in a row, until it is left alone; 0: never
  std::size_t breaker_seconds = 30;        // for which it is, at most
  std::size_t quota_gateways = 1'000;
  std::size_t quota_targets = 100;
  std::size_t quota_oauth2_providers = 50;
  std::size_t quota_api_key_providers = 50;
  std::size_t function_concurrency = 64;    // calls of Lambda functions at a time
  std::size_t function_retry_seconds = 60;  // before an event's second attempt; twice for the third
  std::size_t runtime_sessions = 16;        // of agent runtimes, each a process
  bool python = false;                      // toolgate env --python
  bool json = false;                        // toolgate explain --json
  std::string shim = "token";               // of env and run: all, token or off
  std::vector<std::string> constraints;     // of env and run: requirements for pip and uv
};

// What the command line asks for.
struct CommandLine {
  std::string command;                 // "serve", "env", …: app/commands.cc
  std::vector<std::string> arguments;  // of the command; of run: the command to run
  Config config;
  std::vector<std::string> words;  // as they were given, to read the settings again
};

// Reads command line, environment (TOOLGATE_LISTEN, …) and the YAML file of --config, in this order
// of precedence. `exit_code` is set when there is nothing left to do (help was printed, or an error
// was: which option, what was expected); the answer is then meaningless.
struct Parsed {
  CommandLine command_line;
  int exit_code = -1;
};
[[nodiscard]] Parsed parse_command_line(int argc, char** argv);

// Flags of the settings of `serve` in which two configurations differ.
[[nodiscard]] std::vector<std::string> differences(const Config& a, const Config& b);

}  // namespace toolgate::app
