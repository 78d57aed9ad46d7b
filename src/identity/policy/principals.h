// Who a policy speaks of (its Principal element), and who calls.
// Source: IAM User Guide, "AWS JSON policy elements: Principal".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::identity::policy {

struct Caller {
  enum class Kind : unsigned char { root, user, role_session, service, federated, anonymous };
  Kind kind = Kind::anonymous;
  std::string account;   // empty where there is none
  std::string arn;       // a user's, a session's, the root's
  std::string role_arn;  // of a session: the role's own
  std::string id;        // "AIDA…", "AROA…:session"
  std::string service;   // "lambda.amazonaws.com", of a service
};

// How closely a policy names the caller. An account is named to let its own policies decide; a role
// is named for all its sessions, which session policies still narrow.
enum class Named : unsigned char { not_at_all, by_account, by_role, itself };

class Principals {
 public:
  // "*", or an object of AWS, Service, Federated and CanonicalUser. Fails with Code::invalid and
  // what was expected.
  static Result<Principals> compile(const Json& element);

  [[nodiscard]] Named name(const Caller& caller) const;

 private:
  Result<void> add_aws(std::string_view text);

  bool everyone_ = false;
  std::vector<std::string> accounts_;
  std::vector<std::string> arns_;  // also of providers, beside their names
  std::vector<std::string> ids_;
  std::vector<std::string> services_;
};

}  // namespace toolgate::identity::policy
