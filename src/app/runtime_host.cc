#include "app/runtime_host.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "app/role_sessions.h"
#include "app/substitutes.h"
#include "base/log.h"
#include "base/run_task.h"
#include "base/text.h"
#include "runtimes/documents.h"
#include "runtimes/environment.h"
#include "runtimes/fleet.h"
#include "runtimes/image.h"
#include "runtimes/interpreters.h"
#include "runtimes/source.h"
#include "services/codebuild/service.h"
#include "services/ecr/service.h"
#include "store/documents.h"

extern char** environ;

namespace toolgate::app {
namespace {

namespace fs = std::filesystem;

// The server's own variables, which builds of environments may see in part.
std::vector<std::pair<std::string, std::string>> own_variables() {
  std::vector<std::pair<std::string, std::string>> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
      all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return all;
}

std::string node_program() {
  const char* path = std::getenv("PATH");
  return runtimes::find_program(path != nullptr ? path : "", "node").value_or("");
}

// The digests of the trees that documents name.
Task<Result<std::set<std::string>>> digests_in_use(store::Store& store) {
  std::set<std::string> used;
  for (const auto kind : {runtimes::kind::image, runtimes::kind::version}) {
    CO_TRY(const auto keys, co_await store.keys_of(std::string{kind}));
    for (const auto& key : keys) {
      CO_TRY(const auto document, co_await store::get_json(store, key));
      if (!document) continue;
      used.emplace(json::find_string(*document, "imageDigest").value_or(""));
    }
  }
  co_return used;
}

}  // namespace

struct RuntimeHost::Impl {
  explicit Impl(Parts given)
      : parts{std::move(given)},
        images{fs::absolute(parts.config.data_dir) / "runtimes/images"},
        environments{{.folder = fs::absolute(parts.config.data_dir) / "runtimes/environments",
                      .supervisor = &parts.supervisor,
                      .offload = &parts.offload,
                      .variables = own_variables(),
                      .substitutes = substitutes_of(parts.config)}},
        source{parts.keeper.sessions(), parts.keeper.clock()},
        builder{.store = parts.keeper.store(),
                .clock = parts.keeper.clock(),
                .offload = parts.offload,
                .source = source,
                .environments = environments,
                .images = images,
                .log = sink(),
                .assume = build_sessions(),
                .role_may = build_permissions()},
        ecr{parts.keeper.store()} {}

  Parts parts;
  runtimes::ImageTrees images;
  runtimes::Environments environments;
  runtimes::Source source;
  services::codebuild::Builder builder;
  services::ecr::Ecr ecr;
  std::unique_ptr<runtimes::Fleet> fleet;
  std::optional<services::agentcore::RuntimeParts> runtime_parts;
  std::optional<services::agentcore::Invocations> invocations;
  std::optional<services::codebuild::CodeBuild> codebuild;

  [[nodiscard]] runtimes::LogSink sink() {
    return [this](const runtimes::LogPlace& at, std::string_view line) {
      parts.journal.append(
          {.account = at.place.account, .region = at.place.region, .name = at.group}, at.stream,
          parts.keeper.clock().now(), line);
    };
  }

  [[nodiscard]] services::codebuild::Assume build_sessions() const {
    return [&authorizer = parts.authorizer](services::codebuild::ServiceRole role) {
      return service_session(authorizer, {.service = codebuild_service,
                                          .account = std::move(role.account),
                                          .role_arn = std::move(role.arn),
                                          .session = std::move(role.session),
                                          .source_arn = std::move(role.project_arn)});
    };
  }

  [[nodiscard]] services::codebuild::RoleMay build_permissions() const {
    return [&authorizer = parts.authorizer](const services::codebuild::ServiceRole& role,
                                            std::string_view action, std::string_view resource,
                                            std::string_view region) {
      return authorizer.role_may({.role_arn = role.arn,
                                  .session = role.session,
                                  .action = action,
                                  .resource = resource,
                                  .region = region});
    };
  }

  [[nodiscard]] decltype(services::agentcore::RuntimeParts::may) decide() {
    return [this](identity::Principal who, std::string action, std::string resource) {
      return may(parts, std::move(who), std::move(action), std::move(resource));
    };
  }
  static Task<Result<void>> may(Parts& parts, identity::Principal who, std::string action,
                                std::string resource) {
    CO_TRY_DO(co_await parts.authorizer.settle());
    co_return parts.authorizer.may(
        {.caller = who, .action = action, .resource = resource, .region = parts.config.region});
  }

  Result<void> build() {
    std::error_code error;
    fs::create_directories(fs::absolute(parts.config.data_dir) / "runtimes", error);
    TRY(const auto used, run_task(digests_in_use(parts.keeper.store())));
    images.sweep([&](std::string_view digest) { return used.contains(std::string{digest}); });
    runtimes::Fleet::Options options;
    options.workers = parts.server.workers();
    options.store = &parts.keeper.store();
    options.supervisor = &parts.supervisor;
    options.environments = &environments;
    options.images = &images;
    options.offload = &parts.offload;
    options.clock = &parts.keeper.clock();
    options.sessions = &parts.keeper.sessions();
    options.issuer_aliases = &parts.issuer_aliases;
    options.role_session = [&authorizer = parts.authorizer](runtimes::Fleet::Role role) {
      return service_session(authorizer, {.service = agentcore_service,
                                          .account = std::move(role.account),
                                          .role_arn = std::move(role.arn),
                                          .session = std::move(role.session),
                                          .source_arn = std::move(role.runtime_arn)});
    };
    options.log = sink();
    const fs::path folder = fs::absolute(parts.config.data_dir) / "runtimes";
    options.folder = folder;
    options.aws = parts.aws;
    options.node = node_program();
    options.sessions_count_max = parts.config.runtime_sessions;
    TRY(fleet, runtimes::Fleet::make(std::move(options)));
    runtime_parts.emplace(
        services::agentcore::RuntimeParts{.fleet = *fleet, .source = source, .may = decide()});
    invocations.emplace(
        services::agentcore::Invocations::Options{.fleet = fleet.get(),
                                                  .keys = &parts.keys,
                                                  .sessions = &parts.keeper.sessions(),
                                                  .clock = &parts.keeper.clock(),
                                                  .gatekeeper = &parts.authorizer,
                                                  .account = parts.config.account,
                                                  .region = parts.config.region,
                                                  .base_for = parts.base_for,
                                                  .workload_token = parts.workload_token,
                                                  .offload = &parts.offload,
                                                  .folder = folder});
    return {};
  }

  static Task<void> start_all(Impl& self) {
    const auto done = co_await self.fleet->start_all();
    if (!done) log::error("runtimes: {} {}", done.error().message, done.error().detail);
    if (!done) co_return;
    co_await self.parts.offload.run([&] {
      self.environments.sweep();
      return true;
    });
  }
};

RuntimeHost::RuntimeHost() = default;
RuntimeHost::~RuntimeHost() = default;

Result<std::unique_ptr<RuntimeHost>> RuntimeHost::make(Parts parts) {
  std::unique_ptr<RuntimeHost> host{new RuntimeHost};
  host->impl_ = std::make_unique<Impl>(std::move(parts));
  TRY_DO(host->impl_->build());
  return host;
}

std::vector<catalogue::Runner::OwnKind> RuntimeHost::job_kinds() {
  auto kinds = services::agentcore::runtime_job_kinds(*impl_->runtime_parts);
  kinds.push_back(services::codebuild::build_job_kind(impl_->builder));
  return kinds;
}

services::agentcore::RuntimeParts& RuntimeHost::parts() { return *impl_->runtime_parts; }

std::vector<aws::Service> RuntimeHost::services(catalogue::Runner& runner) {
  impl_->codebuild.emplace(services::codebuild::CodeBuild{.store = impl_->parts.keeper.store(),
                                                          .clock = impl_->parts.keeper.clock(),
                                                          .runner = runner});
  return {services::ecr::table(impl_->ecr), services::codebuild::table(*impl_->codebuild)};
}

services::agentcore::Invocations& RuntimeHost::invocations() { return *impl_->invocations; }
runtimes::Fleet& RuntimeHost::fleet() { return *impl_->fleet; }

void RuntimeHost::start() {
  boost::asio::co_spawn(impl_->parts.server.workers().front()->io(), Impl::start_all(*impl_),
                        boost::asio::detached);
}

}  // namespace toolgate::app
