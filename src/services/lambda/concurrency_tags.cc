// What belongs to a function as a whole: its bound on calls at a time, signing, and its tags.
#include <fmt/format.h>

#include "services/lambda/resource.h"

namespace toolgate::services::lambda {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;

Task<Result<Answer>> put_function_concurrency(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  const auto wanted = json::find_int(call.input, "ReservedConcurrentExecutions").value_or(0);
  head.document["concurrency"] = wanted;
  CO_TRY_DO(co_await replace(lambda, head));
  co_return Answer{.output = JsonObject{{"ReservedConcurrentExecutions", wanted}}, .body = {}};
}

Task<Result<Answer>> get_function_concurrency(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  JsonObject output;
  if (const Json* reserved = head.document.if_contains("concurrency")) {
    output["ReservedConcurrentExecutions"] = *reserved;
  }
  co_return Answer{.output = std::move(output), .body = {}};
}

Task<Result<Answer>> delete_function_concurrency(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY(Loaded head, co_await load_head(lambda, call, name.name));
  head.document.erase("concurrency");
  CO_TRY_DO(co_await replace(lambda, head));
  co_return Answer{};
}

// No function is signed here. Terraform asks for it whenever it reads a function.
Task<Result<Answer>> get_function_code_signing_config(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(const Name name, name_of(call));
  CO_TRY_DO(co_await load_head(lambda, call, name.name));
  co_return Answer{.output = JsonObject{{"FunctionName", name.name}}, .body = {}};
}

Task<Result<Loaded>> load_tagged(Lambda& lambda, const Call& call) {
  CO_TRY(const Name name, parse_name(call, aws::text(call, "Resource")));
  co_return co_await load_head(lambda, call, name.name);
}

JsonObject& tags_of(Loaded& head) {
  Json& tags = head.document["tags"];
  if (!tags.is_object()) tags = JsonObject{};
  return tags.get_object();
}

Task<Result<Answer>> tag_resource(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(Loaded head, co_await load_tagged(lambda, call));
  for (const auto& [key, value] : json::find(call.input, "Tags")->get_object()) {
    tags_of(head)[key] = value;
  }
  if (tags_of(head).size() > tags_count_max) {
    co_return invalid(fmt::format("Tags: {}; at most {}", tags_of(head).size(), tags_count_max));
  }
  CO_TRY_DO(co_await replace(lambda, head));
  co_return Answer{};
}

Task<Result<Answer>> untag_resource(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(Loaded head, co_await load_tagged(lambda, call));
  for (const Json& key : *json::find_array(call.input, "TagKeys")) {
    tags_of(head).erase(std::string_view{key.get_string()});
  }
  CO_TRY_DO(co_await replace(lambda, head));
  co_return Answer{};
}

Task<Result<Answer>> list_tags(Lambda& lambda, Call& call, net::Worker&) {
  CO_TRY(Loaded head, co_await load_tagged(lambda, call));
  co_return Answer{.output = JsonObject{{"Tags", tags_of(head)}}, .body = {}};
}

}  // namespace

void add_setting_operations(Lambda& lambda, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(lambda, "PutFunctionConcurrency", put_function_concurrency));
  rows.push_back(aws::row(lambda, "GetFunctionConcurrency", get_function_concurrency));
  rows.push_back(aws::row(lambda, "DeleteFunctionConcurrency", delete_function_concurrency));
  rows.push_back(
      aws::row(lambda, "GetFunctionCodeSigningConfig", get_function_code_signing_config));
  rows.push_back(aws::row(lambda, "TagResource", tag_resource));
  rows.push_back(aws::row(lambda, "UntagResource", untag_resource));
  rows.push_back(aws::row(lambda, "ListTags", list_tags));
}

}  // namespace toolgate::services::lambda
