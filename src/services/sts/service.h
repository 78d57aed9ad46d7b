// AWS Security Token Service: who am I, and temporary credentials. It stores nothing: a session is
// what its sealed token says (identity/access_keys.h).
#pragma once

#include "aws/service.h"
#include "identity/access_keys.h"
#include "services/iam/authorizer.h"
#include "store/store.h"

namespace toolgate::services::sts {

// What the operations work with. Everything outlives it.
struct Sts {
  store::Store& store;  // holds the roles
  const identity::SessionTokens& sessions;
  iam::Authorizer& authorizer;
};

// `sts` outlives the table.
[[nodiscard]] aws::Service table(Sts& sts);

Task<Result<aws::Answer>> get_caller_identity(Sts&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> get_session_token(Sts&, aws::Call&, net::Worker&);
Task<Result<aws::Answer>> assume_role(Sts&, aws::Call&, net::Worker&);

// Who a session of the role is, without credentials: for a service of ours that lets a program run
// as that role. `role` is as the store has it.
[[nodiscard]] identity::Principal session_principal(const iam::Entity& role,
                                                    std::string_view account,
                                                    std::string_view session);

// "Credentials" as every operation that gives some shows them.
[[nodiscard]] JsonObject credentials_shape(const identity::SessionCredentials& credentials);
// The long-lived key that the caller's new session hangs on; empty when the caller is a session
// itself and its own key is not known.
[[nodiscard]] std::string parent_key_of(const identity::Principal& caller);

}  // namespace toolgate::services::sts
