#include "services/lambda/settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "services/lambda/resource.h"

namespace toolgate::services::lambda {
namespace {

using aws::Call;

// "Environment variables: 4 KB, in aggregate" (Lambda quotas).
constexpr std::size_t variables_bytes_max = 4'096;
constexpr std::int64_t timeout_seconds_max = 900;
constexpr std::int64_t memory_mb_max = 10'240;

bool is_empty(const Json& value) {
  if (value.is_string()) return value.get_string().empty();
  if (value.is_array()) return value.get_array().empty();
  if (value.is_object()) return value.get_object().empty();
  return value.is_null();
}

// Members that stand for nothing when they are empty, as tools send them.
struct Unsupported {
  std::string_view member;
  std::string_view part;  // of it that counts; empty: the whole
};
constexpr std::array unsupported_members{
    Unsupported{"VpcConfig", "SubnetIds"},
    Unsupported{"VpcConfig", "SecurityGroupIds"},
    Unsupported{"Layers", ""},
    Unsupported{"FileSystemConfigs", ""},
    Unsupported{"ImageConfig", ""},
    Unsupported{"CodeSigningConfigArn", ""},
    Unsupported{"DeadLetterConfig", "TargetArn"},
    Unsupported{"KMSKeyArn", ""},
    Unsupported{"TenancyConfig", ""},
    Unsupported{"CapacityProviderConfig", ""},
    Unsupported{"DurableConfig", ""},
    Unsupported{"AcceleratorConfig", ""},
    Unsupported{"PublishTo", ""},
    Unsupported{"Code", "ImageUri"},
    Unsupported{"Code", "SourceKMSKeyArn"},
    Unsupported{"ImageUri", ""},
    Unsupported{"SourceKMSKeyArn", ""},
};

Result<void> check_variables(const Json& environment) {
  const Json* all = json::find(environment, "Variables");
  if (all == nullptr || !all->is_object()) return {};
  std::size_t bytes = 0;
  std::string reserved;
  for (const auto& [name, value] : all->get_object()) {
    bytes += name.size() + value.get_string().size();
    if (functions::is_reserved(name)) {
      reserved += (reserved.empty() ? "" : ", ") + std::string{name};
    }
  }
  constexpr std::string_view unable =
      "Lambda was unable to configure your environment variables because the environment variables "
      "you have provided ";
  if (!reserved.empty()) {
    return invalid(
        fmt::format("{}contains reserved keys that are currently not supported for "
                    "modification. Reserved keys used in this request: {}",
                    unable, reserved));
  }
  if (bytes > variables_bytes_max) return invalid(fmt::format("{}exceeded the 4KB limit.", unable));
  return {};
}

Result<void> check_bound(const Call& call, std::string_view member, std::int64_t max) {
  const auto value = json::find_int(call.input, member);
  if (!value || *value <= max) return {};
  return invalid(
      fmt::format("{}: {} is more than the {} that toolgate allows", member, *value, max));
}

// Levels are of JSON alone: without it they are refused when they are given, and go with it.
Result<void> apply_logging(const Json& given, JsonObject& kept) {
  for (const auto& [name, value] : given.get_object()) kept[name] = value;
  const bool json = json::find_string(kept, "LogFormat") == "JSON";
  for (const std::string_view level : {"ApplicationLogLevel", "SystemLogLevel"}) {
    if (json) {
      if (!kept.contains(level)) kept[level] = "INFO";
    } else if (json::find(given, level) != nullptr) {
      return invalid(fmt::format("LoggingConfig.{}: only with LogFormat JSON", level));
    } else {
      kept.erase(level);
    }
  }
  return {};
}

Result<void> check_runtime(const Call& call) {
  const auto runtime = aws::text_if(call, "Runtime");
  if (!runtime || functions::family_of(*runtime)) return {};
  return invalid(fmt::format("Runtime: {} is not supported by toolgate; expected {}", *runtime,
                             functions::known_runtimes()));
}

}  // namespace

Result<void> refuse_unsupported(const Call& call) {
  for (const auto& [member, part] : unsupported_members) {
    const Json* value = json::find(call.input, member);
    if (value == nullptr) continue;
    if (!part.empty()) value = json::find(*value, part);
    if (value == nullptr || is_empty(*value)) continue;
    return unsupported(part.empty() ? std::string{member} : fmt::format("{}.{}", member, part));
  }
  if (aws::text_if(call, "PackageType") == "Image") return unsupported("PackageType Image");
  if (json::find_string(call.input, "SnapStart", "ApplyOn") == "PublishedVersions") {
    return unsupported("SnapStart.ApplyOn PublishedVersions");
  }
  const auto mode = json::find_string(call.input, "Code", "S3ObjectStorageMode");
  if (mode == "REFERENCE" || aws::text_if(call, "S3ObjectStorageMode") == "REFERENCE") {
    return unsupported("S3ObjectStorageMode REFERENCE");
  }
  return {};
}

Result<JsonObject> new_configuration(const Call& call, const std::string& name) {
  for (const std::string_view member : {"Runtime", "Handler"}) {
    if (!aws::text_if(call, member)) {
      return invalid(fmt::format(
          "{} is mandatory when the function is created with a deployment package", member));
    }
  }
  JsonObject configuration{
      {"FunctionName", name},
      {"FunctionArn", functions::function_arn(place_of(call), name)},
      {"Description", ""},
      {"Timeout", 3},
      {"MemorySize", 128},
      {"Version", functions::latest},
      {"TracingConfig", JsonObject{{"Mode", "PassThrough"}}},
      {"State", "Active"},
      {"LastUpdateStatus", "Successful"},
      {"PackageType", "Zip"},
      {"Architectures", JsonArray{"x86_64"}},
      {"EphemeralStorage", JsonObject{{"Size", 512}}},
      {"SnapStart", JsonObject{{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}}},
      {"LoggingConfig", JsonObject{{"LogFormat", "Text"}, {"LogGroup", "/aws/lambda/" + name}}}};
  TRY_DO(apply_settings(call, configuration));
  return configuration;
}

Result<void> apply_settings(const Call& call, JsonObject& configuration) {
  TRY_DO(check_runtime(call));
  TRY_DO(check_bound(call, "Timeout", timeout_seconds_max));
  TRY_DO(check_bound(call, "MemorySize", memory_mb_max));
  for (const std::string_view member : {"Runtime", "Role", "Handler", "Description", "Timeout",
                                        "MemorySize", "TracingConfig", "EphemeralStorage"}) {
    if (const Json* value = json::find(call.input, member)) configuration[member] = *value;
  }
  if (const Json* value = json::find(call.input, "Architectures")) {
    configuration["Architectures"] = *value;
  }
  if (const Json* logging = json::find(call.input, "LoggingConfig")) {
    TRY_DO(apply_logging(*logging, configuration["LoggingConfig"].get_object()));
  }
  const Json* environment = json::find(call.input, "Environment");
  if (environment == nullptr) return {};
  TRY_DO(check_variables(*environment));
  const Json* variables = json::find(*environment, "Variables");
  configuration.erase("Environment");
  if (variables != nullptr && !is_empty(*variables)) {
    configuration["Environment"] = JsonObject{{"Variables", *variables}};
  }
  return {};
}

Task<Result<void>> check_role(Lambda& lambda, std::string role_arn, std::string function_arn) {
  CO_TRY_DO(co_await lambda.authorizer.settle());
  const auto role = lambda.authorizer.view()->role(role_arn.substr(role_arn.rfind('/') + 1));
  const bool there = role != nullptr && role->arn == role_arn;
  if (!there ||
      !lambda.authorizer.service_may_assume(
          {.service = "lambda.amazonaws.com", .role_arn = role_arn, .source_arn = function_arn})) {
    co_return invalid("The role defined for the function cannot be assumed by Lambda.");
  }
  co_return Result<void>{};
}

}  // namespace toolgate::services::lambda
