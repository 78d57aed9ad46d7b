// What the tests of decisions share: policies made of texts, and a caller for each kind.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "identity/policy/decide.h"

namespace toolgate::identity::policy {

inline constexpr std::string_view own_account = "111122223333";
inline constexpr std::string_view other_account = "444455556666";

inline PolicyRef compiled(std::string_view document, Use use = Use::identity,
                          std::string name = "P") {
  auto policy = parse(document, use, std::move(name));
  if (!policy) {
    ADD_FAILURE() << policy.error().message << "\n" << document;
    return std::make_shared<const Policy>();
  }
  return std::make_shared<const Policy>(*std::move(policy));
}

// {"Version":"2012-10-17","Statement":[STATEMENTS]}
inline std::string document_of(std::string_view statements) {
  return fmt::format(R"({{"Version":"2012-10-17","Statement":[{}]}})", statements);
}

inline Caller user_named(std::string_view name, std::string_view account = own_account) {
  return {.kind = Caller::Kind::user,
          .account = std::string{account},
          .arn = fmt::format("arn:aws:iam::{}:user/{}", account, name),
          .role_arn = {},
          .id = "AIDAANNANNANNANNANNA1",
          .service = {}};
}
inline Caller session_of(std::string_view role, std::string_view account = own_account) {
  return {.kind = Caller::Kind::role_session,
          .account = std::string{account},
          .arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/s", account, role),
          .role_arn = fmt::format("arn:aws:iam::{}:role/{}", account, role),
          .id = "AROAROLEROLEROLEROLE1:s",
          .service = {}};
}
inline Caller root_of(std::string_view account = own_account) {
  return {.kind = Caller::Kind::root,
          .account = std::string{account},
          .arn = fmt::format("arn:aws:iam::{}:root", account),
          .role_arn = {},
          .id = std::string{account},
          .service = {}};
}
inline Caller service_named(std::string_view name) {
  return {.kind = Caller::Kind::service,
          .account = {},
          .arn = {},
          .role_arn = {},
          .id = {},
          .service = std::string{name}};
}
inline Caller anonymous() { return {}; }

inline std::string_view word_of(Outcome outcome) {
  if (outcome == Outcome::allow) return "allow";
  return outcome == Outcome::explicit_deny ? "deny" : "none";
}

}  // namespace toolgate::identity::policy
