// Who may do what, as serve asks it: access keys, policies and what decides by them, kept in step
// with the store.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "app/config.h"
#include "app/keeper.h"
#include "base/log.h"
#include "services/iam/access_key_directory.h"
#include "services/iam/authorizer.h"
#include "services/iam/policy_directory.h"

namespace toolgate::app {

// A directory that follows the store reads anew; its error is logged as that of `what`.
template <class Directory>
Task<void> read_anew(std::string_view what, Directory& directory) {
  const auto done = co_await directory.reload();
  if (!done) log::error("{}: {} {}", what, done.error().message, done.error().detail);
}

class Access {
 public:
  // Makes the root's key when there is none.
  static Result<std::unique_ptr<Access>> open(const Config& config, Keeper& keeper);

  [[nodiscard]] services::iam::AccessKeyDirectory& keys() { return keys_; }
  [[nodiscard]] services::iam::Authorizer& authorizer() { return authorizer_; }
  // The store's listener: any thread, brief. What the changes concern is read anew on `io`.
  void changed(const std::vector<store::Change>& changes, boost::asio::io_context& io);

 private:
  Access(const Config& config, Keeper& keeper);

  services::iam::AccessKeyDirectory keys_;
  services::iam::PolicyDirectory policies_;
  services::iam::Authorizer authorizer_;
};

}  // namespace toolgate::app
