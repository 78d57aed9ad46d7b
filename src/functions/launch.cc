#include "functions/launch.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "functions/bootstraps.h"
#include "runtimes/environment.h"
#include "runtimes/shims.h"

namespace toolgate::functions {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 25> reserved{"_HANDLER",
                                                    "_X_AMZN_TRACE_ID",
                                                    "AWS_DEFAULT_REGION",
                                                    "AWS_REGION",
                                                    "AWS_EXECUTION_ENV",
                                                    "AWS_LAMBDA_FUNCTION_NAME",
                                                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                    "AWS_LAMBDA_FUNCTION_VERSION",
                                                    "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                    "AWS_LAMBDA_LOG_GROUP_NAME",
                                                    "AWS_LAMBDA_LOG_STREAM_NAME",
                                                    "AWS_ACCESS_KEY",
                                                    "AWS_ACCESS_KEY_ID",
                                                    "AWS_SECRET_ACCESS_KEY",
                                                    "AWS_SESSION_TOKEN",
                                                    "AWS_LAMBDA_RUNTIME_API",
                                                    "LAMBDA_TASK_ROOT",
                                                    "LAMBDA_RUNTIME_DIR",
                                                    "AWS_SECRET_KEY",
                                                    "AWS_SECURITY_TOKEN",
                                                    "AWS_LAMBDA_METADATA_API",
                                                    "AWS_LAMBDA_METADATA_TOKEN",
                                                    "AWS_LAMBDA_MAX_CONCURRENCY",
                                                    "_TOOLGATE_MARK",
                                                    "_LAMBDA_TELEMETRY_LOG_FD"};

// A function prints as fast as it can: its log is what is bounded, not the program.
constexpr std::uint64_t output_bytes_per_second_max = 256ULL * 1024 * 1024;

int number_behind(std::string_view text, std::string_view prefix) {
  int number = -1;
  if (text.starts_with(prefix)) {
    std::from_chars(text.data() + prefix.size(), text.data() + text.size(), number);
  }
  return number;
}

using Variables = std::vector<std::pair<std::string, std::string>>;

void set(Variables& all, std::string_view name, std::string value) {
  const auto found = std::ranges::find(all, name, &Variables::value_type::first);
  if (found != all.end()) {
    found->second = std::move(value);
  } else {
    all.emplace_back(name, std::move(value));
  }
}

// What a function may change.
Variables defaults_of(const Launch& launch) {
  Variables all{{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                {"HOME", launch.scratch},
                {"TMPDIR", launch.scratch},
                {"LANG", "en_US.UTF-8"},
                {"TZ", ":UTC"},
                {"PYTHONIOENCODING", "utf-8"},
                {"PYTHONUTF8", "1"},
                {"AWS_EC2_METADATA_DISABLED", "true"},
                {"AWS_ENDPOINT_URL", launch.aws.endpoint},
                {"BEDROCK_AGENTCORE_CP_ENDPOINT", launch.aws.endpoint},
                {"BEDROCK_AGENTCORE_DP_ENDPOINT", launch.aws.endpoint}};
  if (!launch.packages.empty()) set(all, "PYTHONPATH", launch.packages);
  if (launch.aws.tls.empty()) return all;
  for (const auto* name :
       {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}) {
    set(all, name, launch.aws.ca_file);
  }
  return all;
}

Variables variables_of(const Launch& launch, Family family) {
  const Function& function = launch.function;
  Variables all = defaults_of(launch);
  for (const auto& [name, value] : function.variables) set(all, name, value);
  set(all, "_HANDLER", function.handler);
  set(all, "AWS_REGION", function.place.region);
  set(all, "AWS_DEFAULT_REGION", function.place.region);
  set(all, "AWS_LAMBDA_FUNCTION_NAME", function.name);
  set(all, "AWS_LAMBDA_FUNCTION_VERSION", function.version);
  set(all, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(function.memory_mb));
  set(all, "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  set(all, "AWS_LAMBDA_LOG_FORMAT", function.log_form.json ? "JSON" : "Text");
  if (function.log_form.json) {
    set(all, "AWS_LAMBDA_LOG_LEVEL", std::string{name_of(function.log_form.application)});
  }
  set(all, "AWS_LAMBDA_LOG_GROUP_NAME", function.log_group);
  set(all, "AWS_LAMBDA_LOG_STREAM_NAME", launch.log_stream);
  set(all, "AWS_LAMBDA_RUNTIME_API", launch.runtime_api);
  set(all, "AWS_ACCESS_KEY_ID", launch.credentials.access_key_id);
  set(all, "AWS_SECRET_ACCESS_KEY", launch.credentials.secret_access_key);
  set(all, "AWS_SESSION_TOKEN", launch.credentials.session_token);
  set(all, "LAMBDA_TASK_ROOT", launch.tree);
  set(all, "LAMBDA_RUNTIME_DIR", launch.bootstraps);
  if (family == Family::provided) return all;  // these are not told what runs them
  set(all, "AWS_EXECUTION_ENV", "AWS_Lambda_" + function.runtime);
  set(all, mark_variable, launch.mark);
  if (launch.aws.tls.empty()) return all;
  // For the shims; the bootstraps take them away before the code sees them.
  set(all, runtimes::shim_domains_variable, launch.aws.domains);
  set(all, runtimes::shim_tls_variable, runtimes::authority_of(launch.aws.tls));
  set(all, runtimes::shim_http_variable, runtimes::authority_of(launch.aws.endpoint));
  return all;
}

}  // namespace

std::optional<Family> family_of(std::string_view runtime) {
  if (number_behind(runtime, "python3.") >= 8) return Family::python;
  if (number_behind(runtime, "nodejs") >= 16) return Family::node;
  if (runtime.starts_with("provided")) return Family::provided;
  return std::nullopt;
}

std::string_view known_runtimes() { return "python3.8 or later, nodejs16.x or later, provided.*"; }

bool is_reserved(std::string_view variable) {
  return std::ranges::find(reserved, variable) != reserved.end();
}

Result<processes::Command> command_of(const Launch& launch) {
  const auto family = family_of(launch.function.runtime);
  if (!family) return fail(Code::unavailable, "no program for " + launch.function.runtime);
  processes::Command command;
  std::error_code error;
  if (*family == Family::python) {
    TRY(const auto interpreter,
        runtimes::choose_interpreter(launch.machine.programs->interpreters(),
                                     launch.function.runtime.substr(sizeof "python" - 1),
                                     launch.machine.substitutes));
    command.argv = {interpreter.program, launch.bootstraps / python_bootstrap_name};
    command.readable = runtimes::readable_for(interpreter.program);
  } else if (*family == Family::node) {
    const std::string& node = launch.machine.programs->node();
    if (node.empty()) {
      return fail(Code::unavailable, "Node is not installed on this machine");
    }
    command.argv = {node, launch.bootstraps / node_bootstrap_name};
    command.readable = runtimes::readable_for(node);
  } else {
    const fs::path bootstrap = launch.tree / "bootstrap";
    if (!fs::is_regular_file(bootstrap, error)) {
      return fail(Code::invalid, "Couldn't find valid bootstrap(s): [bootstrap]");
    }
    command.argv = {bootstrap};
  }
  command.environment = variables_of(launch, *family);
  command.directory = launch.tree;
  command.readable.insert(command.readable.end(), {launch.tree, launch.bootstraps});
  if (!launch.packages.empty()) command.readable.push_back(launch.packages);
  if (!launch.aws.tls.empty()) command.readable.push_back(launch.aws.ca_file);
  command.writable = {launch.scratch};
  command.bounds.memory_bytes_max = launch.function.memory_mb * 1024 * 1024;
  command.bounds.output_bytes_per_second_max = output_bytes_per_second_max;
  return command;
}

}  // namespace toolgate::functions
