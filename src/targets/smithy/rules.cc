#include "targets/smithy/rules.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/text.h"
#include "json/members.h"

namespace toolgate::targets::smithy {
namespace {

// Names that conditions assign on the way to one rule; AWS's have some ten.
constexpr std::size_t names_count_max = 200;

bool holds(const Json& value) {
  if (value.is_null()) return false;
  return !value.is_bool() || value.get_bool();
}

std::string text_of(const Json& value) {
  if (value.is_string()) return std::string{value.get_string()};
  return value.is_null() ? std::string{} : json::print(value);
}

const JsonArray& array_at(const Json& value, std::string_view name) {
  static const JsonArray none;
  const JsonArray* found = json::find_array(value, name);
  return found == nullptr ? none : *found;
}

// What is known of an expression: its value, or what is left of it.
struct Part {
  bool known = true;
  Json value;
};

class Simplifier {
 public:
  Simplifier(Scope& scope, RuleBudget& budget) : scope_{scope}, budget_{budget} {}

  Result<JsonArray> rules(const JsonArray& all) {
    JsonArray out;
    for (const auto& rule : all) {
      const auto before = scope_.size();
      auto ended = one(rule, out);
      scope_.cut(before);
      if (!ended) return std::unexpected(std::move(ended).error());
      if (*ended) break;
    }
    return out;
  }

 private:
  // True when nothing behind this rule can be reached.
  Result<bool> one(const Json& rule, JsonArray& out) {
    JsonArray left;
    for (const auto& condition : array_at(rule, "conditions")) {
      TRY(const bool possible, take(condition, left));
      if (!possible) return false;
    }
    const bool certain = left.empty();
    const auto type = json::find_string(rule, "type").value_or("");
    if (type == "tree") {
      TRY(JsonArray inner, rules(array_at(rule, "rules")));
      if (inner.empty()) return false;
      const bool ends = certain && is_certain(inner.back());
      if (certain) {
        for (auto& each : inner) out.push_back(std::move(each));
      } else {
        out.push_back(JsonObject{
            {"type", "tree"}, {"conditions", std::move(left)}, {"rules", std::move(inner)}});
      }
      return ends;
    }
    const std::string_view part = type == "error" ? "error" : "endpoint";
    const Json* value = json::find(rule, part);
    if (value == nullptr) {
      return fail(Code::invalid,
                  fmt::format("endpoint rules: a rule of type '{}' without '{}'", type, part));
    }
    TRY(Json filled, fill(*value));
    out.push_back(
        JsonObject{{"type", part}, {"conditions", std::move(left)}, {part, std::move(filled)}});
    return certain;
  }

  static bool is_certain(const Json& rule) {
    return json::find_string(rule, "type") != "tree" && array_at(rule, "conditions").empty();
  }

  // False: it can not hold. What is not known yet goes to `left`.
  Result<bool> take(const Json& condition, JsonArray& left) {
    if (budget_ == 0) return fail(Code::invalid, "endpoint rules: too many conditions");
    --budget_;
    TRY(Part part, evaluate(condition, 0));
    const auto assign = json::find_string(condition, "assign");
    if (part.known) {
      if (!holds(part.value)) return false;
      if (assign) scope_.set(*assign, std::move(part.value));
    } else {
      if (assign) {
        if (part.value.is_object()) part.value.get_object()["assign"] = *assign;
        scope_.set(*assign, std::nullopt);
      }
      left.push_back(std::move(part.value));
    }
    if (scope_.size() > names_count_max) {
      return fail(Code::invalid, "endpoint rules: too many names");
    }
    return true;
  }

  Result<Part> evaluate(const Json& expression, int depth) {
    if (const auto ref = json::find_string(expression, "ref")) {
      const auto& value = scope_.find(*ref);
      return value ? Part{true, *value} : Part{false, expression};
    }
    if (const auto name = json::find_string(expression, "fn")) {
      JsonArray args;
      bool known = true;
      for (const auto& argument : array_at(expression, "argv")) {
        TRY(Part part, evaluate(argument, depth + 1));
        known = known && part.known;
        args.push_back(std::move(part.value));
      }
      if (!known) return Part{false, JsonObject{{"fn", *name}, {"argv", std::move(args)}}};
      auto value = call_rule_function(*name, args);
      if (!value) {
        return fail(Code::invalid, fmt::format("endpoint rules: no function '{}'", *name));
      }
      return Part{true, *std::move(value)};
    }
    if (expression.is_string()) return fill_text(expression.get_string());
    return Part{true, expression};
  }

  // "https://{Bucket}.s3.{PartitionResult#dnsSuffix}"; braces are escaped by doubling them.
  Part fill_text(std::string_view text) {
    if (text.find_first_of("{}") == text.npos) return {true, Json(text)};
    std::string out;
    bool known = true;
    std::size_t at = 0;
    while (at < text.size()) {
      const char c = text[at];
      if ((c == '{' || c == '}') && text.substr(at).starts_with(std::string(2, c))) {
        out += c;
        at += 2;
        continue;
      }
      const auto end = c == '{' ? text.find('}', at) : text.npos;
      if (end == text.npos) {
        out += c;
        ++at;
        continue;
      }
      const auto inner = text.substr(at + 1, end - at - 1);
      const auto hash = inner.find('#');
      const auto& value = scope_.find(inner.substr(0, hash));
      if (!value) {
        known = false;
        out += text.substr(at, end - at + 1);
      } else if (hash == inner.npos) {
        out += text_of(*value);
      } else {
        out += text_of(rule_attribute(*value, inner.substr(hash + 1)));
      }
      at = end + 1;
    }
    return {known, Json(out)};
  }

  // Every text in an endpoint or error. What is not known stays a template.
  Result<Json> fill(const Json& value) {
    if (value.is_string()) return fill_text(value.get_string()).value;
    if (const auto* array = value.if_array()) {
      JsonArray out;
      for (const auto& each : *array) {
        TRY(Json filled, fill(each));
        out.push_back(std::move(filled));
      }
      return Json(std::move(out));
    }
    if (value.is_object()) {
      if (json::find(value, "ref") != nullptr || json::find(value, "fn") != nullptr) {
        TRY(Part part, evaluate(value, 0));
        return std::move(part.value);
      }
      JsonObject out;
      for (const auto& each : value.get_object()) {
        TRY(Json filled, fill(each.value()));
        out[each.key()] = std::move(filled);
      }
      return Json(std::move(out));
    }
    return value;
  }

  Scope& scope_;
  RuleBudget& budget_;
};

// Whether a template or expression is left in it.
bool is_open(const Json& value) {
  if (value.is_string()) return std::string_view{value.get_string()}.find('{') != std::string::npos;
  if (const auto* object = value.if_object()) {
    if (object->contains("fn") || object->contains("ref")) return true;
    return std::ranges::any_of(*object, [](const auto& each) { return is_open(each.value()); });
  }
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, is_open);
  return false;
}

void read_auth(const Json& endpoint, Endpoint& out) {
  const JsonArray* schemes = json::find_array(endpoint, "properties", "authSchemes");
  if (schemes == nullptr) return;
  for (const auto& scheme : *schemes) {
    if (json::find_string(scheme, "name") != "sigv4") continue;
    out.signing_name = json::find_string(scheme, "signingName").value_or("");
    out.signing_region = json::find_string(scheme, "signingRegion").value_or("");
    return;
  }
}

}  // namespace

const Scope::Value& Scope::find(std::string_view name) const {
  static const Value unset{Json(nullptr)};
  for (const auto& each : std::views::reverse(names_)) {
    if (each.first == name) return each.second;
  }
  return unset;
}

Result<JsonArray> simplify(const JsonArray& rules, Scope& scope, RuleBudget& budget) {
  return Simplifier{scope, budget}.rules(rules);
}

Result<std::optional<Endpoint>> decided(const JsonArray& rules) {
  if (rules.empty()) {
    return fail(Code::invalid, "endpoint rules: no rule names an endpoint for these settings");
  }
  const Json& rule = rules.front();
  if (!array_at(rule, "conditions").empty()) return std::optional<Endpoint>{};
  if (const Json* error = json::find(rule, "error")) {
    if (is_open(*error)) return std::optional<Endpoint>{};
    return fail(Code::invalid, "endpoint rules: " + text_of(*error));
  }
  const Json* endpoint = json::find(rule, "endpoint");
  if (endpoint == nullptr || is_open(*endpoint)) return std::optional<Endpoint>{};
  Endpoint out{.url = json::member(*endpoint, "url")};
  read_auth(*endpoint, out);
  if (const Json* headers = json::find(*endpoint, "headers"); headers && headers->is_object()) {
    for (const auto& each : headers->get_object()) {
      if (!each.value().is_array()) continue;
      for (const auto& value : each.value().get_array()) {
        out.headers.emplace_back(each.key(), text_of(value));
      }
    }
  }
  return std::optional<Endpoint>{std::move(out)};
}

}  // namespace toolgate::targets::smithy
