#include "app/config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <memory>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "app/commands.h"
#include "app/settings.h"
#include "app/values.h"
#include "base/file.h"
#include "base/text.h"
#include "store/data_dir.h"

namespace toolgate::app {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

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

// "Tools on a page (default: 1000)": what holds when the setting is not given.
std::string help_of(const Config& config, const Setting& setting) {
  const auto text = std::visit(
      [&](auto member) -> std::string {
        using Value = std::remove_cvref_t<decltype(config.*member)>;
        if constexpr (std::is_same_v<Value, std::string>) return config.*member;
        if constexpr (std::is_same_v<Value, std::size_t>) return std::to_string(config.*member);
        return "";
      },
      setting.member);
  return text.empty() ? setting.help : fmt::format("{} (default: {})", setting.help, text);
}

// CLI11 takes "-1" and what is too long for large numbers, and says of others only that they are
// none.
std::string no_number(const Setting& setting, const std::string& value) {
  const auto checked = check_value(setting.form, value);
  return checked ? "" : fmt::format("expected {}, not {}", checked.error().message, value);
}

CLI::Option* add(CLI::App& app, Config& config, const Setting& setting) {
  CLI::Option* option = std::visit(
      [&](auto member) {
        return app.add_option(setting.flag, config.*member, help_of(config, setting));
      },
      setting.member);
  if (std::holds_alternative<std::size_t Config::*>(setting.member)) {
    option->check([&setting](const std::string& value) { return no_number(setting, value); });
  }
  return option->envname(environment_name(setting.flag))->type_name(setting.form);
}

void add_settings(CLI::App& serve, Config& config) {
  for (const auto& group : setting_groups()) {
    for (const auto& setting : group.settings) add(serve, config, setting)->group(group.title);
  }
}

const Setting* setting_of(std::string_view key) {
  for (const auto& group : setting_groups()) {
    for (const auto& setting : group.settings) {
      if (file_key(setting.flag) == key) return &setting;
    }
  }
  return nullptr;
}

// One entry of the file, unless flag or environment gave the setting.
Result<void> take(Config& config, const CLI::App& serve, const std::string& key,
                  const YAML::Node& value) {
  const Setting* setting = setting_of(key);
  if (setting == nullptr) return fail(Code::invalid, fmt::format("'{}' is no setting", key));
  if (serve.count(setting->flag) > 0) return {};
  try {
    std::visit(
        [&](auto member) {
          using Value = std::remove_reference_t<decltype(config.*member)>;
          config.*member = value.as<Value>();
        },
        setting->member);
    return {};
  } catch (const YAML::Exception&) {
    const bool many = std::holds_alternative<std::vector<std::string> Config::*>(setting->member);
    return fail(Code::invalid,
                fmt::format("{}: expected {}{}", key, setting->form, many ? ", as a list" : ""));
  }
}

Result<void> read_file(Config& config, const CLI::App& serve) {
  const std::string& path = config.config_file;
  if (const auto readable = check_value("FILE", path); !readable) {
    return fail(Code::invalid,
                fmt::format("--config {}: expected {}", path, readable.error().message));
  }
  try {
    // Not YAML::LoadFile: it throws what is no exception of YAML's where reading fails.
    TRY(const std::string text, toolgate::read_file(path, file_bytes_max));
    const YAML::Node file = YAML::Load(text);
    if (!file.IsMap() && !file.IsNull()) {
      return fail(Code::invalid, path + ": expected settings, each as \"name: value\"");
    }
    std::map<std::string, int> lines;
    for (const auto& entry : file) {
      const auto key = entry.first.as<std::string>();
      const int line = entry.first.Mark().line + 1;
      const auto [first, is_first] = lines.emplace(key, line);
      const auto taken = is_first ? take(config, serve, key, entry.second)
                                  : fail(Code::invalid, fmt::format("{}: expected once, but it is "
                                                                    "on line {} too",
                                                                    key, first->second));
      if (!taken) {
        return fail(Code::invalid, fmt::format("{}:{}: {}", path, line, taken.error().message));
      }
    }
    return {};
  } catch (const YAML::Exception& error) {
    return fail(Code::invalid,
                fmt::format("{}:{}: no YAML: {}", path, error.mark.line + 1, error.msg));
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

// What flags and environment leave open. `serve` is null for the other commands.
Result<void> settle(Config& config, const CLI::App* serve) {
  if (serve != nullptr) {
    if (!config.config_file.empty()) TRY_DO(read_file(config, *serve));
    TRY_DO(check_settings(config));
  }
  return set_paths(config, serve != nullptr);
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

// CLI11 says of a command that is none only that one is missing.
std::string what_is_wrong(CLI::App& app, const CommandLine& given, const CLI::ParseError& error) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    commands.push_back(command->get_name());
  }
  const std::string first = given.words.size() > 1 ? given.words[1] : "";
  const bool known = std::ranges::find(commands, first) != commands.end();
  if (known)
    return fmt::format("{}: {} (toolgate {} --help says more)", first, error.what(), first);
  return fmt::format("{}{}expected a command: {} (toolgate --help says more)", first,
                     first.empty() ? "" : ": ", join(commands, ", "));
}

// What search and explain are about: a gateway, and a second word.
using Named = std::array<std::string, 2>;
struct Second {
  const char* name;
  const char* help;
};
void add_named(CLI::App& command, Named& named, const Second& second) {
  command.add_option("GATEWAY", named[0], "Its id or name")->type_name("")->required();
  command.add_option(second.name, named[1], second.help)->type_name("")->required();
}

// Where all but serve find the server.
void add_place(CLI::App& command, Config& config) {
  command.add_option("--data-dir", config.data_dir, "The server's data directory")
      ->envname("TOOLGATE_DATA_DIR")
      ->type_name("DIRECTORY");
  command.add_option("--master-key", config.master_key, "File of the key that seals secrets")
      ->envname("TOOLGATE_MASTER_KEY")
      ->type_name("PATH");
}

// env and run change an environment.
void add_redirect(CLI::App& command, Config& config) {
  command
      .add_option("--shim", config.shim,
                  "Names that the shims of Python and Node redirect (default: token)")
      ->envname("TOOLGATE_SHIM")
      ->type_name("all|token|off");
  command.add_option("--constraint", config.constraints, "A requirement for pip and uv: 'mcp<2'")
      ->type_name("REQUIREMENT");
}

}  // namespace

Parsed parse_command_line(int argc, char** argv) {
  Parsed parsed;
  parsed.command_line.words.assign(argv, argv + argc);
  parsed.command_line.arguments = take_command(argc, argv);
  // A command's own: CLI11 reads the environment for the options of all commands, and what it finds
  // for another's option would take the place of this one's flag.
  std::map<const CLI::App*, Config> configs;
  CLI::App app{"toolgate: MCP servers and APIs behind one MCP endpoint", "toolgate"};
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("toolgate {}", version_text));
  CLI::App* serve = app.add_subcommand("serve", "Run the gateway, until SIGTERM or Ctrl-C");
  serve->footer(
      "Each flag is also an environment variable, --data-dir for one TOOLGATE_DATA_DIR, "
      "and a key of\nthe file of --config, data_dir. A flag goes before the environment, "
      "the environment before the file.");
  serve->add_option("--config", configs[serve].config_file, "YAML file of these settings")
      ->envname("TOOLGATE_CONFIG")
      ->type_name("FILE");
  add_settings(*serve, configs[serve]);

  CLI::App* env = app.add_subcommand("env", "Print export lines for the running gateway");
  env->add_flag("--python", configs[env].python, "Print a snippet for a notebook cell instead");
  CLI::App* run =
      app.add_subcommand("run", "Run a command whose AWS calls come here: run -- COMMAND");
  run->footer(
      "toolgate run [OPTIONS] -- COMMAND [ARGUMENTS]\n"
      "The command's exit status and signals are its own.");
  CLI::App* key = app.add_subcommand("key", "Show or rotate the root access key");
  key->add_option("what", parsed.command_line.arguments, "show (default) or rotate")
      ->type_name("")
      ->expected(0, 1);
  Named named;
  CLI::App* search = app.add_subcommand("search", "What a gateway's search tool finds, and why");
  add_named(*search, named, {"QUERY", "What is wanted, in anybody's words"});
  search->add_option("--search-model", configs[search].search_model, "The embedding model")
      ->type_name("FILE|off");
  CLI::App* explain =
      app.add_subcommand("explain", "Bring a target up for trial and show each step");
  add_named(*explain, named, {"TARGET", "Its id or name"});
  explain->add_flag("--json", configs[explain].json, "Print the steps as JSON");
  for (CLI::App* command : {env, run}) add_redirect(*command, configs[command]);
  for (CLI::App* command : {env, run, key, search, explain}) add_place(*command, configs[command]);
  app.add_subcommand("version", "Print the version");
  // Last, because a command takes over what its parent has at that moment.
  app.footer(
      "toolgate COMMAND --help says more of each. First: toolgate serve, and in another\n"
      "terminal toolgate run -- COMMAND, or eval \"$(toolgate env)\".");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& shown) {  // help, version
    parsed.exit_code = app.exit(shown);
    return parsed;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "toolgate: %s\n", what_is_wrong(app, parsed.command_line, error).c_str());
    parsed.exit_code = usage_error;
    return parsed;
  }
  const CLI::App* chosen = app.get_subcommands().front();
  parsed.command_line.command = chosen->get_name();
  Config& config = parsed.command_line.config = configs[chosen];
  if (chosen == search || chosen == explain) {
    parsed.command_line.arguments.assign(named.begin(), named.end());
  }
  if (const auto done = settle(config, chosen == serve ? serve : nullptr); !done) {
    std::fprintf(stderr, "toolgate: %s\n", done.error().message.c_str());
    parsed.exit_code = usage_error;
  }
  return parsed;
}

}  // namespace toolgate::app
