#include "targets/api_gateway/api_gateway.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/memory.h"
#include "base/steps.h"
#include "targets/aws_endpoints.h"
#include "targets/http_exchange.h"
#include "targets/http_result.h"
#include "targets/openapi/caller.h"
#include "targets/openapi/convert.h"
#include "targets/openapi/document.h"
#include "targets/openapi/selection.h"

namespace toolgate::targets::api_gateway {
namespace {

constexpr std::string_view export_service = "apigateway";
constexpr std::string_view call_service = "execute-api";
// Of a refusal that a status repeats.
constexpr std::size_t quoted_bytes_max = 1'000;

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

class ApiGateway final : public Target {
 public:
  ApiGateway(TargetSpec spec, std::string api, std::string stage, openapi::Selection selection)
      : spec_{std::move(spec)},
        api_{std::move(api)},
        stage_{std::move(stage)},
        selection_{std::move(selection)} {}

  Task<Result<Catalogue>> discover(Discovery discovery) const override {
    OneStep step{discovery.steps, "document", "GetExport of the stage"};
    const auto answer = co_await ask_for_export(discovery);
    step.ended(answer, answer ? fmt::format("{} bytes", answer->body.size()) : std::string{});
    if (!answer) co_return std::unexpected(answer.error());
    const auto work = [this, &discovery, &answer] {
      OneStep converting{discovery.steps, "tool list", "operations of the export"};
      auto catalogue = catalogue_of(answer->body, discovery.credential);
      converting.ended(catalogue);
      give_back_memory(answer->body.size());
      return catalogue;
    };
    if (discovery.offload == nullptr) co_return work();
    co_return co_await discovery.offload->run(work);
  }

  Result<std::shared_ptr<const Recipe>> prepare(const mcp::ToolDefinition& tool) const override {
    return openapi::prepare_call(tool);
  }

  Task<Result<Outcome>> call(Invocation invocation, net::Worker& worker,
                             Events& /*events*/) const override {
    const net::Credential signing =
        signing_for(invocation.credential, call_service, spec_.place.region);
    const Invocation as_role{.tool = invocation.tool,
                             .arguments = invocation.arguments,
                             .meta = invocation.meta,
                             .credential = signing,
                             .deadline = invocation.deadline,
                             .hops = invocation.hops,
                             .recipe = invocation.recipe,
                             .message_id = invocation.message_id,
                             .request_id = invocation.request_id,
                             .caller = invocation.caller,
                             .passage = invocation.passage};
    co_return co_await openapi::call_operation(as_role, worker);
  }

 private:
  // Amazon API Gateway API reference, GetExport.
  Task<Result<net::ClientResponse>> ask_for_export(const Discovery& discovery) const {
    const std::string& region = spec_.place.region;
    const std::string path = fmt::format("/restapis/{}/stages/{}/exports/oas30", api_, stage_);
    CO_TRY(const net::Url url,
           discovery.worker.local<AwsEndpoints>().url(export_service, region, path));
    HttpCall call{
        .method = "GET", .url = url, .headers = {{"accept", "application/json"}}, .body = {}};
    const net::Credential role = signing_for(discovery.role, export_service, region);
    auto answer = co_await exchange(std::move(call), role, discovery.worker,
                                    {.deadline = discovery.deadline,
                                     .hops = 0,
                                     .answer_bytes_max = openapi::document_bytes_max,
                                     .steps = discovery.steps});
    if (!answer) {
      co_return fail(answer.error().code, "export: " + answer.error().message,
                     answer.error().detail);
    }
    if (answer->status != 200) {
      co_return fail(
          answer->status == 403 ? Code::denied : Code::upstream,
          fmt::format("export: GetExport of stage {} of REST API {} answered HTTP {}: {}", stage_,
                      api_, answer->status, to_utf8(answer->body.substr(0, quoted_bytes_max), {})));
    }
    co_return answer;
  }

  [[nodiscard]] Result<Catalogue> catalogue_of(std::string_view text,
                                               const net::Credential& credential) const {
    TRY(const Json document, openapi::read_document(text));
    return selection_.convert(document,
                              {.target_name = spec_.name, .credential = credential, .choose = {}});
  }

  const TargetSpec spec_;
  const std::string api_;
  const std::string stage_;
  const openapi::Selection selection_;
};

}  // namespace

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  const Json* configuration = json::find(spec.configuration, "mcp", "apiGateway");
  ASSERT(configuration != nullptr);
  const auto api = json::find_string(*configuration, "restApiId").value_or("");
  const auto stage = json::find_string(*configuration, "stage").value_or("");
  if (!is_name(api)) return fail(Code::invalid, "apiGateway.restApiId: expected an API's id");
  if (!is_name(stage)) return fail(Code::invalid, "apiGateway.stage: expected a stage's name");
  const Json* tools = json::find(*configuration, "apiGatewayToolConfiguration");
  if (tools == nullptr) {
    return fail(Code::invalid, "apiGateway.apiGatewayToolConfiguration: expected toolFilters");
  }
  using openapi::Selection;
  TRY(Selection selection, Selection::parse(*tools, Selection::Of::stage));
  return std::make_unique<ApiGateway>(spec, std::string{api}, std::string{stage},
                                      std::move(selection));
}

}  // namespace toolgate::targets::api_gateway
