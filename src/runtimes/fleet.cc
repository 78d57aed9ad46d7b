#include "runtimes/fleet.h"

#include <iterator>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/file.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "json/members.h"
#include "runtimes/dockerfile_lines.h"
#include "runtimes/documents.h"
#include "runtimes/hooks.h"
#include "store/documents.h"

namespace toolgate::runtimes {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto drain_for = 30s;
constexpr std::size_t entry_file_bytes_max = 1024 * 1024;

Variables variables_of(const Json& document) {
  Variables all;
  const Json* given = json::find(document, "environmentVariables");
  if (given == nullptr || !given->is_object()) return all;
  for (const auto& [name, value] : given->get_object()) {
    if (value.is_string()) all.emplace_back(name, value.get_string());
  }
  return all;
}

}  // namespace

std::vector<std::string> own_constraints(const Recipe& recipe, const fs::path& tree) {
  const std::string entry = entry_file(recipe);
  if (entry.empty()) return {};
  const auto source = read_file(tree / entry, entry_file_bytes_max);
  return source && imports_fastmcp(*source) ? std::vector<std::string>{"mcp<2"}
                                            : std::vector<std::string>{};
}

Fleet::Fleet(Options options)
    : options_{std::move(options)},
      sessions_{std::make_shared<SessionTable>(options_.sessions_count_max)} {}

Result<std::unique_ptr<Fleet>> Fleet::make(Options options) {
  std::unique_ptr<Fleet> fleet{new Fleet{std::move(options)}};
  std::error_code ignored;
  fs::remove_all(fleet->options_.folder / "scratch", ignored);
  fleet->hooks_ = fleet->options_.folder / "hooks";
  TRY_DO(write_hooks(fleet->hooks_));
  TRY(auto guard, net::AddressGuard::make({.allow_loopback = true}));
  fleet->guard_ = std::make_unique<net::AddressGuard>(std::move(guard));
  for (net::Worker* worker : fleet->options_.workers) {
    fleet->clients_.push_back(std::make_unique<net::Client>(
        *worker,
        net::Client::Options{
            .guard = fleet->guard_.get(), .inner = nullptr, .offload = fleet->options_.offload}));
  }
  return fleet;
}

std::shared_ptr<const Served> Fleet::find(std::string_view account, std::string_view region,
                                          std::string_view id, std::string_view endpoint) const {
  const auto key = runtime_key({std::string{account}, std::string{region}}, std::string{id});
  std::shared_ptr<const Endpoints> endpoints;
  {
    const std::scoped_lock lock{mutex_};
    const auto found = served_.find(key);
    if (found == served_.end()) return nullptr;
    endpoints = found->second;
  }
  const auto found = endpoints->find(endpoint);
  return found == endpoints->end() ? nullptr : found->second;
}

bool Fleet::knows(std::string_view account, std::string_view region, std::string_view id) const {
  const std::scoped_lock lock{mutex_};
  return served_.contains(
      runtime_key({std::string{account}, std::string{region}}, std::string{id}));
}

std::shared_ptr<Sessions> Fleet::running(const VersionKey& key) const {
  const std::scoped_lock lock{mutex_};
  const auto found = running_.find(key);
  return found == running_.end() ? nullptr : found->second.sessions;
}

Launch Fleet::launch_of(const store::Key& runtime, const Json& document, Recipe recipe,
                        PythonEnvironment python, std::string token) const {
  Launch launch;
  launch.recipe = std::move(recipe);
  launch.tree = options_.images->tree_of(json::find_string(document, "imageDigest").value_or(""));
  launch.hooks = hooks_;
  launch.python = std::move(python);
  launch.node = options_.node;
  launch.variables = variables_of(document);
  const AwsPlace place = options_.aws();
  launch.aws = {.region = runtime.region,
                .place = place,
                .credentials_url = place.endpoint + std::string{credentials_path},
                .credentials_token = std::move(token),
                .invocation_url = fmt::format("{}/runtimes/{}/invocations", place.endpoint,
                                              percent_encode(runtime_arn(runtime)))};
  launch.memory_bytes_max = options_.memory_bytes_max;
  return launch;
}

processes::OutputSink Fleet::output_of(const store::Key& runtime, int version) const {
  if (!options_.log) return [](processes::Stream, std::string_view) {};
  const LogPlace at{
      .place = {runtime.account, runtime.region},
      .group = fmt::format("/aws/bedrock-agentcore/runtimes/{}-{}", runtime.id, default_endpoint),
      .stream = fmt::format("{:%Y/%m/%d}/[runtime-logs]v{}-{}",
                            std::chrono::floor<std::chrono::seconds>(options_.clock->now()),
                            version, random_uuid())};
  return [sink = options_.log, at](processes::Stream, std::string_view line) { sink(at, line); };
}

// Each process has a scratch folder and a log stream of its own.
Sessions::Make Fleet::maker(const store::Key& runtime, int version,
                            Instance::Options options) const {
  net::Worker& home =
      *options_.workers[static_cast<std::size_t>(version) % options_.workers.size()];
  options.client = &client(home);
  return [this, runtime, version, options = std::move(options),
          &home](std::function<void(const Instance&)> ended) {
    Instance::Options own = options;
    own.launch.scratch =
        options_.folder / "scratch" /
        fmt::format("{}-{}-{}", runtime.id, version, random_text(8, mixed_alphanumeric));
    own.output = output_of(runtime, version);
    own.ended = std::move(ended);
    auto instance = std::make_shared<Instance>(std::move(own));
    instance->start(home);
    return instance;
  };
}

Task<Result<std::shared_ptr<Sessions>>> Fleet::begin(store::Key runtime, int version,
                                                     const Json& document, const Log& log) {
  const VersionKey key{runtime, version};
  if (auto there = running(key)) co_return there;
  if (options_.supervisor == nullptr) {
    co_return fail(Code::unavailable, "this server cannot start programs (see its log)");
  }
  const Json* written = json::find(document, "recipe");
  if (written == nullptr) co_return fail(Code::internal, "a version without recipe");
  CO_TRY(Recipe recipe, recipe_from(*written));
  const std::string digest = json::member(document, "imageDigest");
  if (!options_.images->has(digest)) {
    co_return fail(Code::unavailable, "the image's files are not in the data directory any more");
  }
  const fs::path tree = options_.images->tree_of(digest);
  Environments::Wish wish{.recipe = recipe, .tree = tree, .digest = digest, .constraints = {}};
  wish.constraints = co_await options_.offload->run([&] { return own_constraints(recipe, tree); });
  CO_TRY(auto python, co_await options_.environments->provide(std::move(wish), log));
  CO_TRY(Served served, read_served(runtime, {}, document, nullptr));
  const Lifecycle lifecycle = lifecycle_of(document);
  const std::string token = random_text(48, mixed_alphanumeric);
  const auto sharing =
      served.protocol == Protocol::mcp ? Sessions::Sharing::all_one : Sessions::Sharing::one_each;
  auto sessions = std::make_shared<Sessions>(
      sessions_, sharing,
      maker(runtime, version,
            {.name = fmt::format("{} version {}", runtime.id, version),
             .protocol = served.protocol,
             .contract = served.contract,
             .launch = launch_of(runtime, document, std::move(recipe), std::move(python), token),
             .idle_timeout = lifecycle.idle_timeout,
             .max_lifetime = lifecycle.max_lifetime,
             .supervisor = options_.supervisor,
             .offload = options_.offload,
             .output = {},
             .ended = {}}));
  {
    const std::scoped_lock lock{mutex_};
    const auto [place, added] =
        running_.try_emplace(key, Running{.sessions = sessions, .token = token});
    if (!added) co_return place->second.sessions;
    roles_[token] = {.account = runtime.account,
                     .arn = json::member(document, "roleArn"),
                     .session = fmt::format("BedrockAgentCore-{}", random_uuid()),
                     .runtime_arn = runtime_arn(runtime)};
    sessions->start();
  }
  co_return sessions;
}

Task<Result<void>> Fleet::bring_up(store::Key runtime, int version, Json document, Log log) {
  {
    const std::scoped_lock lock{mutex_};
    held_.insert({runtime, version});
  }
  CO_TRY(const auto sessions, co_await begin(runtime, version, document, log));
  co_return co_await sessions->ready(within(Instance::start_within + 10s));
}

Task<Result<Fleet::Endpoints>> Fleet::read_endpoints(const store::Key& runtime,
                                                     std::set<int>& named) {
  store::Key prefix = endpoint_key(runtime, "");
  CO_TRY(const auto documents, co_await store::list_all_json(*options_.store, prefix));
  Endpoints endpoints;
  for (const auto& document : documents) {
    const int version = version_number(document.body, "liveVersion");
    if (version == 0) continue;  // nothing of it is deployed
    named.insert(version);
    CO_TRY(const auto settings,
           co_await store::get_json(*options_.store, version_key(runtime, version)));
    if (!settings) continue;
    const std::string name = json::member(document.body, "name");
    CO_TRY(Served served, read_served(runtime, name, *settings, options_.issuer_aliases));
    served.version = version;
    const auto nothing = [](std::string_view) {};
    auto sessions = co_await begin(runtime, version, *settings, nothing);
    if (sessions) {
      served.sessions = *std::move(sessions);
    } else {
      log::error("runtime {} version {}: {}", runtime.id, version, sessions.error().message);
    }
    endpoints.emplace(name, std::make_shared<const Served>(std::move(served)));
  }
  co_return endpoints;
}

Task<Result<void>> Fleet::refresh(store::Key runtime) {
  CO_TRY(const auto document, co_await options_.store->get(runtime));
  std::set<int> named;
  if (!document) {
    {
      const std::scoped_lock lock{mutex_};
      served_.erase(runtime);
    }
    drop(runtime, named);
    co_return Result<void>{};
  }
  CO_TRY(auto endpoints, co_await read_endpoints(runtime, named));
  {
    const std::scoped_lock lock{mutex_};
    served_[runtime] = std::make_shared<const Endpoints>(std::move(endpoints));
  }
  drop(runtime, named);
  co_return Result<void>{};
}

Task<Result<void>> Fleet::settle(store::Key runtime, int version) {
  {
    const std::scoped_lock lock{mutex_};
    held_.erase({runtime, version});
  }
  co_return co_await refresh(std::move(runtime));
}

// Versions that nothing names: requests in flight may end.
void Fleet::drop(const store::Key& runtime, const std::set<int>& named) {
  std::vector<Running> gone;
  {
    const std::scoped_lock lock{mutex_};
    for (auto it = running_.lower_bound({runtime, 0});
         it != running_.end() && it->first.first == runtime;) {
      if (named.contains(it->first.second) || held_.contains(it->first)) {
        ++it;
        continue;
      }
      roles_.erase(it->second.token);
      gone.push_back(std::move(it->second));
      it = running_.erase(it);
    }
  }
  for (const auto& one : gone) one.sessions->stop(drain_for);
}

Task<Result<void>> Fleet::start_all() {
  CO_TRY(const auto keys, co_await options_.store->keys_of(std::string{kind::runtime}));
  for (const auto& key : keys) {
    const auto done = co_await refresh(key);
    if (!done) log::error("runtime {}: {} {}", key.id, done.error().message, done.error().detail);
  }
  co_return Result<void>{};
}

}  // namespace toolgate::runtimes
