// The policies of users, roles and resources in memory, compiled, as decisions see them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "identity/policy/policy.h"
#include "store/store.h"

namespace toolgate::services::iam {

// A user or a role. What its document holds is compiled once for each version of it.
struct Entity {
  std::string name;
  std::string arn;
  std::string id;  // "AIDA…", "AROA…": another one when it is made anew under the same name
  // Set by an earlier version of this program; nobody decides what it would leave, so it denies.
  bool bounded = false;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<identity::policy::PolicyRef> policies;  // its own; attached ones: PolicyView
  std::vector<std::string> attached;                  // ARNs
  identity::policy::PolicyRef trust;                  // of a role
};
using EntityRef = std::shared_ptr<const Entity>;

// Everything at one moment; immutable.
struct PolicyView {
  TextMap<EntityRef> users;                           // by name, in lower case
  TextMap<EntityRef> roles;                           // the same
  TextMap<identity::policy::PolicyRef> managed;       // ours, by ARN; AWS's: policy()
  TextMap<identity::policy::PolicyRef> of_resources;  // by the resource's ARN

  [[nodiscard]] EntityRef user(std::string_view name) const;
  [[nodiscard]] EntityRef role(std::string_view name) const;
  // The managed policy of that ARN, ours or AWS's; null when its document is not known.
  [[nodiscard]] identity::policy::PolicyRef policy(std::string_view arn) const;
  // All that hold for the entity.
  [[nodiscard]] std::vector<identity::policy::PolicyRef> policies_of(const Entity& entity) const;
};

class PolicyDirectory {
 public:
  // The store outlives the directory.
  PolicyDirectory(store::Store& store, std::string account)
      : store_{store}, account_{std::move(account)} {}

  // Any thread, brief.
  [[nodiscard]] std::shared_ptr<const PolicyView> view() const;

  // Reads what changed since the last time; at start, everything. Fails with the store's failures;
  // the old view then stays. On any I/O thread.
  Task<Result<void>> reload();
  // The same when something is known to have changed, else nothing: after it a decision sees every
  // change that was acknowledged before.
  Task<Result<void>> settle();

  // True while a resource has a policy, or may have got one just now. Any thread, no lock.
  [[nodiscard]] bool guards_resources() const { return guards_ || as_of_ < wanted_; }

  // To be told of each commit before it is acknowledged. True when it touches a policy: then
  // reload() should run, so that the next decision need not wait. Any thread, brief.
  bool concerns(const std::vector<store::Change>& changes);

 private:
  // What was made of one document.
  struct Compiled {
    store::Version version = 0;
    EntityRef entity;
    identity::policy::PolicyRef policy;
    std::string arn;  // of the policy, or of the resource that it hangs on
  };
  using CompiledById = TextMap<Compiled>;
  struct Picture {
    CompiledById users;
    CompiledById roles;
    CompiledById policies;
    CompiledById resources;  // by region and ARN
  };
  using Compile = Compiled (*)(const store::Document& document);

  Task<Result<CompiledById>> read_kind(store::Key prefix, const CompiledById& before,
                                       Compile compile) const;
  Task<Result<CompiledById>> read_resources(const CompiledById& before) const;
  [[nodiscard]] std::shared_ptr<const Picture> picture() const;
  // False when what is there was read later.
  bool take(std::shared_ptr<const Picture> fresh, store::Version version);

  store::Store& store_;
  const std::string account_;
  // The version of the newest change that touches a policy.
  std::atomic<store::Version> wanted_ = 0;
  std::atomic<bool> guards_ = false;
  // Guards what follows. Held for the copy of pointers, never over an await.
  mutable std::mutex mutex_;
  std::shared_ptr<const Picture> picture_ = std::make_shared<const Picture>();
  std::shared_ptr<const PolicyView> view_ = std::make_shared<const PolicyView>();
  std::atomic<store::Version> as_of_ = 0;  // the store's version that the view is not older than
};

}  // namespace toolgate::services::iam
