// Condition keys of a request, and the caller as policies see them.
// Source: IAM User Guide, "AWS global condition context keys".
#pragma once

#include <string>
#include <string_view>

#include "aws/call.h"
#include "base/clock.h"
#include "identity/policy/context.h"
#include "identity/policy/principals.h"
#include "identity/principal.h"
#include "net/http.h"
#include "services/iam/policy_directory.h"
#include "services/iam/session_facts.h"

namespace toolgate::services::iam {

// The caller, and what is kept of them.
struct KnownCaller {
  identity::policy::Caller caller;
  EntityRef entity;  // null for root, and for a user or role that is gone: then nothing is allowed
  SessionFacts facts;
};
[[nodiscard]] KnownCaller known_caller(const identity::Principal& principal,
                                       const PolicyView& view);

// "123456789012" of an ARN that has an account; empty for "*" and for a bucket's.
[[nodiscard]] std::string_view account_of(std::string_view arn);

// Keys of any request. `request` may be null.
struct ContextSource {
  const KnownCaller& who;
  Time now;
  std::string_view region;
  std::string_view own_account;
  const net::Request* request = nullptr;
};
[[nodiscard]] identity::policy::Context context_of(const ContextSource& source);
// Those that come from the input of a call: tags, and a few services' own keys.
void add_input_keys(const aws::Call& call, identity::policy::Context& context);

}  // namespace toolgate::services::iam
