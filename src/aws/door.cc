#include "aws/door.h"

#include "aws/contract_data.h"
#include "aws/errors.h"
#include "aws/payload.h"
#include "aws/presigned_v2.h"
#include "aws/protocol.h"
#include "aws/router.h"
#include "aws/validate.h"
#include "base/ids.h"
#include "base/latencies.h"
#include "base/log.h"
#include "identity/sigv4_signin.h"

namespace toolgate::aws {
namespace {

// A request for no service that we know, in the words of a service that reads such requests.
net::Response unknown_service(const net::Request& request, std::string_view request_id) {
  const Contract* contract = contract_of("bedrock-agentcore-control");
  if (is_form(request)) contract = contract_of("sts");
  if (request.headers.find("x-amz-target")) contract = contract_of("logs");
  const std::string service{credential_scope(request).signing_name};
  return print_error(
      *contract,
      no_such_operation(service.empty()
                            ? "No service of toolgate takes this request"
                            : "Service " + service +
                                  " is not served by toolgate. Targets reach it elsewhere by "
                                  "--aws-endpoint " +
                                  service + "=URL, programs by an endpoint of their own."),
      request_id);
}

Error unmatched(const Route& route, const net::Request& request) {
  if (!route.name.empty()) return unknown_operation(*route.contract, route.name);
  return no_such_operation("No operation of " + std::string{route.contract->service} + " is " +
                           std::string{request.method} + " " + std::string{request.path});
}

// As contract_data.h lists them; empty for a service that it does not know.
std::string_view served_operations(std::string_view service) {
  for (const auto& contract : contract_data()) {
    if (contract.service == service) return contract.served;
  }
  return {};
}

PathStyle path_style(const Contract& contract) {
  return contract.protocol == ProtocolName::rest_json ? PathStyle::plain : PathStyle::coral;
}

bool takes_stream(const OperationShape& operation) {
  return operation.input != nullptr && operation.input->payload != nullptr &&
         operation.input->payload->streams();
}

// A signature is checked before the body is here only where it covers what the request declares
// about the body.
bool declares_payload(const net::Request& head) {
  return head.headers.find("x-amz-content-sha256").has_value() ||
         head.query.contains("X-Amz-Signature=") || is_presigned_v2(head);
}

std::vector<std::string> names_of(const std::vector<Service>& services) {
  std::vector<std::string> out;
  for (const auto& service : services) out.emplace_back(service.name);
  return out;
}

// What is wrong with a document is MalformedXML to the services that speak XML.
Result<void> check_input(const Contract& contract, const OperationShape& operation,
                         const Json& input) {
  if (operation.input == nullptr) return {};
  auto valid = validate(*operation.input, input, path_style(contract));
  const Member* payload = operation.input->payload;
  if (!valid && contract.protocol == ProtocolName::rest_xml && payload != nullptr &&
      !valid.error().fields.empty() &&
      equal_ignoring_case(valid.error().fields.front().path.substr(0, payload->name.size()),
                          payload->name)) {
    valid.error().name = "MalformedXML";
  }
  return valid;
}

}  // namespace

struct Door::Impl {
  Impl(Options given, const std::vector<Service>& services)
      : options{std::move(given)},
        latencies{{.name = "toolgate_aws_operation_duration_seconds",
                   .help = "Operations of AWS services, to their answer, by service",
                   .label = "service",
                   .values = names_of(services),
                   .threads = options.threads}} {}

  Options options;
  Latencies latencies;                     // a series a service, in order of `places`
  TextMap<std::size_t> places;             // by service
  TextMap<TextMap<Operation>> operations;  // by service and name

  [[nodiscard]] const Operation* find(const Route& route) const {
    const auto service = operations.find(route.contract->service);
    if (service == operations.end()) return nullptr;
    const auto operation = service->second.find(route.operation->name);
    return operation == service->second.end() ? nullptr : &operation->second;
  }

  void count(const Contract& contract, const net::Worker& worker, Latencies::Duration took) {
    const auto place = places.find(contract.service);
    if (place != places.end()) latencies.add(worker.index(), place->second, took);
  }

  struct SignedIn {
    identity::Principal caller;
    std::string region;
    std::optional<crypto::ChunkSignatures> chunks;
  };
  // Who calls. The credential's scope must be of this service, as AWS demands; it is read again
  // from the signature that was verified, because routing believed the request's word.
  [[nodiscard]] Result<SignedIn> sign_in(const Route& route, const net::Request& request) const {
    if (route.operation->unsigned_allowed && credential_scope(request).signing_name.empty()) {
      return SignedIn{.caller = {}, .region = options.default_region, .chunks = {}};
    }
    if (route.contract->protocol == ProtocolName::rest_xml && is_presigned_v2(request)) {
      TRY(auto caller, sign_in_v2(request, *options.keys, *options.sessions, options.clock->now()));
      return SignedIn{.caller = std::move(caller), .region = options.default_region, .chunks = {}};
    }
    const bool follows = takes_stream(*route.operation) && declares_payload(request);
    TRY(auto in, identity::sign_in_with_body(
                     request, follows ? identity::Body::follows : identity::Body::here,
                     *options.keys, *options.sessions, options.clock->now()));
    if (in.claim.service == route.contract->signing_name) {
      return SignedIn{.caller = std::move(in.principal),
                      .region = std::move(in.claim.region),
                      .chunks = std::move(in.chunks)};
    }
    auto error = fail(Code::unauthenticated, "Credential should be scoped to correct service: '" +
                                                 std::string{route.contract->signing_name} + "'.");
    error.error().name = "SignatureDoesNotMatch";
    return error;
  }

  [[nodiscard]] Call make_call(const Route& route, const net::Request& request,
                               SignedIn signed_in) const {
    Call call;
    call.service = route.contract->service;
    call.operation = route.operation->name;
    call.account = signed_in.caller.account.empty() ? options.account : signed_in.caller.account;
    call.region = std::move(signed_in.region);
    call.caller = std::move(signed_in.caller);
    call.now = options.clock->now();
    call.hops = request.peer.hops;
    call.request = &request;
    return call;
  }

  // Each step's result is the next step's argument.
  Task<Result<Answer>> run(const Route& route, const RequestUri& uri, net::Request& request,
                           std::string_view request_id, net::Worker& worker) const {
    const Operation* operation = find(route);
    if (operation == nullptr) {
      co_return std::unexpected(unknown_operation(*route.contract, route.name));
    }
    CO_TRY(auto signed_in, sign_in(route, request));
    WholeBody whole{request.body};
    Payload payload{request, std::move(signed_in.chunks),
                    request.stream != nullptr ? *request.stream : whole};
    Call call = make_call(route, request, std::move(signed_in));
    call.request_id = request_id;
    if (takes_stream(*route.operation)) {
      call.body = &payload;
      call.trailers = &payload.trailers();
    }
    CO_TRY(call.input,
           protocol_of(*route.contract)
               .read(*route.operation, {.request = request, .uri = uri, .labels = route.labels}));
    CO_TRY_DO(check_input(*route.contract, *route.operation, call.input));
    if (options.allow) {
      CO_TRY_DO(co_await options.allow(call));
    }
    co_return co_await operation->run(call, worker);
  }
};

Door::Door(Options options, std::vector<Service> services)
    : impl_{std::make_unique<Impl>(std::move(options), services)} {
  for (auto& service : services) {
    impl_->places.emplace(service.name, impl_->places.size());
    const auto served = served_operations(service.name);
    auto& table = impl_->operations[std::string{service.name}];
    for (auto& operation : service.operations) {
      if (served.find(' ' + std::string{operation.name} + ' ') == std::string_view::npos) {
        log::error("aws: {} of {} has a row and is not in served.txt", operation.name,
                   service.name);
        ASSERT(!"an operation that is in served.txt");
      }
      table.insert_or_assign(std::string{operation.name}, std::move(operation));
    }
  }
}

Door::~Door() = default;

bool Door::takes(const net::Request& head) const {
  return is_aws_request(head) || !credential_scope(head).signing_name.empty();
}

bool Door::streams_body(const net::Request& head) const {
  const auto uri = RequestUri::parse(head.path, head.query);
  if (!uri) return false;
  const auto route = find_route(head, *uri);
  return route.operation != nullptr && takes_stream(*route.operation) && declares_payload(head);
}

std::string Door::exposition() const { return impl_->latencies.exposition(); }

Task<net::Response> Door::handle(net::Request& request, net::Worker& worker) {
  const std::string request_id = random_uuid();
  const auto uri = RequestUri::parse(request.path, request.query);
  const Route route = find_route(request, uri.value_or(RequestUri{}));
  net::Response response;
  if (route.contract == nullptr) {
    response = unknown_service(request, request_id);
  } else if (!uri) {
    auto error = fail(Code::invalid, "The URI has a broken %-escape, or one that is not UTF-8.");
    error.error().name = "SerializationException";
    response = print_error(*route.contract, error.error(), request_id);
  } else if (route.operation == nullptr) {
    response = print_error(*route.contract, unmatched(route, request), request_id);
  } else {
    const RequestUri& parts = route.own_uri ? *route.own_uri : *uri;
    const auto began = std::chrono::steady_clock::now();
    auto answer = co_await impl_->run(route, parts, request, request_id, worker);
    impl_->count(*route.contract, worker, std::chrono::steady_clock::now() - began);
    response = answer
                   ? protocol_of(*route.contract)
                         .print(*route.contract, *route.operation, std::move(*answer), request_id)
                   : print_error(*route.contract, answer.error(), request_id);
  }
  const bool is_rest_xml =
      route.contract != nullptr && route.contract->protocol == ProtocolName::rest_xml;
  response.headers.push_back({is_rest_xml ? "x-amz-request-id" : "x-amzn-requestid", request_id});
  if (is_rest_xml) response.headers.push_back({"x-amz-id-2", host_id(request_id)});
  co_return response;
}

}  // namespace toolgate::aws
