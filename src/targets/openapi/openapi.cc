#include "targets/openapi/openapi.h"

#include "base/memory.h"
#include "base/steps.h"
#include "json/members.h"
#include "targets/openapi/caller.h"
#include "targets/openapi/convert.h"
#include "targets/openapi/document.h"
#include "targets/openapi/selection.h"
#include "targets/openapi/server_checks.h"
#include "targets/s3_document.h"

namespace toolgate::targets::openapi {
namespace {

const Json& configuration_of(const TargetSpec& spec) {
  const Json* found = json::find(spec.configuration, "mcp", "openApiSchema");
  ASSERT(found != nullptr);
  return *found;
}

// All operations, or those that the document chooses itself.
Result<Catalogue> convert_as_it_says(const Json& document, const Conversion& conversion) {
  TRY(const auto own, Selection::in(document));
  return own ? own->convert(document, conversion) : convert(document, conversion);
}

Result<Catalogue> catalogue_of(std::string_view text, const Conversion& conversion, Steps* steps) {
  OneStep reading{steps, "document", "OpenAPI, JSON or YAML"};
  const auto document = read_document(text);
  reading.ended(document);
  if (!document) return std::unexpected(document.error());
  OneStep converting{steps, "tool list", "operations of the document"};
  auto catalogue = convert_as_it_says(*document, conversion);
  converting.ended(catalogue);
  return catalogue;
}

class OpenApi final : public Target {
 public:
  explicit OpenApi(TargetSpec spec) : spec_{std::move(spec)} {}

  Task<Result<Catalogue>> discover(Discovery discovery) const override {
    const Json& configuration = configuration_of(spec_);
    std::string text = json::member(configuration, "inlinePayload");
    if (const Json* s3 = json::find(configuration, "s3")) {
      CO_TRY(S3Place place, parse_s3_place(*s3));
      CO_TRY(text, co_await read_s3_document(std::move(place), spec_.place.region, discovery,
                                             document_bytes_max));
    }
    ToolsByServer servers;
    const auto work = [this, &discovery, &text, &servers] {
      const Conversion conversion{.target_name = spec_.name,
                                  .credential = discovery.credential,
                                  .users_own = discovery.users_own,
                                  .choose = {}};
      auto catalogue = catalogue_of(text, conversion, discovery.steps);
      if (catalogue) servers = tools_by_server(*catalogue);
      give_back_memory(text.size());
      return catalogue;
    };
    Result<Catalogue> catalogue;
    if (discovery.offload == nullptr) {
      catalogue = work();
    } else {
      catalogue = co_await discovery.offload->run(work);
    }
    if (catalogue) CO_TRY_DO(check_servers(*catalogue, servers, discovery.worker));
    co_return catalogue;
  }

  [[nodiscard]] std::vector<Permission> permissions() const override {
    const Json* s3 = json::find(configuration_of(spec_), "s3");
    if (s3 == nullptr) return {};
    const auto place = parse_s3_place(*s3);
    if (!place) return {};
    return {permission_to_read(*place)};
  }

  Result<std::shared_ptr<const Recipe>> prepare(const mcp::ToolDefinition& tool) const override {
    return prepare_call(tool);
  }

  Task<Result<Outcome>> call(Invocation invocation, net::Worker& worker,
                             Events& /*events*/) const override {
    return call_operation(std::move(invocation), worker);
  }

 private:
  const TargetSpec spec_;
};

}  // namespace

Result<std::unique_ptr<const Target>> open(const TargetSpec& spec) {
  const Json& configuration = configuration_of(spec);
  if (const Json* s3 = json::find(configuration, "s3")) {
    TRY(const S3Place place, parse_s3_place(*s3));
  } else if (!json::find_string(configuration, "inlinePayload")) {
    return fail(Code::invalid, "openApiSchema: expected inlinePayload, the document's text, or s3");
  }
  return std::make_unique<OpenApi>(spec);
}

Result<void> check(const TargetSpec& spec) {
  const auto text = json::find_string(configuration_of(spec), "inlinePayload");
  if (!text) return {};
  const net::Credential none;
  auto catalogue =
      catalogue_of(*text, {.target_name = spec.name, .credential = none, .choose = {}}, nullptr);
  if (!catalogue) {
    return fail(Code::invalid, "openApiSchema.inlinePayload: " + catalogue.error().message);
  }
  return {};
}

}  // namespace toolgate::targets::openapi
