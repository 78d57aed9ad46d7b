#include "targets/openapi/selection.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "json/members.h"

namespace toolgate::targets::openapi {
namespace {

constexpr std::string_view document_member = "x-toolgate-tools";
// Each operation is held against each filter.
constexpr std::size_t filters_count_max = 200;
constexpr std::size_t overrides_count_max = 1'000;

std::string method_of(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

Result<void> check_path(std::string_view path, std::string_view where) {
  if (path.starts_with('/') && !path.contains('*')) return {};
  return fail(Code::invalid, fmt::format("{}: '{}' is no path: expected one that begins with '/' "
                                         "and has no '*', but for '/*' at a filter's end",
                                         where, path));
}

Result<void> check_size(const JsonArray* list, std::size_t count_max, std::string_view member,
                        std::string_view name) {
  if (list == nullptr || list->size() <= count_max) return {};
  return fail(Code::invalid, fmt::format("{}.{}: more than {}", member, name, count_max));
}

}  // namespace

Result<Selection> Selection::parse(const Json& configuration, Of of) {
  Selection selection;
  selection.of_ = of;
  const JsonArray* filters = json::find_array(configuration, "toolFilters");
  const JsonArray* overrides = json::find_array(configuration, "toolOverrides");
  const bool none = filters == nullptr || filters->empty();
  if (none && of == Of::stage) {
    return fail(Code::invalid,
                fmt::format("{}.toolFilters: expected at least one", selection.member()));
  }
  if (none && overrides == nullptr) {
    return fail(Code::invalid,
                fmt::format("{}: expected toolFilters or toolOverrides, as API Gateway targets "
                            "have them",
                            selection.member()));
  }
  TRY_DO(check_size(filters, filters_count_max, selection.member(), "toolFilters"));
  TRY_DO(check_size(overrides, overrides_count_max, selection.member(), "toolOverrides"));
  for (std::size_t i = 0; filters != nullptr && i < filters->size(); ++i) {
    TRY_DO(selection.add_filter((*filters)[i],
                                fmt::format("{}.toolFilters[{}]", selection.member(), i)));
  }
  for (std::size_t i = 0; overrides != nullptr && i < overrides->size(); ++i) {
    TRY_DO(selection.add_override((*overrides)[i],
                                  fmt::format("{}.toolOverrides[{}]", selection.member(), i)));
  }
  return selection;
}

Result<std::optional<Selection>> Selection::in(const Json& document) {
  const Json* own = json::find(document, document_member);
  if (own == nullptr) return std::nullopt;
  TRY(Selection selection, parse(*own, Of::document));
  return std::optional{std::move(selection)};
}

std::string_view Selection::member() const {
  return of_ == Of::stage ? "apiGateway.apiGatewayToolConfiguration" : document_member;
}

Result<void> Selection::add_filter(const Json& given, const std::string& where) {
  Filter filter{.path = json::member(given, "filterPath"), .below = false, .methods = {}};
  filter.below = filter.path.ends_with("/*");
  if (filter.below) filter.path.pop_back();
  TRY_DO(check_path(filter.path, where + ".filterPath"));
  if (const JsonArray* methods = json::find_array(given, "methods")) {
    for (const auto& method : *methods) {
      if (method.is_string()) filter.methods.push_back(method_of(method.get_string()));
    }
  }
  if (filter.methods.empty()) {
    return fail(Code::invalid, where + ".methods: expected at least one");
  }
  filters_.push_back(std::move(filter));
  return {};
}

Result<void> Selection::add_override(const Json& given, const std::string& where) {
  Override one{.path = json::member(given, "path"),
               .method = method_of(json::member(given, "method")),
               .name = json::member(given, "name"),
               .description = json::member(given, "description")};
  TRY_DO(check_path(one.path, where + ".path"));
  if (tool_name(one.name).empty()) {
    return fail(Code::invalid, where + ".name: expected the tool's name");
  }
  overrides_.push_back(std::move(one));
  return {};
}

bool Selection::takes(const Operation& operation) const {
  if (filters_.empty()) return true;
  return std::ranges::any_of(filters_, [&](const Filter& filter) {
    const bool there =
        filter.below ? operation.path.starts_with(filter.path) : operation.path == filter.path;
    return there && std::ranges::find(filter.methods, operation.method) != filter.methods.end();
  });
}

Result<std::optional<Chosen>> Selection::choose(const Operation& operation) const {
  if (!takes(operation)) return std::nullopt;
  Chosen chosen;
  const auto own = std::ranges::find_if(overrides_, [&](const Override& one) {
    return one.path == operation.path && one.method == operation.method;
  });
  if (own != overrides_.end()) {
    chosen.name = own->name;
    chosen.description = own->description;
  } else if (of_ == Of::stage &&
             json::find_string(*operation.operation, "operationId").value_or("").empty()) {
    return fail(Code::invalid,
                fmt::format("{} has no operationId; expected one, or a name in {}.toolOverrides",
                            operation.label(), member()));
  }
  return chosen;
}

Result<Catalogue> Selection::convert(const Json& document, Conversion conversion) const {
  std::set<std::pair<std::string, std::string>> taken;
  bool passed_all = false;  // operations were looked at, and none was taken or refused
  conversion.choose = [&](const Operation& operation) {
    auto chosen = choose(operation);
    if (chosen && *chosen) taken.emplace(operation.path, operation.method);
    passed_all = chosen && taken.empty();
    return chosen;
  };
  auto catalogue = openapi::convert(document, conversion);
  const std::string_view what = of_ == Of::stage ? "stage" : "document";
  if (!catalogue && passed_all) {
    return fail(Code::invalid,
                fmt::format("{}.toolFilters take no operation of the {}", member(), what));
  }
  if (!catalogue) return catalogue;
  for (const auto& one : overrides_) {
    if (taken.contains({one.path, one.method})) continue;
    return fail(Code::invalid,
                fmt::format("{}.toolOverrides: {} {} is no operation of the {} that a filter takes",
                            member(), one.method, one.path, what));
  }
  return catalogue;
}

}  // namespace toolgate::targets::openapi
