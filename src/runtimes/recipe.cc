#include "runtimes/recipe.h"

#include <algorithm>

#include "base/text.h"

namespace toolgate::runtimes {
namespace {

JsonArray array_of(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

Result<std::vector<std::string>> texts_of(const Json& json, std::string_view name) {
  std::vector<std::string> texts;
  const JsonArray* array = json::find_array(json, name);
  if (array == nullptr) return fail(Code::internal, "a recipe without " + std::string{name});
  for (const auto& text : *array) {
    if (!text.is_string()) return fail(Code::internal, "a recipe's member is no text");
    texts.emplace_back(text.get_string());
  }
  return texts;
}

bool is_python(std::string_view program) {
  const auto slash = program.rfind('/');
  if (slash != std::string_view::npos) program.remove_prefix(slash + 1);
  if (!program.starts_with("python")) return false;
  program.remove_prefix(6);
  return std::ranges::all_of(program, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string in_directory(const Recipe& recipe, std::string_view file) {
  if (file.starts_with('/')) return std::string{file.substr(1)};
  while (file.starts_with("./")) file.remove_prefix(2);
  return recipe.directory.empty() ? std::string{file} : recipe.directory + '/' + std::string{file};
}

}  // namespace

Json to_json(const Recipe& recipe) {
  JsonArray environment;
  for (const auto& [name, value] : recipe.environment) {
    environment.emplace_back(JsonArray{name, value});
  }
  return JsonObject{{"python", recipe.python},
                    {"command", array_of(recipe.command)},
                    {"environment", std::move(environment)},
                    {"directory", recipe.directory},
                    {"requirementFiles", array_of(recipe.requirement_files)},
                    {"requirements", array_of(recipe.requirements)},
                    {"projects", array_of(recipe.projects)}};
}

Result<Recipe> recipe_from(const Json& json) {
  Recipe recipe;
  recipe.python = json::find_string(json, "python").value_or("");
  recipe.directory = json::find_string(json, "directory").value_or("");
  TRY(recipe.command, texts_of(json, "command"));
  TRY(recipe.requirement_files, texts_of(json, "requirementFiles"));
  TRY(recipe.requirements, texts_of(json, "requirements"));
  TRY(recipe.projects, texts_of(json, "projects"));
  const JsonArray* environment = json::find_array(json, "environment");
  if (environment == nullptr) return fail(Code::internal, "a recipe without environment");
  for (const auto& pair : *environment) {
    const JsonArray* both = pair.if_array();
    if (both == nullptr || both->size() != 2 || !both->at(0).is_string() ||
        !both->at(1).is_string()) {
      return fail(Code::internal, "a recipe's environment is no list of pairs");
    }
    recipe.environment.emplace_back(both->at(0).get_string(), both->at(1).get_string());
  }
  return recipe;
}

std::string entry_file(const Recipe& recipe) {
  const auto& command = recipe.command;
  const auto python = std::ranges::find_if(command, is_python);
  for (auto word = python; word != command.end() && ++word != command.end();) {
    if (*word == "-m") {
      if (++word == command.end()) break;
      std::string module = *word;
      std::ranges::replace(module, '.', '/');
      return in_directory(recipe, module + ".py");
    }
    if (word->ends_with(".py")) return in_directory(recipe, *word);
    if (!word->starts_with('-')) break;
  }
  return {};
}

bool imports_fastmcp(std::string_view source) {
  for (auto line : split(source, '\n')) {
    line = trim(line);
    const bool from_package = line.starts_with("from mcp.server import") &&
                              (line.find("FastMCP") != std::string_view::npos ||
                               line.find("fastmcp") != std::string_view::npos);
    if (from_package || line.starts_with("from mcp.server.fastmcp") ||
        line.starts_with("import mcp.server.fastmcp")) {
      return true;
    }
  }
  return false;
}

}  // namespace toolgate::runtimes
