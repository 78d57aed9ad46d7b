#include "app/invocations.h"

#include <fmt/format.h>

#include "app/own_credentials.h"
#include "base/run_task.h"
#include "services/iam/session_facts.h"
#include "targets/aws_endpoints.h"

namespace toolgate::app {
namespace {

using namespace std::chrono_literals;
using Signed = vended::Parcels::Options::Signed;

constexpr std::uint64_t mebibyte = 1024ULL * 1024;
constexpr auto session_for = 5min;

// A session of the account that may do this one thing, as AWS's log delivery has a policy for it;
// at another service the server's own credentials, for that one does not know our sessions.
crypto::SigningKey signer_of(Keeper& keeper, net::Worker& worker, const crypto::SigningKey& own,
                             const Signed& wanted) {
  const bool elsewhere = worker.local<targets::AwsEndpoints>().own(wanted.service) != nullptr;
  if (elsewhere && !own.access_key_id.empty()) return own;
  identity::Principal account;
  account.kind = identity::Principal::Kind::root;
  account.account = wanted.delivery.account;
  account.arn = fmt::format("arn:aws:iam::{}:root", account.account);
  account.id = account.account;
  const JsonObject policy{{"Version", "2012-10-17"},
                          {"Statement", JsonArray{JsonObject{{"Effect", "Allow"},
                                                             {"Action", wanted.action},
                                                             {"Resource", wanted.resource}}}}};
  account.claims = services::iam::claims_of({.policy = json::print(policy)});
  const auto session = keeper.sessions().issue(account, {}, keeper.clock().now() + session_for);
  crypto::SigningKey key;
  key.access_key_id = session.access_key_id;
  key.secret_access_key = session.secret_access_key;
  key.session_token = session.session_token;
  return key;
}

}  // namespace

Result<std::unique_ptr<Invocations>> Invocations::make(Parts parts) {
  if (parts.config.gateway_logs == "off") return nullptr;
  std::unique_ptr<Invocations> made{new Invocations};
  made->deliveries_ = std::make_unique<vended::Deliveries>(parts.keeper.store());
  TRY_DO(run_task(made->deliveries_->reload()));
  net::Worker* const worker = parts.server.workers().front();
  made->parcels_ = std::make_unique<vended::Parcels>(vended::Parcels::Options{
      .worker = worker,
      .clock = &parts.keeper.clock(),
      .signer = [worker, &keeper = parts.keeper, own = own_credentials()](
                    const Signed& wanted) { return signer_of(keeper, *worker, own, wanted); },
      .url_of =
          [worker](std::string_view service, std::string_view region, std::string_view path) {
            return worker->local<targets::AwsEndpoints>().url(service, region, path);
          },
      .every = std::chrono::seconds{parts.config.gateway_logs_interval}});
  made->log_ = std::make_unique<vended::InvocationLog>(vended::InvocationLog::Options{
      .threads = parts.server.workers().size(),
      .journal = &parts.journal,
      .clock = &parts.keeper.clock(),
      .deliveries = made->deliveries_.get(),
      .carrier = made->parcels_.get(),
      .bytes_per_second_max = parts.config.gateway_logs_rate * mebibyte});
  return made;
}

}  // namespace toolgate::app
