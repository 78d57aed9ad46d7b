#include "app/access.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/run_task.h"
#include "services/iam/documents.h"
#include "services/iam/endpoint_policy.h"

namespace toolgate::app {
namespace {

services::iam::Authorizer::Mode mode_of(const Config& config) {
  using Mode = services::iam::Authorizer::Mode;
  return config.iam == "on" ? Mode::policies_decide : Mode::everyone_may;
}

}  // namespace

Access::Access(const Config& config, Keeper& keeper)
    : keys_{keeper.store(), keeper.secrets(), config.account},
      policies_{keeper.store(), config.account},
      authorizer_{policies_, keeper.clock(), mode_of(config)} {}

Result<std::unique_ptr<Access>> Access::open(const Config& config, Keeper& keeper) {
  std::unique_ptr<Access> access{new Access{config, keeper}};
  if (mode_of(config) == services::iam::Authorizer::Mode::everyone_may) {
    log::warn(
        "--iam off: signatures are verified, policies are not asked: whoever has a key may "
        "do everything");
  }
  TRY(auto endpoint_policy, services::iam::read_endpoint_policy(config.endpoint_policy));
  access->authorizer_.set_endpoint_policy(std::move(endpoint_policy));
  TRY_DO(run_task(access->policies_.reload()));
  TRY(const auto root,
      run_task(services::iam::ensure_root_key(keeper.store(), keeper.secrets(), config.account,
                                              keeper.clock().now())));
  (void)root;
  TRY_DO(run_task(access->keys_.reload()));
  return access;
}

void Access::changed(const std::vector<store::Change>& changes, boost::asio::io_context& io) {
  if (keys_.concerns(changes)) {
    boost::asio::co_spawn(io, read_anew("access keys", keys_), boost::asio::detached);
  }
  if (policies_.concerns(changes)) {
    boost::asio::co_spawn(io, read_anew("policies", policies_), boost::asio::detached);
  }
}

}  // namespace toolgate::app
