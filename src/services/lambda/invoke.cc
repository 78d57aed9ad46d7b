// Invoke: a call that waits, one that does not, and one that only asks.
#include <fmt/format.h>

#include "base/ids.h"
#include "crypto/hash.h"
#include "json/scan.h"
#include "services/lambda/resource.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

Result<void> check_payload(std::string_view payload, std::size_t bytes_max) {
  if (payload.size() > bytes_max) {
    return refuse(Code::too_large, "RequestTooLargeException",
                  fmt::format("Request must be smaller than {} bytes for the InvokeFunction "
                              "operation",
                              bytes_max));
  }
  const auto bad = [](std::string_view why) {
    return refuse(Code::invalid, "InvalidRequestContentException",
                  fmt::format("Could not parse request body into json: {}", why));
  };
  if (!json::is_utf8(payload)) return bad("it is not UTF-8");
  json::Scanner scan{payload};
  std::string_view whole;
  if (!scan.skip(whole) || !scan.finish()) return bad(scan.problem());
  return {};
}

// The header is base64 of JSON; programs get the JSON.
Result<std::string> client_context(const Call& call) {
  const auto given = aws::text_if(call, "ClientContext");
  if (!given) return std::string{};
  const auto text = crypto::from_base64(*given);
  const auto parsed = text ? json::parse(*text) : Result<Json>{fail(Code::invalid, "no base64")};
  if (!parsed || !parsed->is_object()) {
    return refuse(Code::invalid, "InvalidRequestContentException",
                  "Client context must be a valid Base64-encoded JSON object.");
  }
  return json::print(*parsed);  // without line breaks
}

std::string trace_id(const Call& call) {
  if (const auto given = call.request->headers.find("x-amzn-trace-id")) {
    return std::string{given->substr(0, 256)};
  }
  return fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0", seconds_of(call.now),
                     random_text(24, "0123456789abcdef"), random_text(16, "0123456789abcdef"));
}

Task<Result<Answer>> run(Lambda& lambda, const Call& call, const functions::Found& found,
                         functions::Invocation invocation) {
  using functions::Environment;
  const bool tail = aws::text_if(call, "LogType") == "Tail";
  auto outcome =
      co_await lambda.runner.invoke(found.function, std::move(invocation), found.concurrency,
                                    tail ? Environment::Tail::wanted : Environment::Tail::none);
  if (!outcome) {
    if (outcome.error().code == Code::throttled) co_return std::unexpected(outcome.error());
    co_return refuse(outcome.error().code, "ServiceException",
                     "The function cannot be run: " + outcome.error().message);
  }
  JsonObject output{{"ExecutedVersion", found.function->version}};
  if (outcome->failed) output["FunctionError"] = "Unhandled";
  if (tail) output["LogResult"] = crypto::base64(outcome->log_tail);
  co_return Answer{.output = std::move(output), .body = std::move(outcome->payload), .status = 200};
}

Task<Result<Answer>> invoke(Lambda& lambda, Call& call, net::Worker&) {
  for (const std::string_view member : {"DurableExecutionName", "TenantId"}) {
    if (json::find(call.input, member) != nullptr) co_return unsupported(member);
  }
  CO_TRY(const Name name, name_of(call));
  CO_TRY(const auto found,
         co_await lambda.catalogue.find(place_of(call), name.name, name.qualifier));
  const std::string type = aws::text_if(call, "InvocationType").value_or("RequestResponse");
  if (type == "DryRun") co_return Answer{.output = JsonObject{}, .body = {}, .status = 204};
  std::string payload{call.request->body};
  if (payload.empty()) payload = "{}";
  const bool event = type == "Event";
  CO_TRY_DO(
      check_payload(payload, event ? functions::event_bytes_max : functions::payload_bytes_max));
  CO_TRY(std::string context, client_context(call));
  functions::Invocation invocation{
      .request_id = call.request_id,
      .payload = std::move(payload),
      .client_context = std::move(context),
      .invoked_arn = functions::function_arn(place_of(call), name.name) +
                     (name.qualifier.empty() ? "" : ':' + name.qualifier),
      .trace_id = trace_id(call)};
  if (!event) co_return co_await run(lambda, call, found, std::move(invocation));
  CO_TRY_DO(co_await lambda.events.add({.place = place_of(call),
                                        .name = name.name,
                                        .qualifier = name.qualifier,
                                        .invocation = std::move(invocation)}));
  co_return Answer{.output = JsonObject{}, .body = {}, .status = 202};
}

}  // namespace

void add_invoke_operation(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "Invoke", invoke));
}

}  // namespace toolgate::services::lambda
