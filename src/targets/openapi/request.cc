#include "targets/openapi/request.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "targets/openapi/bodies.h"
#include "targets/openapi/styles.h"

namespace toolgate::targets::openapi {
namespace {

using json::Tape;

// Path and query; what servers take of it is less.
constexpr std::size_t target_bytes_max = 16 * 1024;

// Where each parameter's argument stands in the tape, and what is left for the body.
struct Sorted {
  std::vector<Tape::Index> parameters;
  BodyArguments body;
};

Result<Sorted> sort(const CallRecipe& recipe, const Tape& tape) {
  Sorted sorted;
  sorted.parameters.assign(recipe.parameters.size(), Tape::none);
  Tape::Index at = 1;
  for (std::uint32_t i = 0; i < tape[0].count; ++i) {
    const auto value = tape[at].next;
    const auto name = json::unescape(tape[at].text());
    at = tape[value].next;
    if (!name) return fail(Code::invalid, "a field's name has half of a surrogate pair");
    const auto parameter = recipe.by_argument.find(*name);
    const auto property = recipe.body.properties.find(*name);
    if (parameter != recipe.by_argument.end()) {
      sorted.parameters[parameter->second] = value;
    } else if (property != recipe.body.properties.end()) {
      sorted.body.properties.push_back({.name = property->second, .value = value});
    } else if (!recipe.body.argument.empty() && *name == recipe.body.argument) {
      sorted.body.whole = value;
    } else if (recipe.body.rest) {
      sorted.body.properties.push_back({.name = *name, .value = value});
    } else {
      return fail(Code::invalid, fmt::format("Field '/{}' is not defined", *name));
    }
  }
  return sorted;
}

// A segment that a server would take for a step elsewhere.
bool leads_elsewhere(std::string_view path) {
  return std::ranges::any_of(split(path.substr(0, path.find('?')), '/'),
                             [](auto segment) { return segment == "." || segment == ".."; });
}

Result<std::string> path_of(const CallRecipe& recipe, const Tape& tape, const Sorted& sorted) {
  std::string path;
  for (const auto& piece : recipe.pieces) {
    if (!piece.parameter) {
      path += piece.literal;
      continue;
    }
    const Parameter& parameter = recipe.parameters[*piece.parameter];
    const auto value = sorted.parameters[*piece.parameter];
    if (value == Tape::none) {
      return fail(Code::invalid,
                  fmt::format("Missing required field(s): '{}'", parameter.argument));
    }
    const auto text = in_one(parameter.name, parameter.spelling, tape, value, Encoded::percent);
    if (text.empty()) {
      return fail(Code::invalid,
                  fmt::format("Field '/{}' must not be empty: it is a part of the path",
                              parameter.argument));
    }
    path += text;
  }
  if (leads_elsewhere(path)) {
    return fail(Code::invalid, "A part of the path must not be '.' or '..'");
  }
  return path.empty() ? "/" : path;
}

Result<std::string> header_value(const Parameter& parameter, const Tape& tape, Tape::Index value) {
  auto text = in_one(parameter.name, parameter.spelling, tape, value, Encoded::no);
  const auto control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
  if (std::ranges::any_of(text, control)) {
    return fail(Code::invalid,
                fmt::format("Field '/{}' becomes a header and must not hold line breaks or other "
                            "control characters",
                            parameter.argument));
  }
  return text;
}

std::string_view query_name_of(const net::Credential& credential) {
  const auto* query = std::get_if<net::QueryCredential>(&credential.show);
  return query != nullptr ? std::string_view{query->name} : std::string_view{};
}

Result<void> place(const CallRecipe& recipe, const Tape& tape, const Sorted& sorted,
                   const net::Credential& credential, HttpCall& call) {
  std::vector<Pair> query;
  std::vector<Pair> cookies;
  for (std::size_t i = 0; i < recipe.parameters.size(); ++i) {
    const Parameter& parameter = recipe.parameters[i];
    const auto value = sorted.parameters[i];
    if (value == Tape::none) continue;
    if (parameter.in == In::query) {
      add_pairs(parameter.name, parameter.spelling, tape, value, query);
    } else if (parameter.in == In::cookie) {
      add_pairs(parameter.name, parameter.spelling, tape, value, cookies);
    } else if (parameter.in == In::header && tape[value].kind != Tape::Kind::null) {
      TRY(std::string text, header_value(parameter, tape, value));
      call.headers.push_back({parameter.name, std::move(text)});
    }
  }
  const auto reserved = query_name_of(credential);
  if (!reserved.empty()) {
    std::erase_if(query, [&](const Pair& pair) { return pair.name == reserved; });
  }
  if (!query.empty()) {
    call.url.target += call.url.target.contains('?') ? '&' : '?';
    call.url.target += joined(query);
  }
  if (!cookies.empty()) {
    std::string line;
    for (const auto& cookie : cookies) {
      if (!line.empty()) line += "; ";
      line += percent_encode(cookie.name) + '=' + cookie.value;
    }
    call.headers.push_back({"cookie", std::move(line)});
  }
  return {};
}

}  // namespace

Result<HttpCall> build_request(const CallRecipe& recipe, std::string_view arguments,
                               const net::Credential& credential, Tape& tape) {
  if (!tape.read(arguments) || tape[0].kind != Tape::Kind::object) {
    return fail(Code::invalid, "the arguments must be an object");
  }
  TRY(const Sorted sorted, sort(recipe, tape));
  HttpCall call{.method = recipe.method, .url = recipe.base, .headers = {}, .body = {}};
  call.headers.push_back({"accept", recipe.accept});
  TRY(call.url.target, path_of(recipe, tape, sorted));
  TRY_DO(place(recipe, tape, sorted, credential, call));
  if (call.url.target.size() > target_bytes_max) {
    return fail(Code::invalid, fmt::format("The request's path and query would be longer than {} "
                                           "bytes",
                                           target_bytes_max));
  }
  TRY_DO(write_body(recipe.body, tape, sorted.body, call));
  return call;
}

}  // namespace toolgate::targets::openapi
