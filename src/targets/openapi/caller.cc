#include "targets/openapi/caller.h"

#include "json/scan.h"
#include "json/tape.h"
#include "targets/http_exchange.h"
#include "targets/http_result.h"
#include "targets/openapi/recipe.h"
#include "targets/openapi/request.h"

namespace toolgate::targets::openapi {
namespace {

// A tape that one large call has stretched is cut back to this.
constexpr std::size_t tape_values_max = 4'096;

// One thread's working space.
struct Scratch {
  json::Tape tape;
};

std::string_view output_schema_in(const std::string& definition) {
  json::Scanner scan{definition};
  json::Text key;
  std::string_view value;
  scan.enter('{');
  while (scan.next_member(key) && scan.skip(value)) {
    if (json::equals(key, "outputSchema")) return value;
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const Recipe>> prepare_call(const mcp::ToolDefinition& tool) {
  TRY(std::shared_ptr<CallRecipe> recipe, read_recipe(tool.recipe));
  const std::string definition = '{' + tool.rest + '}';
  const auto output = output_schema_in(definition);
  if (!output.empty()) {
    if (auto schema = json::Schema::compile(output)) recipe->output = *std::move(schema);
  }
  return recipe;
}

Task<Result<Outcome>> call_operation(Invocation invocation, net::Worker& worker) {
  const auto* recipe = dynamic_cast<const CallRecipe*>(invocation.recipe);
  if (recipe == nullptr) co_return fail(Code::internal, "the tool has no recipe");
  auto& tape = worker.local<Scratch>().tape;
  auto built = build_request(*recipe, invocation.arguments, invocation.credential, tape);
  tape.shrink(tape_values_max);
  if (!built) co_return refuse_arguments(built.error().message);
  const net::Url url = built->url;
  CO_TRY(const net::ClientResponse answer,
         co_await exchange(*std::move(built), invocation.credential, worker,
                           {.deadline = invocation.deadline,
                            .hops = invocation.hops,
                            .caller = invocation.caller,
                            .passage = invocation.passage}));
  co_return http_result(answer, {.output = recipe->output ? &*recipe->output : nullptr,
                                 .url = url,
                                 .credential = invocation.credential});
}

}  // namespace toolgate::targets::openapi
