#include "targets/lambda/lambda.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/limits.h"
#include "base/steps.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "mcp/protocol.h"
#include "targets/aws_endpoints.h"
#include "targets/http_exchange.h"
#include "targets/lambda/answer.h"
#include "targets/lambda/tool_schema.h"
#include "targets/s3_document.h"

namespace toolgate::targets::lambda {
namespace {

constexpr std::string_view service = "lambda";
// Of a function's or the service's words that a message repeats.
constexpr std::size_t quoted_bytes_max = 2'000;

// A tool's outputSchema, compiled.
class OutputSchema final : public Recipe {
 public:
  explicit OutputSchema(json::Schema schema) : schema_{std::move(schema)} {}
  [[nodiscard]] const json::Schema& schema() const { return schema_; }

 private:
  json::Schema schema_;
};

// What the client has sent, where AgentCore's functions look for it. A parameter that is given more
// than once has its last value.
void add_propagated(const Passage& passage, JsonObject& custom) {
  JsonObject headers;
  for (const auto& field : passage.headers) headers[field.name] = field.value;
  if (!headers.empty()) custom["bedrockAgentCorePropagatedHeaders"] = std::move(headers);
  JsonObject query;
  for (const auto& [name, value] : passage.query) query[name] = value;
  if (!query.empty()) custom["bedrockAgentCorePropagatedQueryParameters"] = std::move(query);
}

// The service's error names that speak of who signed, not of what was asked.
bool names_the_signature(std::string_view type) {
  constexpr std::array<std::string_view, 7> names{
      "ExpiredToken",         "ExpiredTokenException",     "InvalidClientTokenId",
      "IncompleteSignature",  "InvalidSignatureException", "UnrecognizedClientException",
      "SignatureDoesNotMatch"};
  return std::ranges::find(names, type) != names.end();
}

std::string text_in(const Json& body, std::string_view name, std::string_view other) {
  const auto found = json::find_string(body, name);
  return std::string{found ? *found : json::find_string(body, other).value_or("")}.substr(
      0, quoted_bytes_max);
}

class Lambda final : public Target {
 public:
  Lambda(TargetSpec spec, std::string arn, std::string region, Json tool_schema)
      : name_{std::move(spec.name)},
        region_{std::move(region)},
        place_{std::move(spec.place)},
        tool_schema_{std::move(tool_schema)},
        arn_{std::move(arn)},
        path_{fmt::format("/2015-03-31/functions/{}/invocations", percent_encode(arn_))} {
    const auto slash = spec.id.find('/');
    gateway_ = spec.id.substr(0, slash);
    target_ = slash == std::string::npos ? std::string{} : spec.id.substr(slash + 1);
  }

  Task<Result<Catalogue>> discover(Discovery discovery) const override {
    auto catalogue = co_await read_catalogue(discovery);
    if (catalogue && !co_await exists(discovery)) {
      catalogue->notes.push_back(fmt::format(
          "Lambda function {} does not exist: calls of its tools fail until it does.", arn_));
    }
    co_return catalogue;
  }

  [[nodiscard]] Result<std::shared_ptr<const Recipe>> prepare(
      const mcp::ToolDefinition& tool) const override {
    if (tool.recipe.empty()) return nullptr;
    TRY(auto schema, json::Schema::compile(tool.recipe));
    return std::make_shared<const OutputSchema>(std::move(schema));
  }

  [[nodiscard]] std::vector<Permission> permissions() const override {
    std::vector<Permission> all;
    all.push_back({.needed_for = Permission::For::calls,
                   .action = "lambda:InvokeFunction",
                   .resource = arn_,
                   .purpose = "invoke Lambda function " + arn_,
                   .refusal = denied_text(arn_)});
    if (const Json* s3 = json::find(tool_schema_, "s3")) {
      if (const auto place = parse_s3_place(*s3)) all.push_back(permission_to_read(*place));
    }
    return all;
  }

  Task<Result<Outcome>> call(Invocation invocation, net::Worker& worker,
                             Events& /*events*/) const override {
    CO_TRY(net::Url url, worker.local<AwsEndpoints>().url(service, region_, path_));
    HttpCall call{.method = "POST",
                  .url = std::move(url),
                  .headers = {{"content-type", "application/json"},
                              {"x-amz-invocation-type", "RequestResponse"},
                              {"x-amz-client-context", client_context(invocation)}},
                  .body = std::string{invocation.arguments}};
    const net::Credential role = signing_for(invocation.credential, service, region_);
    auto answer = co_await exchange(std::move(call), role, worker,
                                    {.deadline = invocation.deadline, .hops = invocation.hops});
    if (!answer) {
      Error error = answer.error();
      error.message = fmt::format("Lambda function {}: {}", arn_, error.message);
      co_return std::unexpected(std::move(error));
    }
    if (answer->status < 200 || answer->status >= 300) {
      co_return std::unexpected(refusal(*answer));
    }
    if (answer->headers.find("x-amz-function-error")) co_return std::unexpected(failure(*answer));
    const auto* output = static_cast<const OutputSchema*>(invocation.recipe);
    co_return outcome_of(answer->body, std::move(answer->buffer),
                         output != nullptr ? &output->schema() : nullptr);
  }

 private:
  Task<Result<Catalogue>> read_catalogue(const Discovery& discovery) const {
    OneStep reading{discovery.steps, "tool list", "toolSchema"};
    if (const auto* inline_tools = json::find_array(tool_schema_, "inlinePayload")) {
      auto tools = read_tools(*inline_tools, "toolSchema.inlinePayload", name_);
      reading.ended(tools);
      co_return tools;
    }
    const Json* s3 = json::find(tool_schema_, "s3");
    ASSERT(s3 != nullptr);
    CO_TRY(S3Place place, parse_s3_place(*s3));
    const std::string uri = place.uri();
    CO_TRY(const std::string document,
           co_await read_s3_document(std::move(place), place_.region, discovery));
    auto tools = read_tools(document, "document " + uri, name_);
    reading.ended(tools);
    co_return tools;
  }

  // Asked of this server's Lambda alone, where a dry run runs nothing; an operator's own may not
  // know it, and would run the function. Whoever refuses for another reason has one.
  Task<bool> exists(const Discovery& discovery) const {
    const auto& endpoints = discovery.worker.local<AwsEndpoints>();
    if (endpoints.own(service) != nullptr) co_return true;
    auto url = endpoints.url(service, region_, path_);
    if (!url) co_return true;
    HttpCall call{.method = "POST",
                  .url = *std::move(url),
                  .headers = {{"x-amz-invocation-type", "DryRun"}},
                  .body = {}};
    const net::Credential role = signing_for(discovery.credential, service, region_);
    const auto answer = co_await exchange(std::move(call), role, discovery.worker,
                                          {.deadline = discovery.deadline});
    co_return !answer || answer->status != 404;
  }

  // AgentCore Gateway developer guide, "Lambda targets": what a function finds in
  // context.client_context.custom.
  [[nodiscard]] std::string client_context(const Invocation& invocation) const {
    const auto id = json::parse(invocation.message_id);
    const bool text = id && id->is_string();
    JsonObject custom{
        {"bedrockAgentCoreMessageVersion", "1.0"},
        {"bedrockAgentCoreAwsRequestId",
         invocation.request_id.empty() ? random_uuid() : std::string{invocation.request_id}},
        {"bedrockAgentCoreMcpMessageId",
         text ? std::string{id->get_string()} : std::string{invocation.message_id}},
        {"bedrockAgentCoreGatewayId", gateway_},
        {"bedrockAgentCoreTargetId", target_},
        {"bedrockAgentCoreToolName",
         fmt::format("{}{}{}", name_, mcp::name_separator, invocation.tool)}};
    if (invocation.passage != nullptr) add_propagated(*invocation.passage, custom);
    return crypto::base64(json::print(JsonObject{{"custom", custom}}));
  }

  // The service did not run the function.
  [[nodiscard]] Error refusal(const net::ClientResponse& answer) const {
    const Json body = json::parse(answer.body).value_or(Json{});
    std::string type{answer.headers.find("x-amzn-errortype").value_or("")};
    if (type.empty()) type = text_in(body, "__type", "Type");
    type = type.substr(0, type.find(':'));
    type = type.substr(type.rfind('#') + 1);
    const std::string said = text_in(body, "Message", "message");
    Error error;
    error.detail = fmt::format("HTTP {} {} {}", answer.status, type, said);
    if (answer.status >= 500) error.name = server_error_name;
    if (names_the_signature(type)) {
      error.code = Code::unauthenticated;
      error.message = fmt::format("Lambda refused the gateway's credential: {} {}", type, said);
    } else if (answer.status == 403) {
      error.code = Code::denied;
      error.message = fmt::format("{} {}", denied_text(arn_), said);
    } else if (answer.status == 404) {
      error.code = Code::not_found;
      error.message = fmt::format("Lambda function {} does not exist. {}", arn_, said);
    } else {
      error.code = answer.status == 429 ? Code::throttled : Code::upstream;
      error.message = fmt::format("Lambda function {} could not be invoked: HTTP {} {}: {}", arn_,
                                  answer.status, type, said);
    }
    return error;
  }

  // The function ran and failed; what it gave is {errorType, errorMessage, stackTrace}.
  [[nodiscard]] Error failure(const net::ClientResponse& answer) const {
    const Json body = json::parse(answer.body).value_or(Json{});
    const auto type = json::find_string(body, "errorType").value_or("");
    const auto message = text_in(body, "errorMessage", "message");
    return {.code = Code::upstream,
            .message = fmt::format("Lambda function {} returned an error: {}{}{}", arn_, type,
                                   type.empty() ? "" : ": ",
                                   message.empty() && type.empty()
                                       ? answer.body.substr(0, quoted_bytes_max)
                                       : std::string_view{message}),
            .detail = {},
            .name = {},
            .fields = {}};
  }

  // AgentCore Gateway developer guide, "Turn on debugging messages".
  static std::string denied_text(std::string_view arn) {
    return fmt::format(
        "Access denied while invoking Lambda function {}. Check the permissions on the Lambda "
        "function and Gateway execution role, and retry the request.",
        arn);
  }

  std::string name_;
  std::string region_;  // the function's
  model::Place place_;
  Json tool_schema_;
  std::string arn_;
  std::string path_;
  std::string gateway_;
  std::string target_;
};

}  // namespace

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  const Json* lambda = json::find(spec.configuration, "mcp", "lambda");
  ASSERT(lambda != nullptr);
  const auto arn = json::find_string(*lambda, "lambdaArn");
  if (!arn) return fail(Code::invalid, "mcp.lambda.lambdaArn: is missing");
  const auto parts = split(*arn, ':');
  if (parts.size() < 7 || parts[0] != "arn" || parts[2] != "lambda" || parts[3].empty() ||
      parts[5] != "function" || parts[6].empty()) {
    return fail(Code::invalid,
                fmt::format("mcp.lambda.lambdaArn: '{}' is no ARN of a function; expected "
                            "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:VERSION]",
                            *arn));
  }
  const Json* tools = json::find(*lambda, "toolSchema");
  if (tools == nullptr) return fail(Code::invalid, "mcp.lambda.toolSchema: is missing");
  if (const auto* list = json::find_array(*tools, "inlinePayload")) {
    TRY([[maybe_unused]] const auto catalogue,
        read_tools(*list, "mcp.lambda.toolSchema.inlinePayload", spec.name));
  } else if (const Json* s3 = json::find(*tools, "s3")) {
    TRY([[maybe_unused]] const auto place, parse_s3_place(*s3));
  } else {
    return fail(Code::invalid, "mcp.lambda.toolSchema: expected inlinePayload or s3");
  }
  return std::make_unique<const Lambda>(spec, std::string{*arn}, std::string{parts[3]}, *tools);
}

}  // namespace toolgate::targets::lambda
