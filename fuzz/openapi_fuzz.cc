// OpenAPI documents, JSON and YAML: whatever they are, each tool that comes of one has a schema
// that compiles and a recipe that can be read, and arguments make a request of it or are refused.
// What is converted stays within the bounds.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "json/schema.h"
#include "targets/openapi/convert.h"
#include "targets/openapi/document.h"
#include "targets/openapi/recipe.h"
#include "targets/openapi/request.h"
#include "targets/openapi/selection.h"

using namespace toolgate;
using namespace toolgate::targets;

namespace {

void call(const openapi::CallRecipe& recipe, std::string arguments) {
  arguments.reserve(arguments.size() + limits::json_padding_bytes);
  json::Tape tape;
  const auto request = openapi::build_request(recipe, arguments, {}, tape);
  if (!request) return;
  ASSERT(request->url.target.starts_with('/'));
  ASSERT(request->url.target.find_first_of("\r\n \t") == std::string::npos);
  for (const auto& field : request->headers) {
    ASSERT(field.name.find_first_of("\r\n:") == std::string::npos);
    ASSERT(field.value.find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = openapi::read_document(text);
  if (!document) return 0;
  const net::Credential nobody;
  const auto own = openapi::Selection::in(*document);
  if (!own) return 0;
  const openapi::Conversion conversion{.target_name = "t", .credential = nobody, .choose = {}};
  const auto catalogue =
      *own ? (*own)->convert(*document, conversion) : openapi::convert(*document, conversion);
  if (!catalogue) return 0;
  for (const auto& tool : catalogue->tools) {
    const auto schema = json::Schema::compile(tool.input_schema);
    ASSERT(schema.has_value());
    ASSERT(json::parse('{' + tool.rest + '}').has_value());
    const auto recipe = openapi::read_recipe(tool.recipe);
    ASSERT(recipe.has_value());
    std::string all{"{"};
    for (const auto& parameter : (*recipe)->parameters) {
      all +=
          (all.size() > 1 ? "," : "") + json::quote(parameter.argument) + R"(:["a\r\n",{"b":1}])";
    }
    call(**recipe, all + '}');
    call(**recipe, "{}");
    call(**recipe, R"({"body":{"a":[1,"x",null]},"a":"../b"})");
  }
  return 0;
}
