#include "vended/deliveries.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "identity/policy/decide.h"
#include "json/members.h"
#include "model/log_kinds.h"
#include "store/documents.h"

namespace toolgate::vended {
namespace {

namespace kind = model::log_kind;

// Who delivers, in resource policies ("Logs sent to CloudWatch Logs", CloudWatch Logs user guide).
constexpr std::string_view deliverer = "delivery.logs.amazonaws.com";
constexpr std::string_view gateway_resource = "gateway/";

// Documents of one kind and place, by id.
Task<Result<std::map<std::string, Json>>> documents(store::Store& store, store::Key prefix) {
  CO_TRY(auto all, co_await store::list_all_json(store, std::move(prefix)));
  std::map<std::string, Json> by_id;
  for (auto& each : all) by_id[each.key.id] = std::move(each.body);
  co_return by_id;
}

// A resource policy may forbid what is allowed otherwise: the service that delivers makes the
// policy that lets it in by itself.
bool forbidden(const std::map<std::string, Json>& policies, const Delivery& delivery) {
  namespace policy = identity::policy;
  const std::string arn = fmt::format("arn:aws:logs:{}:{}:log-group:{}:*", delivery.group.region,
                                      delivery.group.account, delivery.group.name);
  const policy::Caller caller{.kind = policy::Caller::Kind::service,
                              .account = {},
                              .arn = {},
                              .role_arn = {},
                              .id = {},
                              .service = std::string{deliverer}};
  const policy::Context context{{"aws:SourceAccount", delivery.account}};
  const auto denies = [&](const auto& entry) {
    const auto& [id, body] = entry;
    if (id.starts_with("resource/") && id != "resource/" + delivery.group.name) return false;
    const auto parsed =
        policy::parse(json::member(body, "policyDocument"), policy::Use::resource, std::string{id});
    if (!parsed) return true;  // it might have denied
    const auto decision = policy::decide({.caller = caller,
                                          .action = "logs:PutLogEvents",
                                          .resource = arn,
                                          .resource_account = delivery.group.account,
                                          .context = context},
                                         {.identity = {}, .session = {}, .resource = &*parsed});
    return decision.outcome == policy::Outcome::explicit_deny;
  };
  return std::ranges::any_of(policies, denies);
}

// arn:aws:logs:REGION:ACCOUNT:log-group:NAME[:*], arn:aws:s3:::BUCKET[/PREFIX],
// arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME
bool set_destination(Delivery& delivery, const std::string& arn) {
  const auto parts = split(arn, ':');
  if (parts.size() < 6) return false;
  const auto resource = arn.substr(static_cast<std::size_t>(parts[5].data() - arn.data()));
  if (parts[2] == "logs" && parts.size() >= 7 && parts[5] == "log-group") {
    delivery.kind = Delivery::Kind::log_group;
    delivery.group = {.account = std::string{parts[4]},
                      .region = std::string{parts[3]},
                      .name = std::string{parts[6]}};
    return true;
  }
  if (parts[2] == "s3") {
    delivery.kind = Delivery::Kind::bucket;
    const auto slash = resource.find('/');
    delivery.bucket = resource.substr(0, slash);
    if (slash != std::string::npos) delivery.prefix = resource.substr(slash + 1);
    while (delivery.prefix.ends_with('/')) delivery.prefix.pop_back();
    return !delivery.bucket.empty();
  }
  if (parts[2] == "firehose" && resource.starts_with("deliverystream/")) {
    delivery.kind = Delivery::Kind::stream;
    delivery.stream = resource.substr(resource.find('/') + 1);
    return true;
  }
  return false;
}

struct Documents {
  std::map<std::string, Json> sources;
  std::map<std::string, Json> destinations;
  std::map<std::string, Json> deliveries;
  std::map<std::string, Json> policies;
};

void add(Deliveries::Table& table, const store::Key& place, const std::string& id,
         const Documents& of) {
  const Json& body = of.deliveries.at(id);
  const auto source = of.sources.find(json::member(body, "deliverySourceName"));
  const std::string destination_arn = json::member(body, "deliveryDestinationArn");
  const auto destination = of.destinations.find(
      destination_arn.substr(std::min(destination_arn.rfind(':') + 1, destination_arn.size())));
  if (source == of.sources.end() || destination == of.destinations.end()) return;
  if (json::member(source->second, "logType") != "APPLICATION_LOGS") return;
  const auto* arns = json::find_array(source->second, "resourceArns");
  if (arns == nullptr || arns->empty()) return;
  const std::string gateway_arn{arns->at(0).get_string()};
  const auto resource = gateway_arn.substr(gateway_arn.rfind(':') + 1);
  if (!resource.starts_with(gateway_resource)) return;  // runtimes write theirs themselves

  Delivery delivery;
  delivery.id = id;
  delivery.account = place.account;
  delivery.region = place.region;
  delivery.gateway_id = resource.substr(gateway_resource.size());
  const auto target = json::find_string(destination->second, "deliveryDestinationConfiguration",
                                        "destinationResourceArn");
  if (!target || !set_destination(delivery, std::string{*target})) return;
  if (const auto* fields = json::find_array(body, "recordFields")) {
    for (const auto& field : *fields) delivery.fields.emplace_back(field.get_string());
  }
  if (const auto suffix = json::find_string(body, "s3DeliveryConfiguration", "suffixPath")) {
    delivery.suffix = *suffix;
  }
  delivery.hive =
      json::find_bool(body, "s3DeliveryConfiguration", "enableHiveCompatiblePath").value_or(false);
  if (delivery.kind == Delivery::Kind::log_group && forbidden(of.policies, delivery)) {
    log::warn("delivery {}: a resource policy forbids {} to write to {}: nothing is delivered", id,
              deliverer, delivery.group.name);
    return;
  }
  table[gateway_arn].push_back(std::make_shared<const Delivery>(std::move(delivery)));
}

}  // namespace

bool Deliveries::concerns(const std::vector<store::Change>& changes) {
  const bool touched = std::ranges::any_of(changes, [](const store::Change& change) {
    return change.key.kind == kind::delivery || change.key.kind == kind::source ||
           change.key.kind == kind::destination || change.key.kind == kind::policy;
  });
  if (touched) ++wanted_;
  return touched;
}

Task<Result<void>> Deliveries::reload() {
  const std::uint64_t shows = wanted_;
  CO_TRY(const auto keys, co_await store_.keys_of(std::string{kind::delivery}));
  std::set<std::pair<std::string, std::string>> places;
  for (const auto& key : keys) places.emplace(key.account, key.region);
  auto fresh = std::make_shared<Table>();
  for (const auto& [account, region] : places) {
    store::Key place{.account = account, .region = region, .kind = {}, .id = {}};
    const auto of = [&](std::string_view name) {
      store::Key key = place;
      key.kind = name;
      return key;
    };
    Documents found;
    CO_TRY(found.sources, co_await documents(store_, of(kind::source)));
    CO_TRY(found.destinations, co_await documents(store_, of(kind::destination)));
    CO_TRY(found.deliveries, co_await documents(store_, of(kind::delivery)));
    CO_TRY(found.policies, co_await documents(store_, of(kind::policy)));
    for (const auto& [id, body] : found.deliveries) add(*fresh, place, id, found);
  }
  const std::scoped_lock lock{mutex_};
  if (shows < as_of_) co_return Result<void>{};  // a later one was faster
  table_ = std::move(fresh);
  as_of_ = shows;
  co_return Result<void>{};
}

}  // namespace toolgate::vended
