// For tests: a document's tools by name, and the requests that their recipes make.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "targets/openapi/caller.h"
#include "targets/openapi/convert.h"
#include "targets/openapi/document.h"
#include "targets/openapi/request.h"

namespace toolgate::targets::openapi::testing {

inline const net::Credential nobody;

inline Result<Catalogue> converted(std::string_view text,
                                   const net::Credential& credential = nobody) {
  TRY(const Json document, read_document(text));
  return convert(document, {.target_name = "api", .credential = credential, .choose = {}});
}

// A 3.0 document with one path, or more, and components.
inline std::string document(std::string_view paths, std::string_view components = "{}",
                            std::string_view version = "3.0.3") {
  return R"({"openapi":")" + std::string{version} +
         R"(","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.example/v1/"}],)" +
         R"("paths":)" + std::string{paths} + R"(,"components":)" + std::string{components} + '}';
}

// The one tool of a document.
inline mcp::ToolDefinition only_tool(std::string_view text,
                                     const net::Credential& credential = nobody) {
  auto catalogue = converted(text, credential);
  EXPECT_TRUE(catalogue) << catalogue.error().message;
  if (!catalogue) return {};
  EXPECT_EQ(catalogue->tools.size(), 1);
  return catalogue->tools.front();
}

// POST /things with the given members of the operation.
inline std::string operation(std::string_view members, std::string_view components = "{}",
                             std::string_view version = "3.0.3") {
  return document(R"({"/things":{"post":{"operationId":"make",)" + std::string{members} + "}}}",
                  components, version);
}

inline Json input_of(const mcp::ToolDefinition& tool) {
  EXPECT_TRUE(json::Schema::compile(tool.input_schema)) << tool.input_schema;
  return json::parse(tool.input_schema).value_or(Json{});
}

inline Json definition_of(const mcp::ToolDefinition& tool) {
  return json::parse('{' + tool.rest + '}').value_or(Json{});
}

inline Result<HttpCall> request(const mcp::ToolDefinition& tool, std::string arguments,
                                const net::Credential& credential = nobody) {
  const auto recipe = read_recipe(tool.recipe);
  EXPECT_TRUE(recipe) << tool.recipe;
  arguments.reserve(arguments.size() + limits::json_padding_bytes);
  json::Tape tape;
  return build_request(**recipe, arguments, credential, tape);
}

inline std::string target_of(const mcp::ToolDefinition& tool, std::string arguments) {
  const auto call = request(tool, std::move(arguments));
  return call ? call->url.target : "refused: " + call.error().message;
}

inline std::string header_of(const HttpCall& call, std::string_view name) {
  return std::string{net::find_header(call.headers, name).value_or("")};
}

}  // namespace toolgate::targets::openapi::testing
