// ListObjectsV2, ListObjects.
#include "base/text.h"
#include "crypto/hash.h"
#include "json/members.h"
#include "services/s3/documents.h"
#include "services/s3/object_answer.h"

namespace toolgate::services::s3 {
namespace {

struct Wanted {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string behind;  // a key or a common prefix: what is listed stands behind it
  std::size_t size = page_size_max;
};
struct Listed {
  std::vector<store::Document> objects;
  std::vector<std::string> prefixes;
  std::string last;
  bool truncated = false;
  [[nodiscard]] std::size_t count() const { return objects.size() + prefixes.size(); }
};

// The common prefix that the key is rolled up into, or empty.
std::string_view rolled_up(const Wanted& wanted, std::string_view key) {
  if (wanted.delimiter.empty()) return {};
  const auto found = key.find(wanted.delimiter, wanted.prefix.size());
  return found == std::string_view::npos ? std::string_view{}
                                         : key.substr(0, found + wanted.delimiter.size());
}

// Behind everything that begins with the prefix: no key has this byte, which is no UTF-8.
std::string past(std::string_view prefix) { return std::string{prefix} + '\xFF'; }

Task<Result<Listed>> list(S3& s3, Wanted wanted) {
  Listed out;
  std::string from = wanted.behind;
  if (!from.empty() && rolled_up(wanted, from) == from) from = past(from);
  while (true) {
    const auto limit = wanted.size - out.count() + 1;
    CO_TRY(auto page,
           co_await s3.store.list_behind(object_key(wanted.bucket, wanted.prefix), limit, from));
    bool jumped = false;
    for (auto& document : page.documents) {
      if (out.count() == wanted.size) {
        out.truncated = wanted.size > 0;
        co_return out;
      }
      const auto prefix = rolled_up(wanted, document.key.id);
      if (!prefix.empty()) {
        out.last = prefix;
        out.prefixes.push_back(out.last);
        from = past(out.last);
        jumped = true;
        break;
      }
      out.last = document.key.id;
      from = document.key.id;
      out.objects.push_back(std::move(document));
    }
    if (!jumped && page.next.empty()) co_return out;
  }
}

class Names {
 public:
  explicit Names(const aws::Call& call) : url_{aws::text_if(call, "EncodingType") == "url"} {}
  [[nodiscard]] std::string operator()(std::string_view name) const {
    return url_ ? percent_encode(name, "/") : std::string{name};
  }

 private:
  bool url_;
};

Result<JsonObject> entry(const store::Document& document, const Names& names) {
  TRY(const auto row, json::parse(document.body));
  JsonObject out{{"Key", names(document.key.id)},
                 {"LastModified", time_in(row, "modified")},
                 {"ETag", etag_in(row)},
                 {"Size", whole(size_in(row))},
                 {"StorageClass", storage_class(row)}};
  const Json* checks = json::find(row, "checks");
  if (checks != nullptr && checks->is_object() && !checks->get_object().empty()) {
    out["ChecksumAlgorithm"] = JsonArray{Json(checks->get_object().begin()->key())};
    out["ChecksumType"] = json::member(row, "check_type");
  }
  return out;
}

// The members that both versions have.
Result<JsonObject> common_output(const aws::Call& call, const Wanted& wanted,
                                 const Listed& listed) {
  const Names names{call};
  JsonArray contents;
  JsonArray prefixes;
  for (const auto& document : listed.objects) {
    TRY(auto made, entry(document, names));
    contents.push_back(std::move(made));
  }
  for (const auto& prefix : listed.prefixes) {
    prefixes.push_back(JsonObject{{"Prefix", names(prefix)}});
  }
  JsonObject out{{"Name", wanted.bucket},           {"Prefix", names(wanted.prefix)},
                 {"MaxKeys", whole(wanted.size)},   {"IsTruncated", listed.truncated},
                 {"Contents", std::move(contents)}, {"CommonPrefixes", std::move(prefixes)}};
  if (!wanted.delimiter.empty()) out["Delimiter"] = names(wanted.delimiter);
  if (const auto type = aws::text_if(call, "EncodingType")) out["EncodingType"] = *type;
  return out;
}

Result<Wanted> wanted_of(const aws::Call& call) {
  const auto size = number_or(call, "MaxKeys", page_size_max);
  if (size < 0) {
    return refuse(Code::invalid, "InvalidArgument",
                  "Argument max-keys must be an integer between 0 and 2147483647");
  }
  Wanted wanted{.bucket = aws::text(call, "Bucket"),
                .prefix = aws::text_if(call, "Prefix").value_or(""),
                .delimiter = aws::text_if(call, "Delimiter").value_or(""),
                .behind = {},
                .size = static_cast<std::size_t>(std::min(size, page_size_max))};
  TRY_DO(check_key(wanted.prefix));
  return wanted;
}

Task<Result<aws::Answer>> list_objects_v2(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(auto wanted, wanted_of(call));
  wanted.behind = aws::text_if(call, "StartAfter").value_or("");
  const auto token = aws::text_if(call, "ContinuationToken");
  if (token) {
    auto behind = crypto::from_base64url(*token);
    if (!behind || behind->empty()) {
      co_return refuse(Code::invalid, "InvalidArgument",
                       "The continuation token provided is incorrect");
    }
    wanted.behind = *std::move(behind);
  }
  CO_TRY(const auto listed, co_await list(s3, wanted));
  CO_TRY(auto output, common_output(call, wanted, listed));
  output["KeyCount"] = whole(listed.count());
  if (token) output["ContinuationToken"] = *token;
  if (const auto start = aws::text_if(call, "StartAfter")) {
    output["StartAfter"] = Names{call}(*start);
  }
  if (listed.truncated) output["NextContinuationToken"] = crypto::base64url(listed.last);
  if (json::find_bool(call.input, "FetchOwner").value_or(false)) {
    for (auto& object : output["Contents"].get_array()) {
      object.get_object()["Owner"] = owner_of(call.account);
    }
  }
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

Task<Result<aws::Answer>> list_objects(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  CO_TRY(auto wanted, wanted_of(call));
  wanted.behind = aws::text_if(call, "Marker").value_or("");
  CO_TRY(const auto listed, co_await list(s3, wanted));
  CO_TRY(auto output, common_output(call, wanted, listed));
  const Names names{call};
  output["Marker"] = names(wanted.behind);
  // Without a delimiter the last key is the next marker, and not said ("ListObjects", S3 API).
  if (listed.truncated && !wanted.delimiter.empty()) output["NextMarker"] = names(listed.last);
  for (auto& object : output["Contents"].get_array()) {
    object.get_object()["Owner"] = owner_of(call.account);
  }
  co_return aws::Answer{.output = std::move(output), .body = {}};
}

}  // namespace

void add_listing_operations(S3& s3, std::vector<aws::Operation>& rows) {
  using aws::row;
  rows.push_back(row(s3, "ListObjectsV2", list_objects_v2));
  rows.push_back(row(s3, "ListObjects", list_objects));
}

}  // namespace toolgate::services::s3
