#include "app/invocations.h"

#include "app/wait.h"
#include "targets/aws_endpoints.h"

namespace toolgate::app {
namespace {

constexpr std::uint64_t mebibyte = 1024ULL * 1024;

}  // namespace

Result<std::unique_ptr<Invocations>> Invocations::make(Parts parts) {
  if (parts.config.gateway_logs == "off") return nullptr;
  std::unique_ptr<Invocations> made{new Invocations};
  made->deliveries_ = std::make_unique<vended::Deliveries>(parts.keeper.store());
  TRY_DO(wait_for(made->deliveries_->reload()));
  net::Worker* const worker = parts.server.workers().front();
  made->parcels_ = std::make_unique<vended::Parcels>(vended::Parcels::Options{
      .worker = worker,
      .sessions = &parts.keeper.sessions(),
      .clock = &parts.keeper.clock(),
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
