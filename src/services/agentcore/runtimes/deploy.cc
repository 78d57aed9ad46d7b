// The jobs of runtimes: a version is brought up and DEFAULT follows it; an endpoint is pointed at a
// version. A crash at any place leaves the job, which does it again.
#include <fmt/format.h>

#include "base/log.h"
#include "runtimes/documents.h"
#include "runtimes/kept_lease.h"
#include "services/agentcore/runtimes/artifact.h"
#include "services/agentcore/runtimes/parts.h"
#include "store/documents.h"
#include "store/optimistic.h"

namespace toolgate::services::agentcore {
namespace {

constexpr std::size_t reason_bytes_max = 2'000;

store::Key runtime_of(const store::Key& child) {
  store::Key key = child;
  key.kind = runtimes::kind::runtime;
  key.id.resize(key.id.find('/'));
  return key;
}

double now_of(const RuntimeParts& parts) {
  return epoch_seconds(parts.fleet.options().clock->now());
}

// Lines of building and starting go where the program's own output goes.
runtimes::Log log_of(const RuntimeParts& parts, const store::Key& runtime) {
  const auto& sink = parts.fleet.options().log;
  if (!sink) return [](std::string_view) {};
  const runtimes::LogPlace at{.place = {runtime.account, runtime.region},
                              .group = fmt::format("/aws/bedrock-agentcore/runtimes/{}-{}",
                                                   runtime.id, runtimes::default_endpoint),
                              .stream = "deployments"};
  return [sink, at](std::string_view line) { sink(at, line); };
}

struct Outcome {
  JsonObject version;  // the document as it is to be written
  std::string failure;
};

Task<Outcome> bring_up(RuntimeParts& parts, const store::Key& runtime, const store::Key& key,
                       const Json& document, net::Worker& worker) {
  Outcome outcome{.version = document.get_object(), .failure = {}};
  const int number = runtimes::version_number(document, "agentRuntimeVersion");
  auto artifact = co_await resolve_artifact(parts, key, document, worker);
  if (!artifact) {
    outcome.failure = artifact.error().message;
    co_return outcome;
  }
  outcome.version["recipe"] = runtimes::to_json(artifact->recipe);
  outcome.version["imageDigest"] = artifact->digest;
  const auto up =
      co_await parts.fleet.bring_up(runtime, number, outcome.version, log_of(parts, runtime));
  if (!up) outcome.failure = up.error().message;
  co_return outcome;
}

// What a batch says about the end: status, and why.
void conclude(JsonObject& document, const Outcome& outcome, double now) {
  const bool updating = document["status"].get_string() == "UPDATING";
  document.erase("failureReason");
  document["lastUpdatedAt"] = now;
  if (outcome.failure.empty()) {
    document["status"] = "READY";
  } else {
    document["status"] = updating ? "UPDATE_FAILED" : "CREATE_FAILED";
    document["failureReason"] = outcome.failure.substr(0, reason_bytes_max);
  }
}

// An endpoint's document, which leads to the new version if that came up.
JsonObject concluded(JsonObject endpoint, const Outcome& outcome, double now) {
  conclude(endpoint, outcome, now);
  if (outcome.failure.empty()) endpoint["liveVersion"] = endpoint["targetVersion"];
  return endpoint;
}

Task<Result<void>> drop(store::Store& store, const store::Job& job) {
  store::Batch batch;
  batch.job_done = job;
  CO_TRY_DO(co_await store.commit(std::move(batch)));
  co_return Result<void>{};
}

Task<Result<void>> deploy(RuntimeParts& parts, const store::Job& job, net::Worker& worker) {
  store::Store& store = *parts.fleet.options().store;
  const runtimes::KeptLease lease{store, job, catalogue::Runner::lease_for, worker};
  const store::Key key = job.spec.subject;
  const store::Key runtime = runtime_of(key);
  CO_TRY(const auto version, co_await store::get_document(store, key));
  if (!version) co_return co_await drop(store, job);
  Outcome outcome = co_await bring_up(parts, runtime, key, version->body, worker);
  if (!outcome.failure.empty()) {
    log::warn("runtime {}: not deployed: {}", key.id, outcome.failure);
    log_of(parts, runtime)("Not deployed: " + outcome.failure);
  }
  const auto endpoint_key = runtimes::endpoint_key(runtime, runtimes::default_endpoint);
  CO_TRY(const auto endpoint, co_await store::get_document(store, endpoint_key));
  if (!endpoint) {  // deleted meanwhile
    CO_TRY_DO(co_await drop(store, job));
    co_return co_await parts.fleet.settle(
        runtime, runtimes::version_number(version->body, "agentRuntimeVersion"));
  }
  conclude(outcome.version, outcome, now_of(parts));
  const JsonObject pointed = concluded(endpoint->body.get_object(), outcome, now_of(parts));
  store::Batch batch;
  batch.preconditions = {
      store::unchanged(key, version->version, "The version was changed meanwhile."),
      store::unchanged(endpoint_key, endpoint->version, "The endpoint was changed meanwhile.")};
  const std::string body = json::print(outcome.version);
  batch.puts = {{.key = key, .body = body},
                {.key = runtime, .body = body},
                {.key = endpoint_key, .body = json::print(pointed)}};
  batch.job_done = job;
  const auto committed = co_await store.commit(std::move(batch));
  const auto settled = co_await parts.fleet.settle(
      runtime, runtimes::version_number(version->body, "agentRuntimeVersion"));
  if (!committed) co_return std::unexpected(committed.error());
  co_return settled;
}

Task<Result<void>> point(RuntimeParts& parts, const store::Job& job, net::Worker& worker) {
  store::Store& store = *parts.fleet.options().store;
  const runtimes::KeptLease lease{store, job, catalogue::Runner::lease_for, worker};
  const store::Key key = job.spec.subject;
  const store::Key runtime = runtime_of(key);
  CO_TRY(const auto endpoint, co_await store::get_document(store, key));
  if (!endpoint) co_return co_await drop(store, job);
  const int number = runtimes::version_number(endpoint->body, "targetVersion");
  CO_TRY(const auto version,
         co_await store::get_document(store, runtimes::version_key(runtime, number)));
  Outcome outcome;
  if (!version) {
    outcome.failure = fmt::format("version {} does not exist", number);
  } else {
    const auto up =
        co_await parts.fleet.bring_up(runtime, number, version->body, log_of(parts, runtime));
    if (!up) outcome.failure = up.error().message;
  }
  const JsonObject pointed = concluded(endpoint->body.get_object(), outcome, now_of(parts));
  store::Batch batch;
  batch.preconditions = {
      store::unchanged(key, endpoint->version, "The endpoint was changed meanwhile.")};
  batch.puts = {{.key = key, .body = json::print(pointed)}};
  batch.job_done = job;
  const auto committed = co_await store.commit(std::move(batch));
  const auto settled = co_await parts.fleet.settle(runtime, number);
  if (!committed) co_return std::unexpected(committed.error());
  co_return settled;
}

}  // namespace

std::vector<catalogue::Runner::OwnKind> runtime_job_kinds(RuntimeParts& parts) {
  return {{.name = std::string{deploy_version},
           .run = [&parts](const store::Job& job,
                           net::Worker& worker) { return deploy(parts, job, worker); }},
          {.name = std::string{point_endpoint},
           .run = [&parts](const store::Job& job, net::Worker& worker) {
             return point(parts, job, worker);
           }}};
}

}  // namespace toolgate::services::agentcore
