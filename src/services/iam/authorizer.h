// Decides what a caller may do, by the policies that this account keeps: the one place that is
// asked, whoever asks (the door, STS, a gateway, a service that acts with a role).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "identity/gatekeeper.h"
#include "identity/policy/decide.h"
#include "identity/principal.h"
#include "net/http.h"
#include "services/iam/policy_directory.h"

namespace toolgate::services::iam {

class Authorizer final : public identity::Gatekeeper {
 public:
  enum class Mode : unsigned char { policies_decide, everyone_may };
  // Both outlive it.
  Authorizer(PolicyDirectory& directory, const Clock& clock, Mode mode)
      : directory_{directory}, clock_{clock}, mode_{mode} {}

  // Whether the caller may make this call. Root and its sessions may; anyone may ask who they are;
  // the operations of STS on roles decide themselves. Fails with Code::denied in AWS's words.
  Task<Result<void>> allow(const aws::Call& call);

  // Whether one caller may do one thing to a resource that may have a policy of its own
  // (PutResourcePolicy). Looks into memory alone: settle() first where a change that was just
  // acknowledged must count. Fails with Code::denied.
  struct Question {
    const identity::Principal& caller;
    std::string_view action;
    std::string_view resource;
    std::string_view region;
    const net::Request* request = nullptr;  // gives aws:SourceIp and the like; may be null
    // Condition keys of the service's own.
    std::vector<std::pair<std::string, std::vector<std::string>>> keys = {};
  };
  [[nodiscard]] Result<void> may(const Question& question) const;

  // Whether a role, in the hands of a service of ours, may do this: what a gateway asks before it
  // invokes a function. Fails with Code::denied; the message names the role and the permission.
  struct RoleQuestion {
    std::string_view role_arn;
    std::string_view session = "toolgate";
    std::string_view action;
    std::string_view resource;
    std::string_view region;
  };
  [[nodiscard]] Result<void> role_may(const RoleQuestion& question) const;

  // Whether a role may be assumed, by its trust policy and the caller's own policies. `keys` are
  // the request's own condition keys (sts:ExternalId, …). Fails with Code::denied.
  struct Assumption {
    const identity::Principal& caller;
    std::string_view role_arn;
    std::string_view action = "sts:AssumeRole";
    std::vector<std::pair<std::string, std::vector<std::string>>> keys;
    const net::Request* request = nullptr;
    std::string_view region;
  };
  [[nodiscard]] Result<void> may_assume(const Assumption& assumption) const;
  // The same for a service of ours ("bedrock-agentcore.amazonaws.com") that acts for a resource.
  struct ServiceAssumption {
    std::string_view service;
    std::string_view role_arn;
    std::string_view source_arn;  // aws:SourceArn; empty: none
  };
  [[nodiscard]] Result<void> service_may_assume(const ServiceAssumption& assumption) const;

  [[nodiscard]] bool guards_resources() const override {
    return endpoint_ != nullptr ||
           (mode_ == Mode::policies_decide && directory_.guards_resources());
  }
  // What may be invoked from outside at all (endpoint_policy.h). Before anyone asks.
  void set_endpoint_policy(identity::policy::PolicyRef policy) { endpoint_ = std::move(policy); }
  Task<Result<void>> may_use(const Use& use) override;

  // After it, the functions above see every change that was acknowledged before.
  Task<Result<void>> settle() { return directory_.settle(); }
  [[nodiscard]] std::shared_ptr<const PolicyView> view() const { return directory_.view(); }

 private:
  PolicyDirectory& directory_;
  const Clock& clock_;
  const Mode mode_;
  identity::policy::PolicyRef endpoint_;  // null: everything
};

}  // namespace toolgate::services::iam
