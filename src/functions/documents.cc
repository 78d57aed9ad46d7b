#include "functions/documents.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "json/members.h"

namespace toolgate::functions {
namespace {

constexpr std::size_t remembered_count_max = 10'000;

store::Key key_of(const model::Place& place, std::string_view kind, std::string id) {
  return {.account = place.account,
          .region = place.region,
          .kind = std::string{kind},
          .id = std::move(id)};
}

LogForm log_form_of(const Json& settings) {
  LogForm form;
  form.json = json::find_string(settings, "LoggingConfig", "LogFormat") == "JSON";
  const auto level = [&](std::string_view member) {
    const auto word = json::find_string(settings, "LoggingConfig", member);
    return word ? log_level_of(*word).value_or(LogLevel::info) : LogLevel::info;
  };
  form.application = level("ApplicationLogLevel");
  form.system = level("SystemLogLevel");
  return form;
}

}  // namespace

store::Key function_key(const model::Place& place, std::string_view name) {
  return key_of(place, kind::function, std::string{name});
}

store::Key version_key(const model::Place& place, std::string_view name, std::string_view number) {
  // Numbers in order of their text.
  return key_of(place, kind::version, fmt::format("{}/{:0>8}", name, number));
}

store::Key alias_key(const model::Place& place, std::string_view name, std::string_view alias) {
  return key_of(place, kind::alias, fmt::format("{}/{}", name, alias));
}

std::string function_arn(const model::Place& place, std::string_view name) {
  return fmt::format("arn:aws:lambda:{}:{}:function:{}", place.region, place.account, name);
}

bool is_number(std::string_view qualifier) {
  return !qualifier.empty() &&
         std::ranges::all_of(qualifier, [](char c) { return c >= '0' && c <= '9'; });
}

std::unexpected<Error> no_such_function(const model::Place& place, std::string_view name,
                                        std::string_view qualifier) {
  std::string arn = function_arn(place, name);
  if (!qualifier.empty()) arn += ':' + std::string{qualifier};
  auto error = fail(Code::not_found, "Function not found: " + arn);
  error.error().name = "ResourceNotFoundException";
  return error;
}

Result<Function> function_from(const model::Place& place, const Json& document) {
  const Json* settings = json::find(document, "configuration");
  if (settings == nullptr) return fail(Code::internal, "a function without configuration");
  Function function;
  function.place = place;
  function.name = json::member(*settings, "FunctionName");
  function.version = json::member(*settings, "Version");
  function.arn = function_arn(place, function.name);
  function.revision = json::member(document, "runs");
  function.digest = json::member(document, "digest");
  function.blob = json::member(document, "blob");
  function.runtime = json::member(*settings, "Runtime");
  function.handler = json::member(*settings, "Handler");
  function.role = json::member(*settings, "Role");
  function.log_group = std::string{json::find_string(*settings, "LoggingConfig", "LogGroup")
                                       .value_or("/aws/lambda/" + function.name)};
  function.log_form = log_form_of(*settings);
  function.timeout = std::chrono::seconds{json::find_int(*settings, "Timeout").value_or(3)};
  function.memory_mb =
      static_cast<std::uint64_t>(json::find_int(*settings, "MemorySize").value_or(128));
  if (const Json* all = json::find(*settings, "Environment", "Variables");
      all != nullptr && all->is_object()) {
    for (const auto& [name, value] : all->get_object()) {
      if (value.is_string()) function.variables.emplace_back(name, value.get_string());
    }
  }
  return function;
}

// The alias's version, or by weight another one.
Task<Result<std::string>> Catalogue::version_of_alias(const model::Place& place,
                                                      const std::string& name,
                                                      const std::string& alias) {
  CO_TRY(const auto document, co_await store::get_json(store_, alias_key(place, name, alias)));
  if (!document) co_return no_such_function(place, name, alias);
  std::string version = json::member(*document, "FunctionVersion");
  const Json* weights = json::find(*document, "RoutingConfig", "AdditionalVersionWeights");
  if (weights == nullptr || !weights->is_object()) co_return version;
  thread_local std::minstd_rand dice{std::random_device{}()};
  double at = std::uniform_real_distribution<double>{0, 1}(dice);
  for (const auto& [other, weight] : weights->get_object()) {
    at -= weight.is_double() ? weight.get_double() : 0;
    if (at < 0) co_return std::string{other};
  }
  co_return version;
}

Task<Result<Found>> Catalogue::read(const model::Place& place, const std::string& name,
                                    std::string qualifier) {
  CO_TRY(const auto head, co_await store::get_json(store_, function_key(place, name)));
  if (!head) co_return no_such_function(place, name, qualifier);
  Found found;
  if (const auto reserved = json::find_int(*head, "concurrency")) {
    found.concurrency = static_cast<std::size_t>(*reserved);
  }
  const bool alias = !qualifier.empty() && qualifier != latest && !is_number(qualifier);
  std::string version = qualifier;
  if (alias) {
    CO_TRY(version, co_await version_of_alias(place, name, qualifier));
  }
  if (version.empty() || version == latest) {
    CO_TRY(Function function, function_from(place, *head));
    found.function = std::make_shared<const Function>(std::move(function));
    co_return found;
  }
  CO_TRY(const auto document, co_await store::get_json(store_, version_key(place, name, version)));
  if (!document) co_return no_such_function(place, name, qualifier);
  CO_TRY(Function function, function_from(place, *document));
  found.function = std::make_shared<const Function>(std::move(function));
  co_return found;
}

Task<Result<Found>> Catalogue::find(model::Place place, std::string name, std::string qualifier) {
  const store::Version now = store_.version();
  const std::string key = fmt::format("{}/{}/{}/{}", place.account, place.region, name, qualifier);
  {
    const std::scoped_lock lock{mutex_};
    if (as_of_ == now) {
      const auto known = found_.find(key);
      if (known != found_.end()) co_return known->second;
    }
  }
  CO_TRY(Found found, co_await read(place, name, qualifier));
  // An alias may have weights: it is looked up anew each time.
  const bool alias = !qualifier.empty() && qualifier != latest && !is_number(qualifier);
  if (alias) co_return found;
  const std::scoped_lock lock{mutex_};
  if (as_of_ != now || found_.size() > remembered_count_max) {
    if (as_of_ > now) co_return found;
    found_.clear();
    as_of_ = now;
  }
  found_[key] = found;
  co_return found;
}

}  // namespace toolgate::functions
