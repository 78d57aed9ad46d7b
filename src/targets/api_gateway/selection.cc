#include "targets/api_gateway/selection.h"

#include <algorithm>

#include <fmt/format.h>

namespace toolgate::targets::api_gateway {
namespace {

constexpr std::string_view member = "apiGateway.apiGatewayToolConfiguration";

std::string text_in(const Json& value, std::string_view name) {
  return std::string{json::find_string(value, name).value_or("")};
}

Result<void> check_path(std::string_view path, std::string_view where) {
  if (path.starts_with('/') && !path.contains('*')) return {};
  return fail(Code::invalid, fmt::format("{}: '{}' is no path: expected one that begins with '/' "
                                         "and has no '*', but for '/*' at a filter's end",
                                         where, path));
}

}  // namespace

Result<Selection> Selection::parse(const Json& configuration) {
  Selection selection;
  const JsonArray* filters = json::find_array(configuration, "toolFilters");
  if (filters == nullptr || filters->empty()) {
    return fail(Code::invalid, fmt::format("{}.toolFilters: expected at least one", member));
  }
  for (std::size_t i = 0; i < filters->size(); ++i) {
    Filter filter{.path = text_in((*filters)[i], "filterPath"), .below = false, .methods = {}};
    filter.below = filter.path.ends_with("/*");
    if (filter.below) filter.path.pop_back();
    TRY_DO(check_path(filter.path, fmt::format("{}.toolFilters[{}].filterPath", member, i)));
    if (const JsonArray* methods = json::find_array((*filters)[i], "methods")) {
      for (const auto& method : *methods) {
        if (method.is_string()) filter.methods.emplace_back(method.get_string());
      }
    }
    if (filter.methods.empty()) {
      return fail(Code::invalid,
                  fmt::format("{}.toolFilters[{}].methods: expected at least one", member, i));
    }
    selection.filters_.push_back(std::move(filter));
  }
  const JsonArray* overrides = json::find_array(configuration, "toolOverrides");
  for (std::size_t i = 0; overrides != nullptr && i < overrides->size(); ++i) {
    const Json& given = (*overrides)[i];
    Override one{.path = text_in(given, "path"),
                 .method = text_in(given, "method"),
                 .name = text_in(given, "name"),
                 .description = text_in(given, "description")};
    const std::string where = fmt::format("{}.toolOverrides[{}]", member, i);
    TRY_DO(check_path(one.path, where + ".path"));
    if (openapi::tool_name(one.name).empty()) {
      return fail(Code::invalid, where + ".name: expected the tool's name");
    }
    selection.overrides_.push_back(std::move(one));
  }
  return selection;
}

bool Selection::takes(const openapi::Operation& operation) const {
  return std::ranges::any_of(filters_, [&](const Filter& filter) {
    const bool there =
        filter.below ? operation.path.starts_with(filter.path) : operation.path == filter.path;
    return there && std::ranges::find(filter.methods, operation.method) != filter.methods.end();
  });
}

Result<std::optional<openapi::Chosen>> Selection::choose(
    const openapi::Operation& operation) const {
  if (!takes(operation)) return std::nullopt;
  openapi::Chosen chosen;
  const auto own = std::ranges::find_if(overrides_, [&](const Override& one) {
    return one.path == operation.path && one.method == operation.method;
  });
  if (own != overrides_.end()) {
    chosen.name = own->name;
    chosen.description = own->description;
  } else if (json::find_string(*operation.operation, "operationId").value_or("").empty()) {
    return fail(Code::invalid,
                fmt::format("{} has no operationId; expected one, or a name in {}.toolOverrides",
                            operation.label(), member));
  }
  return chosen;
}

}  // namespace toolgate::targets::api_gateway
