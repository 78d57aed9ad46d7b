#include "runtimes/pip_commands.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.h"
#include "runtimes/dockerfile_lines.h"

namespace toolgate::runtimes {
namespace {

using Command = std::vector<std::string>;

// Options of `pip install` with a value: those that a requirements file can say too are kept.
constexpr std::array<std::string_view, 6> kept_options{"-i", "--index-url",  "--extra-index-url",
                                                       "-f", "--find-links", "--trusted-host"};
constexpr std::array<std::string_view, 12> dropped_options{
    "--target",   "-t",          "--prefix",  "--root",           "--python",       "-p",
    "--platform", "--cache-dir", "--timeout", "--python-version", "--progress-bar", "--retries"};

bool is_separator(std::string_view word) {
  return word == ";" || word == "&&" || word == "||" || word == "|" || word == "&";
}

std::vector<Command> commands_of(std::string_view line) {
  std::vector<Command> commands(1);
  for (auto& word : shell_words(line)) {
    if (is_separator(word)) {
      commands.emplace_back();
    } else {
      commands.back().push_back(std::move(word));
    }
  }
  std::erase_if(commands, [](const Command& command) { return command.empty(); });
  return commands;
}

std::string below(std::string_view folder, std::string_view path) {
  if (path.starts_with('/')) return std::string{path};
  return (std::filesystem::path{folder} / path).lexically_normal().string();
}

// Where the words behind `install` begin; 0 for another command.
std::size_t arguments_of_install(const Command& command) {
  std::size_t at = 0;
  const auto is = [&](std::size_t index, std::string_view word) {
    return index < command.size() && command[index] == word;
  };
  if (is(at, "uv")) ++at;
  const bool module = at < command.size() && command[at].starts_with("python") && is(at + 1, "-m");
  if (module) at += 2;
  if (!is(at, "pip") && !is(at, "pip3")) return 0;
  return is(at + 1, "install") ? at + 2 : 0;
}

bool is_project(std::string_view word) {
  return word == "." || word.starts_with("./") || word.starts_with("../") || word.starts_with('/');
}

class Reader {
 public:
  PipInstalls read(std::string_view line) {
    for (const auto& command : commands_of(line)) take(command);
    return std::move(found_);
  }

 private:
  void take(const Command& command) {
    if (command.front() == "cd" && command.size() == 2) {
      folder_ = below(folder_, command[1]);
    } else if (const auto arguments = arguments_of_install(command); arguments != 0) {
      install(command, arguments);
    } else if (command.front() == "uv" && command.size() > 1 && command[1] == "sync") {
      found_.projects.push_back(below(folder_, "."));
    } else {
      found_.others.push_back(join(command, " "));
    }
  }

  void install(const Command& command, std::size_t at) {
    for (; at < command.size(); ++at) {
      std::string word = command[at];
      std::string value;
      if (const auto equals = word.find('='); word.starts_with("--") && equals != word.npos) {
        value = word.substr(equals + 1);
        word.resize(equals);
      }
      const auto take_value = [&] {
        if (value.empty() && at + 1 < command.size()) value = command[++at];
        return value;
      };
      if (word == "-r" || word == "--requirement" || word == "--requirements") {
        found_.requirement_files.push_back(below(folder_, take_value()));
      } else if (word == "-c" || word == "--constraint") {
        found_.requirements.push_back("-c " + below(folder_, take_value()));
      } else if (word == "-e" || word == "--editable") {
        add(take_value());
      } else if (std::ranges::find(kept_options, word) != kept_options.end()) {
        found_.requirements.push_back(word + ' ' + take_value());
      } else if (std::ranges::find(dropped_options, word) != dropped_options.end()) {
        take_value();
      } else if (!word.starts_with('-')) {
        add(word);
      }
    }
  }

  void add(const std::string& word) {
    if (is_project(word)) {
      found_.projects.push_back(below(folder_, word));
    } else if (!word.empty()) {
      found_.requirements.push_back(word);
    }
  }

  PipInstalls found_;
  std::string folder_;
};

}  // namespace

PipInstalls pip_installs(std::string_view shell_line) { return Reader{}.read(shell_line); }

}  // namespace toolgate::runtimes
