#include "catalogue/chunks.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "model/kinds.h"

namespace toolgate::catalogue {
namespace {

constexpr std::size_t chunk_bytes_max = 1024 * 1024;
constexpr std::string_view chunk_begin = R"({"tools":[)";
constexpr std::string_view chunk_end = "]}";

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
  std::string body{chunk_begin};
  for (const auto& tool : tools) {
    if (body.size() > chunk_begin.size() &&
        body.size() + tool.rest.size() + tool.name.size() > chunk_bytes_max) {
      body += chunk_end;
      bodies.push_back(std::move(body));
      body = chunk_begin;
    }
    add_definition(body, tool);
  }
  if (body.size() > chunk_begin.size()) {
    body += chunk_end;
    bodies.push_back(std::move(body));
  }
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
      co_return fail(Code::internal, "the catalogue is incomplete",
                     fmt::format("chunk {} of catalogue {} is missing", i, pointer.id));
    }
    document->body.reserve(document->body.size() + limits::json_padding_bytes);
    CO_TRY(auto page, mcp::parse_tool_page(document->body));
    for (auto& tool : page.tools) tools.push_back(std::move(tool));
  }
  co_return tools;
}

}  // namespace toolgate::catalogue
