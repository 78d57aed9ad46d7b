#include "app/function_host.h"

#include <cstdlib>
#include <filesystem>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "app/role_sessions.h"
#include "app/substitutes.h"
#include "base/event.h"
#include "base/run_task.h"
#include "functions/events.h"
#include "functions/runner.h"
#include "runtimes/interpreters.h"
#include "runtimes/source.h"
#include "services/lambda/service.h"
#include "store/documents.h"

namespace toolgate::app {
namespace {

namespace fs = std::filesystem;

constexpr auto tidy_every = std::chrono::seconds{10};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// The digests of the code that documents name.
Task<Result<std::set<std::string>>> digests_in_use(store::Store& store) {
  std::set<std::string> used;
  for (const auto kind : {functions::kind::function, functions::kind::version}) {
    CO_TRY(const auto keys, co_await store.keys_of(std::string{kind}));
    for (const auto& key : keys) {
      CO_TRY(const auto document, co_await store::get_json(store, key));
      if (document) used.emplace(json::find_string(*document, "digest").value_or(""));
    }
  }
  co_return used;
}

}  // namespace

struct FunctionHost::Impl {
  explicit Impl(Parts given)
      : parts{std::move(given)},
        source{parts.keeper.sessions(), parts.keeper.clock()},
        downloads{parts.blobs, parts.keeper.secrets(), parts.keeper.clock(), parts.base_url},
        catalogue{parts.keeper.store()} {}

  Parts parts;
  const runtimes::Programs programs{variable("PATH"), variable("HOME")};
  runtimes::Source source;
  services::lambda::Downloads downloads;
  functions::Catalogue catalogue;
  std::shared_ptr<functions::Runner> runner;
  std::unique_ptr<functions::Events> events;
  std::unique_ptr<services::lambda::Lambda> lambda;

  Result<void> build() {
    functions::Runner::Options options;
    options.supervisor = &parts.supervisor;
    options.offload = &parts.offload;
    options.clock = &parts.keeper.clock();
    options.journal = &parts.journal;
    options.blobs = &parts.blobs;
    options.sessions = &parts.keeper.sessions();
    options.role_session = [&authorizer = parts.authorizer](std::string account, std::string role,
                                                            std::string function) {
      return service_session(authorizer, {.service = lambda_service,
                                          .account = std::move(account),
                                          .role_arn = std::move(role),
                                          .session = function,
                                          .source_arn = {}});
    };
    options.folder = fs::absolute(parts.config.data_dir) / "functions";
    options.aws = parts.aws;
    options.machine = {.programs = &programs, .substitutes = substitutes_of(parts.config)};
    options.environments = parts.fleet.options().environments;
    options.running_count_max = parts.config.function_concurrency;
    TRY(runner, functions::Runner::make(std::move(options)));
    TRY(const auto used, run_task(digests_in_use(parts.keeper.store())));
    runner->sweep([&](std::string_view digest) { return used.contains(std::string{digest}); });
    events = std::make_unique<functions::Events>(functions::Events::Options{
        .store = &parts.keeper.store(),
        .catalogue = &catalogue,
        .runner = runner.get(),
        .clock = &parts.keeper.clock(),
        .worker = parts.server.workers().front(),
        .retry_after = std::chrono::seconds{parts.config.function_retry_seconds}});
    lambda = std::make_unique<services::lambda::Lambda>(
        services::lambda::Lambda{.store = parts.keeper.store(),
                                 .blobs = parts.blobs,
                                 .catalogue = catalogue,
                                 .runner = *runner,
                                 .events = *events,
                                 .authorizer = parts.authorizer,
                                 .source = source,
                                 .downloads = downloads});
    return {};
  }

  // Functions of the store have what they expect of Lambda again.
  static Task<void> prepare(std::shared_ptr<functions::Runner> runner, store::Store& store) {
    const auto keys = co_await store.keys_of(std::string{functions::kind::function});
    if (!keys) co_return;
    for (const auto& key : *keys) {
      const auto document = co_await store::get_json(store, key);
      if (!document || !*document) continue;
      const auto runtime = json::find_string(**document, "configuration", "Runtime");
      const auto digest = json::find_string(**document, "digest");
      if (!runtime || !digest) continue;
      co_await runner->prepare(std::string{*runtime}, std::string{*digest});
    }
  }

  static Task<void> tidy(std::shared_ptr<functions::Runner> runner) {
    auto never = std::make_shared<Event>();
    for (;;) {
      co_await never->wait(within(tidy_every));
      runner->tidy();
    }
  }
};

FunctionHost::FunctionHost() = default;
FunctionHost::~FunctionHost() = default;

Result<std::unique_ptr<FunctionHost>> FunctionHost::make(Parts parts) {
  std::unique_ptr<FunctionHost> host{new FunctionHost};
  host->impl_ = std::make_unique<Impl>(std::move(parts));
  TRY_DO(host->impl_->build());
  return host;
}

aws::Service FunctionHost::service() { return services::lambda::table(*impl_->lambda); }
functions::RuntimeApi& FunctionHost::runtime_api() { return impl_->runner->api(); }
services::lambda::Downloads& FunctionHost::downloads() { return impl_->downloads; }

void FunctionHost::stop() { impl_->runner->stop(); }

void FunctionHost::start() {
  impl_->events->start();
  boost::asio::co_spawn(impl_->parts.server.workers().front()->io(),
                        Impl::prepare(impl_->runner, impl_->parts.keeper.store()),
                        boost::asio::detached);
  boost::asio::co_spawn(impl_->parts.server.workers().front()->io(), Impl::tidy(impl_->runner),
                        boost::asio::detached);
}

}  // namespace toolgate::app
