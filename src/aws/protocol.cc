#include "aws/protocol.h"

#include <array>

#include "aws/bucket_uri.h"
#include "aws/output.h"
#include "base/text.h"

namespace toolgate::aws {
namespace {

void find_by_uri(Route& route, const net::Request& request, const RequestUri& uri) {
  for (const auto& operation : route.contract->operations()) {
    if (operation.method != request.method) continue;
    if (route.operation != nullptr && !more_specific(operation.uri, route.operation->uri)) continue;
    if (auto labels = match(operation.uri, uri)) {
      route.operation = &operation;
      route.labels = std::move(*labels);
    }
  }
  if (route.operation != nullptr) route.name = route.operation->name;
}

// How many of the parameters and headers that the operation requires the request has; nothing when
// one is missing. Operations of one URI tell themselves apart by them (UploadPart, PutObject).
std::optional<std::size_t> required_given(const OperationShape& operation,
                                          const net::Request& request, const RequestUri& uri) {
  std::size_t count = 0;
  if (operation.input == nullptr) return count;
  for (const auto& member : operation.input->members) {
    if (!member.required || (member.place != Place::query && member.place != Place::header)) {
      continue;
    }
    const bool given =
        member.place == Place::header
            ? request.headers.find(member.wire_name).has_value()
            : std::ranges::any_of(uri.query, [&](const auto& each) {
                return each.first == member.wire_name;
              });
    if (!given) return std::nullopt;
    ++count;
  }
  return count;
}

// Of those that match by URI and by what they require, the one that requires most; one that is
// served before one that is not, whose shapes are not known.
void find_by_bucket_uri(Route& route, const net::Request& request, const RequestUri&) {
  route.own_uri = bucket_uri(request);
  if (!route.own_uri) return;
  struct Best {
    bool has_all = false;
    bool served = false;
    std::size_t required = 0;
    auto operator<=>(const Best&) const = default;
  } best;
  for (const auto& operation : route.contract->operations()) {
    if (operation.method != request.method) continue;
    auto labels = match(operation.uri, *route.own_uri);
    if (!labels) continue;
    const auto given = required_given(operation, request, *route.own_uri);
    const Best fit{.has_all = given.has_value(), .served = operation.served,
                   .required = given.value_or(0)};
    if (route.operation != nullptr && !more_specific(operation.uri, route.operation->uri) &&
        (more_specific(route.operation->uri, operation.uri) || fit <= best)) {
      continue;
    }
    best = fit;
    route.operation = &operation;
    route.labels = std::move(*labels);
  }
  if (route.operation != nullptr) route.name = route.operation->name;
}

void find_by_target(Route& route, const net::Request& request, const RequestUri&) {
  const auto target = request.headers.find("x-amz-target").value_or("");
  const auto dot = target.rfind('.');
  if (dot == std::string_view::npos || target.substr(0, dot) != route.contract->target_prefix) {
    return;
  }
  route.name = target.substr(dot + 1);
  if (request.method == "POST") route.operation = route.contract->find(route.name);
}

void find_by_action(Route& route, const net::Request& request, const RequestUri&) {
  route.name = form_parameter(form_of(request), "Action");
  if (request.method == "POST" || request.method == "GET") {
    route.operation = route.contract->find(route.name);
  }
}

Result<Json> read_json_request(const OperationShape& operation, const InputParts& parts) {
  return read_json_body(operation, parts.request.body);
}

Result<Json> read_query_request(const OperationShape& operation, const InputParts& parts) {
  return read_query(operation, form_of(parts.request));
}

net::Response print_rest_answer(const Contract& contract, const OperationShape& operation,
                                Answer answer, std::string_view) {
  return print_rest(contract, operation, std::move(answer));
}

net::Response print_json_answer(const Contract& contract, const OperationShape& operation,
                                Answer answer, std::string_view) {
  return print_json_body(contract, operation, std::move(answer));
}

constexpr std::array protocols{
    Protocol{ProtocolName::rest_json, find_by_uri, read_rest, print_rest_answer},
    Protocol{ProtocolName::json, find_by_target, read_json_request, print_json_answer},
    Protocol{ProtocolName::query, find_by_action, read_query_request, print_query},
    Protocol{ProtocolName::rest_xml, find_by_bucket_uri, read_rest_xml, print_rest_answer},
};

}  // namespace

const Protocol& protocol_of(const Contract& contract) {
  const auto* found = std::ranges::find(protocols, contract.protocol, &Protocol::name);
  ASSERT(found != protocols.end());
  return *found;
}

std::string_view form_of(const net::Request& request) {
  return request.body.empty() ? request.query : request.body;
}

std::string form_parameter(std::string_view form, std::string_view name) {
  for (const auto part : split(form, '&')) {
    const auto equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == name) {
      return percent_decode(part.substr(equals + 1), Plus::is_space).value_or("");
    }
  }
  return {};
}

}  // namespace toolgate::aws
