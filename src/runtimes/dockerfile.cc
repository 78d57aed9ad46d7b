#include "runtimes/dockerfile.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "runtimes/dockerfile_lines.h"
#include "runtimes/pip_commands.h"

namespace toolgate::runtimes {
namespace {

// Say nothing about running without a container.
constexpr std::array<std::string_view, 8> without_effect{
    "EXPOSE", "LABEL", "MAINTAINER", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "SHELL"};

std::unexpected<Error> broken(const Instruction& at, std::string_view why) {
  return fail(Code::invalid, fmt::format("Dockerfile line {}: {} {}", at.line, at.word, why));
}

// ["a", "b"] as its words; nothing when it is not of that form.
std::optional<std::vector<std::string>> json_words(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const auto& word : parsed->get_array()) {
    if (!word.is_string()) return std::nullopt;
    words.emplace_back(word.get_string());
  }
  return words;
}

// "python:3.12-slim" and "…/uv:python3.13-bookworm" name a version; others do not.
std::string python_of(std::string_view image) {
  const auto at = image.rfind("python");
  if (at == std::string_view::npos) return {};
  auto rest = image.substr(at + 6);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  std::size_t end = 0;
  std::size_t dots = 0;
  while (end < rest.size() && ((rest[end] >= '0' && rest[end] <= '9') || rest[end] == '.')) {
    if (rest[end] == '.' && ++dots == 2) break;
    ++end;
  }
  const auto version = rest.substr(0, end);
  return version.starts_with("3.") && version.size() > 2 ? std::string{version} : std::string{};
}

// The path below a root that ".." cannot leave, without slashes at its ends. By hand:
// std::filesystem keeps the two slashes of "//", and what is joined to it would be absolute.
std::string below_root(std::string_view path) {
  std::vector<std::string> parts;
  for (const auto part : split(path, '/')) {
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
  }
  return join(parts, "/");
}

class Reader {
 public:
  Result<Dockerfile> read(std::string_view text) {
    TRY(const auto instructions, instructions_of(text));
    for (const auto& instruction : instructions) TRY_DO(take(instruction));
    if (file_.base.empty()) return fail(Code::invalid, "The Dockerfile has no FROM");
    file_.recipe.command = entrypoint_;
    // A shell-form ENTRYPOINT ignores CMD (Dockerfile reference, "CMD and ENTRYPOINT interact").
    if (!shell_entrypoint_) {
      file_.recipe.command.insert(file_.recipe.command.end(), command_.begin(), command_.end());
    }
    if (file_.recipe.command.empty()) {
      return fail(Code::invalid, "The Dockerfile has neither CMD nor ENTRYPOINT");
    }
    return std::move(file_);
  }

 private:
  Result<void> take(const Instruction& at) {
    if (at.word == "FROM") return from(at);
    if (at.word == "ARG") return argument(at);
    if (file_.base.empty()) return broken(at, "stands before FROM");
    if (at.word == "ENV") return environment(at);
    if (at.word == "WORKDIR") return directory(at);
    if (at.word == "COPY" || at.word == "ADD") return copy(at);
    if (at.word == "RUN") return run(at);
    if (at.word == "CMD") {
      command_ = words_or_shell(at.rest).first;
      return {};
    }
    if (at.word == "ENTRYPOINT") {
      std::tie(entrypoint_, shell_entrypoint_) = words_or_shell(at.rest);
      command_.clear();  // "resets any CMD" of the base (Dockerfile reference)
      return {};
    }
    if (std::ranges::find(without_effect, at.word) != without_effect.end()) return {};
    return broken(at, "is not an instruction that is served");
  }

  Result<void> from(const Instruction& at) {
    const auto words = shell_words(expand(at.rest, arguments_));
    const auto image = std::ranges::find_if(
        words, [](const std::string& word) { return !word.starts_with("--"); });
    if (image == words.end()) return broken(at, "names no image");
    file_ = Dockerfile{};  // the last stage counts
    file_.base = *image;
    file_.recipe.python = python_of(*image);
    command_.clear();
    entrypoint_.clear();
    shell_entrypoint_ = false;
    return {};
  }

  Result<void> argument(const Instruction& at) {
    for (const auto& word : shell_words(expand(at.rest, all_variables()))) {
      const auto equals = word.find('=');
      if (equals == std::string::npos) continue;
      set_variable(arguments_, word.substr(0, equals), word.substr(equals + 1));
    }
    return {};
  }

  Result<void> environment(const Instruction& at) {
    const std::string rest = expand(at.rest, all_variables());
    const auto words = shell_words(rest);
    if (words.empty() || words.front().find('=') != std::string::npos) {
      for (const auto& word : words) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0) return broken(at, "expects NAME=value");
        set_variable(file_.recipe.environment, word.substr(0, equals), word.substr(equals + 1));
      }
      return {};
    }
    const auto space = rest.find_first_of(" \t");
    if (space == std::string::npos) return broken(at, "expects NAME=value");
    set_variable(file_.recipe.environment, rest.substr(0, space),
                 std::string{trim(std::string_view{rest}.substr(space))});
    return {};
  }

  Result<void> directory(const Instruction& at) {
    const auto words = shell_words(expand(at.rest, all_variables()));
    if (words.size() != 1) return broken(at, "expects one folder");
    TRY(file_.recipe.directory, in_tree(at, words.front()));
    return {};
  }

  Result<void> copy(const Instruction& at) {
    std::string_view rest = at.rest;
    while (rest.starts_with("--")) {
      const auto end = rest.find_first_of(" \t");
      const auto option = rest.substr(0, end);
      if (option.starts_with("--from=")) {
        note(at, "copies from another image or stage: left out");
        return {};
      }
      rest = end == std::string_view::npos ? std::string_view{} : trim(rest.substr(end));
    }
    const std::string expanded = expand(rest, all_variables());
    auto words = json_words(expanded).value_or(shell_words(expanded));
    if (words.size() < 2) return broken(at, "expects a source and a destination");
    const std::string to = words.back();
    words.pop_back();
    Copy made{.from = {}, .to = {}, .into = to.ends_with('/') || to == "." || words.size() > 1};
    TRY(made.to, in_tree(at, to));
    for (const auto& word : words) {
      if (word.find("://") != std::string::npos) return broken(at, "of a URL is not served");
      const std::string path = below_root(word);
      made.from.push_back(path.empty() ? "." : path);
    }
    file_.copies.push_back(std::move(made));
    return {};
  }

  Result<void> run(const Instruction& at) {
    std::string line = expand(at.rest, all_variables());
    while (line.starts_with("--")) {  // --mount=…, --network=…
      const auto end = line.find_first_of(" \t");
      line = end == std::string::npos ? "" : std::string{trim(std::string_view{line}.substr(end))};
    }
    if (const auto words = json_words(line)) line = join(*words, " ");
    auto installs = pip_installs(line);
    for (const auto& file : installs.requirement_files) {
      TRY(auto path, in_tree(at, file));
      file_.recipe.requirement_files.push_back(std::move(path));
    }
    for (auto& requirement : installs.requirements) {
      file_.recipe.requirements.push_back(std::move(requirement));
    }
    for (const auto& project : installs.projects) {
      TRY(auto path, in_tree(at, project));
      file_.recipe.projects.push_back(std::move(path));
    }
    for (const auto& other : installs.others) note(at, fmt::format("`{}` is not run", other));
    return {};
  }

  // A path of the image as one of the tree: relative to WORKDIR, without the leading slash.
  [[nodiscard]] Result<std::string> in_tree(const Instruction& at, std::string_view path) const {
    const std::string normal =
        below_root(path.starts_with('/') ? std::string{path}
                                         : file_.recipe.directory + '/' + std::string{path});
    if (normal.size() > 1'024) return broken(at, "names a path of more than 1024 bytes");
    return normal;
  }

  static std::pair<std::vector<std::string>, bool> words_or_shell(const std::string& rest) {
    if (auto words = json_words(rest)) return {*std::move(words), false};
    return {{"/bin/sh", "-c", rest}, true};
  }

  [[nodiscard]] Variables all_variables() const {
    Variables all = file_.recipe.environment;  // ENV overrides ARG
    all.insert(all.end(), arguments_.begin(), arguments_.end());
    return all;
  }

  void note(const Instruction& at, std::string_view what) {
    file_.notes.push_back(fmt::format("Dockerfile line {}: {} {}", at.line, at.word, what));
  }

  Dockerfile file_;
  Variables arguments_;
  std::vector<std::string> command_;
  std::vector<std::string> entrypoint_;
  bool shell_entrypoint_ = false;
};

}  // namespace

Result<Dockerfile> read_dockerfile(std::string_view text) {
  if (text.size() > dockerfile_bytes_max) {
    return fail(Code::too_large,
                fmt::format("The Dockerfile is longer than {} bytes", dockerfile_bytes_max));
  }
  return Reader{}.read(text);
}

}  // namespace toolgate::runtimes
