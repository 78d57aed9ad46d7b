#include "targets/smithy/smithy.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "base/memory.h"
#include "base/steps.h"
#include "base/text.h"
#include "json/scan.h"
#include "targets/aws_endpoints.h"
#include "targets/http_exchange.h"
#include "targets/http_result.h"
#include "targets/s3_document.h"
#include "targets/smithy/node.h"
#include "targets/smithy/read.h"
#include "targets/smithy/request.h"
#include "targets/smithy/tools.h"

namespace toolgate::targets::smithy {
namespace {

// Whose signature: the operation's service unless the target's configuration names one.
net::Credential credential_for(const Operation& operation, const Endpoint& endpoint,
                               const net::Credential& given) {
  if (operation.is_unsigned) return {};
  net::Credential out = given;
  if (auto* key = std::get_if<crypto::SigningKey>(&out.show)) {
    if (key->service.empty()) {
      key->service = endpoint.signing_name.empty() ? std::string{operation.signing_name}
                                                   : endpoint.signing_name;
    }
    key->region =
        endpoint.signing_region.empty() ? std::string{operation.region} : endpoint.signing_region;
  }
  return out;
}

bool is_address(std::string_view host) {
  return host.find(':') != host.npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// The arguments with a token for each idempotency token that was left out.
std::string with_tokens(const Operation& operation, std::string_view arguments) {
  std::string out{arguments};
  if (operation.input == nullptr) return out;
  json::Tape tape;
  if (!tape.read(arguments) || tape[0].kind != json::Tape::Kind::object) return out;
  std::string added;
  for (const auto& member : operation.input->members) {
    if (!member.idempotency_token || Node{tape, 0}.find(member.name)) continue;
    added += json::quote(member.name) + ':' + json::quote(random_uuid());
    added += ',';
  }
  if (added.empty()) return out;
  if (tape[0].count == 0) added.pop_back();
  out.insert(out.find('{') + 1, added);
  return out;
}

Outcome failed(const Operation& operation, const net::ClientResponse& answer) {
  const ServiceError error = read_error(operation, answer);
  std::string text = error.code.empty() ? std::string{operation.name} + " failed" : error.code;
  if (!error.message.empty()) text += ": " + error.message;
  text += fmt::format(" (HTTP {})", answer.status);
  if (!error.details.empty()) text += "\n" + error.details;
  return error_result(json::replace_broken_utf8(text));
}

// Where the operator says that the service is, else what the model's rules say.
Result<Endpoint> endpoint_at(const Operation& operation, const json::Tape& arguments,
                             const AwsEndpoints& endpoints) {
  for (const auto name : {operation.signing_name, operation.endpoint_name}) {
    if (const std::string* own = endpoints.own(lower(name))) {
      return Endpoint{.url = *own, .names_bucket = false};
    }
  }
  return endpoint_for(operation, arguments);
}

Result<HttpCall> make_call(const Operation& operation, const json::Tape& arguments,
                           const Endpoint& endpoint) {
  TRY(Request request, write_request(operation, arguments, endpoint.names_bucket));
  TRY(net::Url url, net::Url::parse(endpoint.url));
  TRY(const std::string prefix, host_prefix_for(operation, arguments));
  if (!is_address(url.host)) url.host.insert(0, lower(prefix));
  std::string base = url.target;
  while (base.ends_with('/')) base.pop_back();
  // "/bucket" and "/" make "/bucket".
  const bool is_root = request.target == "/" || request.target.starts_with("/?");
  if (is_root && !base.empty()) request.target.erase(0, 1);
  url.target = base + request.target;
  for (const auto& [name, value] : endpoint.headers) request.headers.push_back({name, value});
  return HttpCall{.method = std::move(request.method),
                  .url = std::move(url),
                  .headers = std::move(request.headers),
                  .body = std::move(request.body)};
}

class SmithyTarget final : public Target {
 public:
  explicit SmithyTarget(TargetSpec spec) : spec_{std::move(spec)} {}

  Task<Result<Catalogue>> discover(Discovery discovery) const override {
    const Json& model = *json::find(spec_.configuration, "mcp", "smithyModel");
    std::string document;
    std::string_view text;
    if (const auto given = json::find_string(model, "inlinePayload")) {
      text = *given;
    } else {
      CO_TRY(S3Place place, parse_s3_place(*json::find(model, "s3")));
      CO_TRY(document, co_await read_s3_document(std::move(place), spec_.place.region, discovery));
      text = document;
    }
    if (text.size() > s3_document_bytes_max) {
      co_return fail(Code::too_large, "Smithy model: longer than 10 MB");
    }
    std::string_view region = spec_.place.region;
    const auto* key = std::get_if<crypto::SigningKey>(&discovery.credential.show);
    if (key != nullptr && !key->region.empty()) region = key->region;
    const ToolSettings settings{.target_name = spec_.name, .region = region};
    const auto make = [text, &settings, &discovery] {
      OneStep reading{discovery.steps, "tool list", "operations of the Smithy model"};
      auto catalogue = tools_of(text, settings);
      reading.ended(catalogue);
      give_back_memory(text.size());
      return catalogue;
    };
    if (discovery.offload == nullptr) co_return make();
    co_return co_await discovery.offload->run(make);
  }

  Result<std::shared_ptr<const Recipe>> prepare(const mcp::ToolDefinition& tool) const override {
    TRY(auto operation, Operation::parse(tool.recipe));
    return std::shared_ptr<const Recipe>{std::move(operation)};
  }

  Task<Result<Outcome>> call(Invocation invocation, net::Worker& worker,
                             Events& /*events*/) const override {
    const auto* operation = dynamic_cast<const Operation*>(invocation.recipe);
    ASSERT(operation != nullptr);
    const std::string arguments = with_tokens(*operation, invocation.arguments);
    json::Tape tape;
    if (!tape.read(arguments)) co_return error_result("The arguments are no JSON object.");
    const auto endpoint = endpoint_at(*operation, tape, worker.local<AwsEndpoints>());
    if (!endpoint) co_return error_result(endpoint.error().message);
    auto call = make_call(*operation, tape, *endpoint);
    if (!call) co_return error_result(call.error().message);
    const auto credential = credential_for(*operation, *endpoint, invocation.credential);
    CO_TRY(const net::ClientResponse answer, co_await exchange(*std::move(call), credential, worker,
                                                               {.deadline = invocation.deadline,
                                                                .hops = invocation.hops,
                                                                .caller = invocation.caller,
                                                                .passage = invocation.passage}));
    const bool token = std::holds_alternative<net::HeaderCredential>(credential.show);
    if (answer.status == 401 && token) {
      co_return fail(Code::unauthenticated,
                     fmt::format("{} refused the credential (HTTP 401)", operation->name));
    }
    if (answer.status < 200 || answer.status >= 300) {
      Outcome outcome = failed(*operation, answer);
      outcome.server_failed = answer.status >= 500;
      co_return outcome;
    }
    auto output = read_output(*operation, answer);
    if (!output) {
      co_return fail(Code::upstream, fmt::format("{} (HTTP {}): {}", operation->name, answer.status,
                                                 output.error().message));
    }
    co_return text_result(*output, *output);
  }

 private:
  TargetSpec spec_;
};

}  // namespace

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  const Json* model = json::find(spec.configuration, "mcp", "smithyModel");
  if (model == nullptr) {
    return fail(Code::invalid, "targetConfiguration.mcp.smithyModel is missing");
  }
  if (!json::find_string(*model, "inlinePayload") && !json::find_string(*model, "s3", "uri")) {
    return fail(Code::invalid,
                "targetConfiguration.mcp.smithyModel: expected inlinePayload, the text of a Smithy "
                "2.0 model in its JSON AST, or s3.uri");
  }
  return std::make_unique<SmithyTarget>(spec);
}

}  // namespace toolgate::targets::smithy
