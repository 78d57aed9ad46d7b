#include "app/host.h"

#include <algorithm>
#include <atomic>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include "app/access.h"
#include "app/children.h"
#include "app/front_door.h"
#include "app/function_host.h"
#include "app/identity_data_host.h"
#include "app/invocations.h"
#include "app/keeper.h"
#include "app/key_host.h"
#include "app/kms_host.h"
#include "app/listeners.h"
#include "app/logs_host.h"
#include "app/role_sessions.h"
#include "app/runtime_host.h"
#include "app/search_engine.h"
#include "aws/door.h"
#include "base/log.h"
#include "base/run_task.h"
#include "catalogue/runner.h"
#include "credentials/credentials.h"
#include "gateway/data_plane.h"
#include "gateway/publisher.h"
#include "net/address_guard.h"
#include "net/client.h"
#include "net/server.h"
#include "services/agentcore/service.h"
#include "services/bedrock_runtime/service.h"
#include "services/cognito/oauth.h"
#include "services/cognito/service.h"
#include "services/iam/documents.h"
#include "services/iam/service.h"
#include "services/kms/service.h"
#include "services/logs/service.h"
#include "services/s3/sample.h"
#include "services/s3/service.h"
#include "services/sts/service.h"
#include "services/xray/service.h"
#include "targets/aws_endpoints.h"

namespace toolgate::app {
namespace {

// Database reads, name look-ups, keys, schemas of a large catalogue.
constexpr std::size_t offload_threads = 4;

// What everybody who is signed in may do is not asked of their policies.
Task<Result<void>> may_call(services::iam::Authorizer& authorizer, const aws::Call& call) {
  if (services::s3::is_public(call)) co_return Result<void>{};
  if (call.service == "kms" && services::kms::decides_itself(call)) co_return Result<void>{};
  co_return co_await authorizer.allow(call);
}

}  // namespace

struct Host::Impl {
  explicit Impl(const Config& given) : config{given} {}

  Config config;
  Offload offload{offload_threads};
  std::unique_ptr<Keeper> keeper;
  std::unique_ptr<store::Blobs> blobs;
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<processes::Supervisor> supervisor;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<Access> access;
  std::unique_ptr<GatewayRoles> roles;
  std::unique_ptr<services::kms::Kms> kms;
  std::unique_ptr<KmsSigner> key_signer;
  std::unique_ptr<credentials::Credentials> credentials;
  std::unique_ptr<KeyHost> key_host;
  std::unique_ptr<IdentityDataHost> identity_data;
  std::unique_ptr<gateway::Metrics> metrics;
  std::unique_ptr<Invocations> invocations;  // null: not logged
  std::unique_ptr<search::Engine> search;
  std::unique_ptr<gateway::Publisher> publisher;
  std::unique_ptr<RuntimeHost> runtimes;
  std::unique_ptr<FunctionHost> functions;
  std::unique_ptr<catalogue::Runner> runner;
  std::unique_ptr<services::iam::Iam> iam;
  std::unique_ptr<services::sts::Sts> sts;
  std::unique_ptr<services::s3::S3> s3;
  std::unique_ptr<services::logs::Logs> logs;
  std::unique_ptr<services::xray::XRay> xray;
  std::unique_ptr<services::cognito::Cognito> cognito;
  std::unique_ptr<services::cognito::OAuth> oauth;
  std::unique_ptr<services::bedrock_runtime::BedrockRuntime> bedrock_runtime;
  std::unique_ptr<services::agentcore::AgentCore> agentcore;
  std::unique_ptr<aws::Door> aws;
  std::unique_ptr<gateway::DataPlane> data_plane;
  std::unique_ptr<FrontDoor> front_door;
  std::unique_ptr<Listeners> listeners;
  std::vector<std::unique_ptr<net::Client>> clients;
  // Set when everything is built: changes before that are seen by the first builds.
  std::atomic<bool> built = false;
  runtimes::AwsPlace programs;  // where those that we run find AWS

  [[nodiscard]] std::string base_url() const {
    return config.public_url.empty() ? listeners->url() : config.public_url;
  }

  // For URLs that the client of a request compares with its own.
  [[nodiscard]] std::function<std::string(const net::Request&)> base_for() const {
    return [this](const net::Request& request) {
      return listeners->url_for(request, config.public_url);
    };
  }

  // The store's listener: on a thread of the store, brief.
  void changed(store::Version version, const std::vector<store::Change>& changes) {
    if (!built) return;
    publisher->changed(version, changes);
    if (std::ranges::any_of(changes, ages_credentials)) credentials->provider_changed();
    auto& io = server->workers().front()->io();
    if (invocations && invocations->deliveries().concerns(changes)) {
      boost::asio::co_spawn(io, read_anew("deliveries", invocations->deliveries()),
                            boost::asio::detached);
    }
    access->changed(changes, io);
    key_host->changed(changes);  // last: it asks policies, and they must know that they are old
  }

  // The parts of the first, in order.
  Result<void> build(processes::Helper helper);
  Result<void> open_kept();
  Result<void> build_services();
  Result<void> build_runtimes();  // of the services
  void build_doors();
  [[nodiscard]] std::vector<aws::Service> all_services();
  Result<void> open_network();
};

Result<void> Host::Impl::open_kept() {
  const auto forward = [this](store::Version version, const std::vector<store::Change>& changes) {
    changed(version, changes);
  };
  TRY(keeper, Keeper::open(config, offload, store::IfAbsent::make, forward));
  auto& store = keeper->store();
  // The data directory's lock is ours: whoever held a lease is gone.
  TRY_DO(run_task(store.release_leases()));
  TRY(access, Access::open(config, *keeper));
  TRY(blobs, store::Blobs::open(config.data_dir + "/blobs", store, offload));
  s3 = std::make_unique<services::s3::S3>(services::s3::S3{store, *blobs});
  return run_task(services::s3::sweep(*s3));
}

Result<void> Host::Impl::build_services() {
  auto& store = keeper->store();
  const auto& secrets = keeper->secrets();
  const auto& clock = keeper->clock();
  const auto own_url = [this] { return base_url(); };
  iam = std::make_unique<services::iam::Iam>(services::iam::Iam{store, secrets, access->keys()});
  sts = std::make_unique<services::sts::Sts>(
      services::sts::Sts{store, keeper->sessions(), access->authorizer()});
  logs = std::make_unique<services::logs::Logs>(make_logs(*journal, store, access->authorizer()));
  xray = std::make_unique<services::xray::XRay>(services::xray::XRay{store});
  kms =
      std::make_unique<services::kms::Kms>(make_kms(store, secrets, access->authorizer(), offload));
  key_signer = std::make_unique<KmsSigner>(*kms, access->authorizer(), clock);
  cognito = std::make_unique<services::cognito::Cognito>(
      services::cognito::Cognito{store, secrets, clock, offload, config.account, own_url});
  oauth = std::make_unique<services::cognito::OAuth>(*cognito);
  roles = std::make_unique<GatewayRoles>(access->authorizer(), keeper->sessions(), clock);
  credentials = std::make_unique<credentials::Credentials>(store, secrets, clock, roles.get(),
                                                           key_signer.get());
  TRY(search, open_search(config, store, offload, *credentials, server->workers()));
  key_host =
      std::make_unique<KeyHost>(KeyHost::Parts{config, *keeper, *roles, access->authorizer()});
  identity_data = std::make_unique<IdentityDataHost>(*keeper, *credentials, *oauth, own_url);
  TRY_DO(build_runtimes());
  metrics = std::make_unique<gateway::Metrics>(server->workers().size());
  TRY(invocations,
      Invocations::make(
          {.config = config, .server = *server, .journal = *journal, .keeper = *keeper}));
  publisher = std::make_unique<gateway::Publisher>(
      gateway::Publisher::Options{.workers = server->workers(),
                                  .store = &store,
                                  .base_url = own_url,
                                  .issuer_aliases = oauth.get(),
                                  .page_tools_max = config.page_tools,
                                  .engine = search.get(),
                                  .keyring = &keeper->keyring()});
  runner = std::make_unique<catalogue::Runner>(
      catalogue::Runner::Options{.workers = server->workers(),
                                 .store = &store,
                                 .credentials = credentials.get(),
                                 .clock = &clock,
                                 .offload = &offload,
                                 .strict = config.strict == "on",
                                 .own_kinds = runtimes->job_kinds()});
  agentcore = std::make_unique<services::agentcore::AgentCore>(services::agentcore::AgentCore{
      .store = store,
      .secrets = secrets,
      .clock = clock,
      .runner = *runner,
      .publisher = *publisher,
      .quotas = {.gateways = config.quota_gateways,
                 .targets_per_gateway = config.quota_targets,
                 .oauth2_providers = config.quota_oauth2_providers,
                 .api_key_providers = config.quota_api_key_providers},
      .base_url = own_url,
      .roles = roles.get(),
      .journal = invocations ? journal.get() : nullptr,
      .signer = key_signer.get(),
      .consents = &identity_data->consents(),
      .runtimes = &runtimes->parts(),
      .offload = &offload,
      .keyring = &keeper->keyring(),
      .data_keys = &key_host->data_keys()});
  identity_data->serve(*agentcore);
  return {};
}

Result<void> Host::Impl::build_runtimes() {
  TRY(runtimes, RuntimeHost::make({.config = config,
                                   .server = *server,
                                   .keeper = *keeper,
                                   .offload = offload,
                                   .journal = *journal,
                                   .supervisor = *supervisor,
                                   .keys = access->keys(),
                                   .authorizer = access->authorizer(),
                                   .issuer_aliases = *oauth,
                                   .base_for = base_for(),
                                   .aws = [this] { return programs; },
                                   .workload_token = identity_data->workload_tokens()}));
  TRY(functions, FunctionHost::make({.config = config,
                                     .server = *server,
                                     .keeper = *keeper,
                                     .offload = offload,
                                     .blobs = *blobs,
                                     .journal = *journal,
                                     .supervisor = *supervisor,
                                     .authorizer = access->authorizer(),
                                     .fleet = runtimes->fleet(),
                                     .aws = [this] { return programs; },
                                     .base_url = [this] { return base_url(); }}));
  return {};
}

std::vector<aws::Service> Host::Impl::all_services() {
  std::vector<aws::Service> all{services::agentcore::control_plane(*agentcore),
                                services::bedrock_runtime::table(*bedrock_runtime),
                                services::cognito::table(*cognito),
                                services::iam::table(*iam),
                                identity_data->service(),
                                services::logs::table(*logs),
                                services::s3::table(*s3),
                                services::kms::table(*kms),
                                services::sts::table(*sts),
                                services::xray::table(*xray),
                                functions->service()};
  for (auto& service : runtimes->services(*runner)) all.push_back(std::move(service));
  return all;
}

Result<void> Host::Impl::build(processes::Helper helper) {
  TRY(auto models,
      services::bedrock_runtime::ModelSource::make({.endpoint = config.model_endpoint,
                                                    .api_key_file = config.model_api_key_file,
                                                    .names = config.model_names}));
  bedrock_runtime = std::make_unique<services::bedrock_runtime::BedrockRuntime>(
      services::bedrock_runtime::BedrockRuntime{offload, std::move(models)});
  server = std::make_unique<net::Server>(net::Server::Options{.threads = config.threads});
  TRY_DO(open_kept());
  TRY(journal, open_journal(config, keeper->clock(), offload));
  TRY(supervisor, start_supervisor(config, std::move(helper)));
  TRY_DO(build_services());
  build_doors();
  TRY_DO(open_network());
  TRY_DO(publisher->start());
  key_host->prepare({*publisher, *credentials, *runner, *server->workers().front()});
  built = true;
  server->run();
  runtimes->start();
  functions->start();
  key_host->start();  // and then the runner
  return {};
}

void Host::Impl::build_doors() {
  aws = std::make_unique<aws::Door>(
      aws::Door::Options{
          .account = config.account,
          .default_region = config.region,
          .keys = &access->keys(),
          .sessions = &keeper->sessions(),
          .clock = &keeper->clock(),
          .threads = server->workers().size(),
          .allow = [this](const aws::Call& call) { return may_call(access->authorizer(), call); }},
      all_services());
  data_plane = std::make_unique<gateway::DataPlane>(
      gateway::DataPlane::Options{.credentials = credentials.get(),
                                  .keys = &access->keys(),
                                  .sessions = &keeper->sessions(),
                                  .clock = &keeper->clock(),
                                  .metrics = metrics.get(),
                                  .log = invocations ? &invocations->log() : nullptr,
                                  .gatekeeper = &access->authorizer(),
                                  .consents = &identity_data->consents(),
                                  .searches_per_minute = config.search_rate,
                                  .breaker = {config.breaker_failures, config.breaker_seconds},
                                  .base_for = base_for()});
  front_door = std::make_unique<FrontDoor>(
      FrontDoor::Options{.aws = aws.get(),
                         .data_plane = data_plane.get(),
                         .oauth = oauth.get(),
                         .metrics = metrics.get(),
                         .invocation_log = invocations ? &invocations->log() : nullptr,
                         .search = search.get(),
                         .invocations = &runtimes->invocations(),
                         .fleet = &runtimes->fleet(),
                         .runtime_api = &functions->runtime_api(),
                         .downloads = &functions->downloads(),
                         .consent_pages = &identity_data->pages(),
                         .allowed_origins = config.allow_origins});
}

// What is listened on, and the clients of the threads.
Result<void> Host::Impl::open_network() {
  TRY(listeners,
      Listeners::open(
          config,
          {.server = *server, .front_door = *front_door, .keeper = *keeper, .offload = offload}));
  TRY(programs, listeners->open_for_programs());
  TRY(const auto endpoints, targets::AwsEndpoints::parse(config.aws_endpoints));
  for (net::Worker* worker : server->workers()) {
    clients.push_back(
        std::make_unique<net::Client>(*worker, net::Client::Options{.guard = &listeners->guard(),
                                                                    .inner = front_door.get(),
                                                                    .offload = &offload,
                                                                    .ca_file = config.ca_file}));
    worker->set_client(*clients.back());
    worker->local<targets::AwsEndpoints>() = endpoints;
  }
  return {};
}

Host::Host() = default;
Host::~Host() = default;

Result<std::unique_ptr<Host>> Host::start(const Config& config, processes::Helper helper) {
  std::unique_ptr<Host> host{new Host};
  host->impl_ = std::make_unique<Impl>(config);
  TRY_DO(host->impl_->build(std::move(helper)));
  return host;
}

void Host::settle() { impl_->cognito->keys->make_ahead(); }

void Host::stop(Deadline drain_until, const std::stop_token& hurry) {
  impl_->built = false;
  impl_->key_host->stop();
  impl_->runner->stop();
  impl_->functions->stop();
  if (impl_->invocations) {
    impl_->invocations->hurry(std::min(drain_until, within(std::chrono::seconds{3})), hurry);
  }
  impl_->server->stop(drain_until, &impl_->offload, hurry);
  impl_->publisher->stop();
  impl_->search->stop();
}

std::string Host::listen_url() const { return impl_->listeners->url(); }
std::string Host::base_url() const { return impl_->base_url(); }
std::string Host::admin_url() const { return impl_->listeners->admin_url(); }
std::string Host::tls_url() const { return impl_->listeners->tls_url(); }
Result<void> Host::reload(const Config& config) { return impl_->listeners->reload(config); }

}  // namespace toolgate::app
