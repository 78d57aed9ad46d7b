#include "catalogue/chunks.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "json/scan.h"
#include "model/kinds.h"

namespace toolgate::catalogue {
namespace {

constexpr std::size_t chunk_bytes_max = 1024 * 1024;
constexpr std::string_view chunk_begin = R"({"tools":[)";
constexpr std::string_view chunk_end = "]}";

// One body in the making. Its recipes stand behind its tools.
struct Chunk {
  std::string tools{chunk_begin};
  std::string recipes;
  bool any_recipe = false;

  [[nodiscard]] bool empty() const { return tools.size() == chunk_begin.size(); }
  [[nodiscard]] std::size_t size() const { return tools.size() + recipes.size(); }
  void add_recipe(std::string_view recipe) {
    if (!recipes.empty()) recipes += ',';
    json::quote_to(recipes, recipe);
    any_recipe = any_recipe || !recipe.empty();
  }
  [[nodiscard]] std::string body() && {
    if (any_recipe) tools += R"(],"recipes":[)" + recipes;
    return std::move(tools) + std::string{chunk_end};
  }
};

void add_definition(std::string& body, const mcp::ToolDefinition& tool) {
  if (body.size() > chunk_begin.size()) body += ',';
  body += R"({"name":)";
  json::quote_to(body, tool.name);
  if (!tool.rest.empty()) {
    body += ',';
    body += tool.rest;
  }
  body += '}';
}

// Gives each tool of a chunk its recipe back.
Result<void> add_recipes(std::string_view body, std::vector<mcp::ToolDefinition>& tools) {
  json::Scanner scan{body};
  json::Text key;
  std::string_view skipped;
  scan.enter('{');
  while (scan.next_member(key)) {
    if (!json::equals(key, "recipes")) {
      scan.skip(skipped);
      continue;
    }
    json::Text recipe;
    scan.enter('[');
    for (std::size_t i = 0; scan.next_item(); ++i) {
      if (i == tools.size() || !scan.string(recipe)) return fail(Code::invalid, "a broken recipe");
      auto text = json::unescape(recipe);
      if (!text) return fail(Code::invalid, "a broken recipe");
      tools[i].recipe = *std::move(text);
    }
  }
  return {};
}

}  // namespace

std::optional<Pointer> pointer_of(const Json& target_document) {
  const auto id = json::find_string(target_document, "catalogue", "id");
  if (!id) return std::nullopt;
  const auto chunks = json::find_int(target_document, "catalogue", "chunks").value_or(0);
  const auto tools = json::find_int(target_document, "catalogue", "tools").value_or(0);
  return Pointer{.id = std::string{*id},
                 .chunks = static_cast<std::size_t>(chunks),
                 .tools = static_cast<std::size_t>(tools)};
}

Json to_json(const Pointer& pointer) {
  return JsonObject{{"id", pointer.id},
                    {"chunks", static_cast<std::int64_t>(pointer.chunks)},
                    {"tools", static_cast<std::int64_t>(pointer.tools)}};
}

std::vector<std::string> chunk_bodies(const std::vector<mcp::ToolDefinition>& tools) {
  std::vector<std::string> bodies;
  Chunk chunk;
  for (const auto& tool : tools) {
    const std::size_t more = tool.rest.size() + tool.name.size() + tool.recipe.size();
    if (!chunk.empty() && chunk.size() + more > chunk_bytes_max) {
      bodies.push_back(std::move(chunk).body());
      chunk = {};
    }
    add_definition(chunk.tools, tool);
    chunk.add_recipe(tool.recipe);
  }
  if (!chunk.empty()) bodies.push_back(std::move(chunk).body());
  return bodies;
}

store::Key chunk_key(const store::Key& target, const std::string& catalogue_id, std::size_t chunk) {
  return {.account = target.account,
          .region = target.region,
          .kind = std::string{model::kind::catalogue},
          .id = fmt::format("{}/{}/{:06}", target.id, catalogue_id, chunk)};
}

std::vector<store::Key> chunk_keys(const store::Key& target, const Pointer& pointer) {
  std::vector<store::Key> keys;
  for (std::size_t i = 0; i < pointer.chunks; ++i) {
    keys.push_back(chunk_key(target, pointer.id, i));
  }
  return keys;
}

Task<Result<std::vector<mcp::ToolDefinition>>> read_chunks(store::Store& store,
                                                           const store::Key& target,
                                                           const Pointer& pointer) {
  std::vector<mcp::ToolDefinition> tools;
  tools.reserve(pointer.tools);
  for (std::size_t i = 0; i < pointer.chunks; ++i) {
    CO_TRY(auto document, co_await store.get(chunk_key(target, pointer.id, i)));
    if (!document) {
      co_return fail(Code::not_found, "the catalogue is incomplete",
                     fmt::format("chunk {} of catalogue {} is missing", i, pointer.id));
    }
    document->body.reserve(document->body.size() + limits::json_padding_bytes);
    auto page = mcp::parse_tool_page(document->body);
    if (!page) co_return fail(Code::invalid, "the catalogue is broken", page.error().message);
    CO_TRY_DO(add_recipes(document->body, page->tools));
    for (auto& tool : page->tools) tools.push_back(std::move(tool));
  }
  co_return tools;
}

}  // namespace toolgate::catalogue
