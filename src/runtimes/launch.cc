#include "runtimes/launch.h"

#include <algorithm>

#include "base/text.h"
#include "runtimes/dockerfile_lines.h"
#include "runtimes/hooks.h"
#include "runtimes/shims.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_python(std::string_view word) {
  if (const auto slash = word.rfind('/'); slash != word.npos) word.remove_prefix(slash + 1);
  return word.starts_with("python") && word.find_first_not_of("0123456789.", 6) == word.npos;
}

// Only the tracer's package has this program; without it the server itself is started.
bool is_missing_tracer(const Launch& launch, std::string_view word) {
  return word == "opentelemetry-instrument" &&
         !is_there(launch.python.folder / "bin/opentelemetry-instrument");
}

std::vector<std::string> arguments_of(const Launch& launch) {
  std::vector<std::string> argv;
  for (const auto& word : launch.recipe.command) {
    if (argv.empty() && is_missing_tracer(launch, word)) continue;
    const bool in_tree =
        word.size() > 1 && word.starts_with('/') && is_there(launch.tree / word.substr(1));
    argv.push_back(in_tree ? (launch.tree / word.substr(1)).string() : word);
  }
  const auto python = std::ranges::find_if(argv, is_python);
  if (python != argv.end() && python - argv.begin() < 2) {
    *python = launch.python.folder.empty() ? launch.python.interpreter.program
                                           : (launch.python.folder / "bin/python").string();
  }
  return argv;
}

std::string search_path(const Launch& launch) {
  std::vector<std::string> folders;
  if (!launch.python.folder.empty()) folders.push_back(launch.python.folder / "bin");
  const fs::path program = launch.python.interpreter.program;
  if (!program.empty()) folders.push_back(program.parent_path());
  if (!launch.node.empty()) folders.push_back(fs::path{launch.node}.parent_path());
  folders.insert(folders.end(), {"/usr/local/bin", "/usr/bin", "/bin"});
  return join(folders, ":");
}

// Host names of AWS that a program spells out: a pool's token endpoint, its keys.
void add_shim(const AwsPlace& place, Variables& all) {
  if (place.tls.empty()) return;
  for (const auto* name : {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE",
                           "NODE_EXTRA_CA_CERTS"}) {
    set_variable(all, name, place.ca_file);
  }
  set_variable(all, std::string{shim_domains_variable}, place.domains);
  set_variable(all, std::string{shim_tls_variable}, authority_of(place.tls));
  set_variable(all, std::string{shim_http_variable}, authority_of(place.endpoint));
}

void add_aws(const Launch::Aws& aws, Variables& all) {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    set_variable(all, name, aws.region);
  }
  for (const auto* name :
       {"AWS_ENDPOINT_URL", "BEDROCK_AGENTCORE_CP_ENDPOINT", "BEDROCK_AGENTCORE_DP_ENDPOINT"}) {
    set_variable(all, name, aws.place.endpoint);
  }
  set_variable(all, "AWS_CONTAINER_CREDENTIALS_FULL_URI", aws.credentials_url);
  set_variable(all, "AWS_CONTAINER_AUTHORIZATION_TOKEN", aws.credentials_token);
  set_variable(all, "AWS_EC2_METADATA_DISABLED", "true");
  set_variable(all, "AGENTCORE_RUNTIME_URL", aws.invocation_url);
  add_shim(aws.place, all);
}

void put_before(Variables& all, const std::string& name, const std::string& value, char between) {
  const auto found = std::ranges::find(all, name, &Variables::value_type::first);
  const bool there = found != all.end() && !found->second.empty();
  set_variable(all, name, there ? value + between + found->second : value);
}

Variables variables_of(const Launch& launch) {
  Variables all = launch.recipe.environment;
  std::erase_if(all, [](const auto& pair) { return pair.first == "PATH"; });
  set_variable(all, "PATH", search_path(launch));
  set_variable(all, "HOME", launch.scratch);
  set_variable(all, "TMPDIR", launch.scratch);
  set_variable(all, "LANG", "C.UTF-8");
  set_variable(all, "PYTHONUNBUFFERED", "1");
  set_variable(all, "DOCKER_CONTAINER", "1");
  add_aws(launch.aws, all);
  for (const auto& [name, value] : launch.variables) set_variable(all, name, value);
  set_variable(all, std::string{port_wanted_variable}, std::to_string(launch.port_wanted));
  set_variable(all, std::string{port_given_variable}, std::to_string(launch.port_given));
  set_variable(all, std::string{python_hook_variable}, launch.hooks / python_hook_name);
  put_before(all, "PYTHONPATH", launch.hooks, ':');
  for (const auto name : {node_shim_name, node_hook_name}) {
    put_before(all, "NODE_OPTIONS", node_option((launch.hooks / name).string()), ' ');
  }
  return all;
}

}  // namespace

processes::Command command_of(const Launch& launch) {
  processes::Command command;
  command.argv = arguments_of(launch);
  command.environment = variables_of(launch);
  command.directory = launch.tree / launch.recipe.directory;
  for (const auto& program : {launch.python.interpreter.program, launch.node}) {
    if (program.empty()) continue;
    const auto needed = readable_for(program);
    command.readable.insert(command.readable.end(), needed.begin(), needed.end());
  }
  command.readable.insert(command.readable.end(), {launch.tree, launch.hooks});
  if (!launch.python.folder.empty()) command.readable.push_back(launch.python.folder);
  if (!launch.aws.place.ca_file.empty()) {
    command.readable.push_back(launch.aws.place.ca_file);
  }
  command.writable = {launch.scratch};
  command.bounds.memory_bytes_max = launch.memory_bytes_max;
  return command;
}

}  // namespace toolgate::runtimes
