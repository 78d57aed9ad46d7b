#include "services/codebuild/buildspec.h"

#include <vector>

#include "base/text.h"

namespace toolgate::services::codebuild {
namespace {

using Words = std::vector<std::string>;

// A line of YAML as the command in it: "- docker push x", "- 'docker push x'", "docker push x".
std::string_view command_in(std::string_view line) {
  line = trim(line);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("- ")) line = trim(line.substr(2));
  const bool quoted = line.size() > 1 && (line.front() == '"' || line.front() == '\'') &&
                      line.front() == line.back();
  return quoted ? line.substr(1, line.size() - 2) : line;
}

// Calls `use` with the words from "docker" on, for each docker command.
template <class Use>
void each_docker(std::string_view buildspec, Use use) {
  for (const auto line : split(buildspec, '\n')) {
    Words command;
    auto words = runtimes::shell_words(command_in(line));
    words.emplace_back(";");
    for (auto& word : words) {
      if (word == ";" || word == "&&" || word == "&" || word == "||" || word == "|") {
        if (command.size() > 1 && command.front() == "docker") use(command);
        command.clear();
      } else if (!command.empty() || word == "docker") {
        command.push_back(std::move(word));
      }
    }
  }
}

std::optional<std::string> value_after(const Words& words, std::string_view option,
                                       std::string_view short_option) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    const bool named = word == option || word == short_option;
    if (named && at + 1 < words.size()) return words[at + 1];
    if (word.starts_with(std::string{option} + '=')) return word.substr(option.size() + 1);
  }
  return std::nullopt;
}

bool has(const Words& words, std::string_view wanted) {
  for (const auto& word : words) {
    if (word == wanted) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> pushed_image(std::string_view buildspec,
                                        const runtimes::Variables& variables) {
  std::optional<std::string> image;
  each_docker(buildspec, [&](const Words& words) {
    if (words[1] == "push" && words.size() > 2) {
      image = words.back();
    } else if (words[1] == "buildx" && has(words, "--push")) {
      if (auto tag = value_after(words, "--tag", "-t")) image = std::move(tag);
    }
  });
  if (image) return runtimes::expand(*image, variables);
  return std::nullopt;
}

std::string dockerfile_name(std::string_view buildspec) {
  std::string name = "Dockerfile";
  each_docker(buildspec, [&](const Words& words) {
    if (words[1] != "build" && words[1] != "buildx") return;
    if (auto file = value_after(words, "--file", "-f")) name = *std::move(file);
  });
  while (name.starts_with("./")) name.erase(0, 2);
  return name;
}

}  // namespace toolgate::services::codebuild
