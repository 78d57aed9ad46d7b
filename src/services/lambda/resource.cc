#include "services/lambda/resource.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "store/optimistic.h"

namespace toolgate::services::lambda {

using aws::Call;

std::unexpected<Error> invalid(std::string message) {
  return refuse(Code::invalid, "InvalidParameterValueException", std::move(message));
}

std::unexpected<Error> busy(std::string_view arn) {
  return refuse(Code::conflict, "ResourceConflictException",
                fmt::format("The operation cannot be performed at this time. An update is in "
                            "progress for resource: {}",
                            arn));
}

std::unexpected<Error> unsupported(std::string_view member) {
  return invalid(fmt::format("{}: not supported by toolgate; leave it out", member));
}

Result<Name> parse_name(const Call& call, std::string_view text) {
  const auto parts = split(text, ':');
  const bool whole = parts.front() == "arn";
  std::size_t at = 0;  // of the name
  for (std::size_t i = 0; i + 1 < parts.size() && at == 0; ++i) {
    if (parts[i] == "function") at = i + 1;
  }
  std::string_view region;
  std::string_view account;
  if (whole && parts.size() >= 7) {
    region = parts[3];
    account = parts[4];
  } else if (at >= 2) {
    account = parts[at - 2];
  }
  if (at >= parts.size() || parts.size() > at + 2) {
    return invalid(fmt::format("FunctionName: {} is no name or ARN of a function", text));
  }
  const bool foreign =
      (!region.empty() && region != call.region) || (!account.empty() && account != call.account);
  if (foreign) {
    return refuse(Code::not_found, "ResourceNotFoundException",
                  fmt::format("Function not found: {}", text));
  }
  return Name{.name = std::string{parts[at]},
              .qualifier = parts.size() > at + 1 ? std::string{parts[at + 1]} : std::string{}};
}

Result<Name> name_of(const Call& call) {
  TRY(Name name, parse_name(call, aws::text(call, "FunctionName")));
  const auto qualifier = aws::text_if(call, "Qualifier");
  if (!qualifier) return name;
  if (!name.qualifier.empty() && name.qualifier != *qualifier) {
    return invalid(
        "The derived qualifier from the function name does not match the specified qualifier.");
  }
  name.qualifier = *qualifier;
  return name;
}

namespace {

Task<Result<std::optional<Loaded>>> read(Lambda& lambda, store::Key key) {
  CO_TRY(auto found, co_await store::get_document(lambda.store, key));
  if (!found) co_return std::nullopt;
  co_return Loaded{.key = std::move(key),
                   .version = found->version,
                   .document = std::move(found->body.get_object())};
}

}  // namespace

Task<Result<Loaded>> load_head(Lambda& lambda, const Call& call, const std::string& name) {
  const model::Place place = place_of(call);
  CO_TRY(auto found, co_await read(lambda, functions::function_key(place, name)));
  if (!found) co_return functions::no_such_function(place, name, {});
  co_return *std::move(found);
}

Task<Result<Loaded>> load(Lambda& lambda, const Call& call, const Name& name) {
  const model::Place place = place_of(call);
  const std::string arn = functions::function_arn(place, name.name) +
                          (name.qualifier.empty() ? "" : ':' + name.qualifier);
  std::string version = name.qualifier;
  if (!version.empty() && version != functions::latest && !functions::is_number(version)) {
    CO_TRY(const auto alias,
           co_await store::get_json(lambda.store, functions::alias_key(place, name.name, version)));
    if (!alias) co_return functions::no_such_function(place, name.name, name.qualifier);
    version = json::find_string(*alias, "FunctionVersion").value_or("");
  }
  std::optional<Loaded> found;
  if (version.empty() || version == functions::latest) {
    CO_TRY(found, co_await load_head(lambda, call, name.name));
  } else {
    CO_TRY(found, co_await read(lambda, functions::version_key(place, name.name, version)));
  }
  if (!found) co_return functions::no_such_function(place, name.name, name.qualifier);
  found->configuration()["FunctionArn"] = arn;
  co_return *std::move(found);
}

std::string new_revision() { return random_uuid(); }

std::string last_modified(Time time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}+0000", whole, (time - whole).count());
}

Result<void> check_revision(const Call& call, const JsonObject& holder) {
  const auto wanted = aws::text_if(call, "RevisionId");
  if (!wanted || *wanted == json::member(holder, "RevisionId")) return {};
  return refuse(Code::conflict, "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the "
                "GetFunction/GetAlias API to retrieve the latest Revision Id");
}

Task<Result<void>> replace(Lambda& lambda, const Loaded& loaded, store::Batch batch) {
  batch.preconditions.push_back(store::unchanged(loaded.key, loaded.version, "changed"));
  batch.puts.push_back({.key = loaded.key, .body = json::print(loaded.document)});
  const auto done = co_await lambda.store.commit(std::move(batch));
  if (!done && done.error().code == Code::conflict) co_return busy(loaded.key.id);
  if (!done) co_return std::unexpected(done.error());
  co_return Result<void>{};
}

std::size_t body_bytes_max(std::string_view path) {
  if (!path.starts_with("/2015-03-31/functions")) return 0;
  return path.ends_with("/invocations") || path.ends_with("/invocations/") ? invoke_bytes_max
                                                                           : request_bytes_max;
}

}  // namespace toolgate::services::lambda
