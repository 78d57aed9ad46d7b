// TagResource, UntagResource, ListResourceTags.
#include "services/kms/tags.h"

#include <fmt/format.h>

namespace toolgate::services::kms {
namespace {

using aws::Answer;
using aws::Call;

constexpr std::size_t tags_count_max = 50;  // KMS quotas

Task<Result<Answer>> tag_resource(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  JsonObject tags = key.body["tags"].get_object();
  CO_TRY(JsonObject more, tags_with(std::move(tags), json::find_array(call.input, "Tags")));
  key.body["tags"] = std::move(more);
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

Task<Result<Answer>> untag_resource(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  CO_TRY_DO(check_not_pending(key));
  for (const Json& name : *json::find_array(call.input, "TagKeys")) {
    key.body["tags"].get_object().erase(std::string_view{name.get_string()});
  }
  CO_TRY_DO(co_await save(kms, std::move(key)));
  co_return Answer{};
}

// At most 50: one page.
Task<Result<Answer>> list_resource_tags(Kms& kms, Call& call, net::Worker&) {
  CO_TRY(Key key, co_await load_key(kms, call));
  JsonArray tags;
  for (const auto& [name, value] : key.body["tags"].get_object()) {
    tags.push_back(JsonObject{{"TagKey", name}, {"TagValue", value}});
  }
  co_return Answer{JsonObject{{"Tags", std::move(tags)}, {"Truncated", false}}, {}};
}

}  // namespace

Result<JsonObject> tags_with(JsonObject tags, const JsonArray* list) {
  if (list != nullptr) {
    for (const Json& tag : *list) {
      const auto name = json::find_string(tag, "TagKey").value_or("");
      if (name.starts_with("aws:")) {
        return refuse(Code::invalid, "TagException",
                      fmt::format("TagKey {}: keys that begin with aws: are AWS's", name));
      }
      tags[name] = json::find_string(tag, "TagValue").value_or("");
    }
  }
  if (tags.size() > tags_count_max) {
    return refuse(Code::quota, "LimitExceededException",
                  fmt::format("{} tags on one key: at most {}", tags.size(), tags_count_max));
  }
  return tags;
}

void add_tag_operations(Kms& kms, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::writing_row(kms, "TagResource", tag_resource, busy));
  rows.push_back(aws::writing_row(kms, "UntagResource", untag_resource, busy));
  rows.push_back(aws::row(kms, "ListResourceTags", list_resource_tags));
}

}  // namespace toolgate::services::kms
