// Policies of strangers: whatever the bytes, what compiles decides the same twice, and a statement
// that denies everything beside it leaves nothing allowed.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "identity/policy/decide.h"

using namespace toolgate;
using namespace toolgate::identity::policy;

namespace {

PolicyRef denies_all() {
  static const auto policy = std::make_shared<const Policy>(
      parse(R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})", Use::identity)
          .value());
  return policy;
}

Caller ann() {
  return {.kind = Caller::Kind::user,
          .account = "111122223333",
          .arn = "arn:aws:iam::111122223333:user/ann",
          .role_arn = {},
          .id = "AIDAANNANNANNANNANNA1",
          .service = {}};
}

void decide_by(const PolicyRef& policy, Use use) {
  static const Caller caller = ann();
  static const Context context{{"aws:username", "ann"},
                               {"aws:SourceIp", "203.0.113.7"},
                               {"aws:CurrentTime", "2026-11-21T08:00:00Z"},
                               {"aws:EpochTime", "1795248000"},
                               {"aws:PrincipalTag/team", "blue"}};
  const Request request{.caller = caller,
                        .action = "s3:GetObject",
                        .resource = "arn:aws:s3:::reports/2026/november.csv",
                        .resource_account = "111122223333",
                        .context = context};
  const bool of_resource = use == Use::resource || use == Use::trust;
  const PolicyRef own[] = {policy};
  const PolicyRef guarded[] = {policy, denies_all()};
  const PolicyRef deny[] = {denies_all()};
  const Policies plain = of_resource
                             ? Policies{.identity = {}, .session = {}, .resource = policy.get()}
                             : Policies{.identity = own, .session = {}};
  const Policies closed = of_resource
                              ? Policies{.identity = deny, .session = {}, .resource = policy.get()}
                              : Policies{.identity = guarded, .session = {}};
  const Decision once = decide(request, plain);
  ASSERT(decide(request, plain).outcome == once.outcome);
  ASSERT(decide(request, closed).outcome == Outcome::explicit_deny);
  ASSERT(!denial(request, once).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const Use use : {Use::identity, Use::session, Use::resource, Use::trust}) {
    auto policy = parse(text, use, "fuzzed");
    if (!policy) {
      ASSERT(policy.error().name == "MalformedPolicyDocument");
      continue;
    }
    decide_by(std::make_shared<const Policy>(*std::move(policy)), use);
  }
  return 0;
}
