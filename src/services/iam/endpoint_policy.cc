#include "services/iam/endpoint_policy.h"

#include <array>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "identity/policy/decide.h"

namespace toolgate::services::iam {
namespace {

using identity::policy::Decision;
using identity::policy::Outcome;
using identity::policy::Policy;
using identity::policy::PolicyRef;
using identity::policy::Use;

constexpr std::size_t document_bytes_max = 20 * 1024;  // "Endpoint policy size" of AWS PrivateLink

// What a caller's own policies allow is asked elsewhere.
const std::array<PolicyRef, 1>& everything() {
  static const std::array<PolicyRef, 1> allowed{std::make_shared<const Policy>(
      *identity::policy::parse(R"({"Version":"2012-10-17","Statement":[)"
                               R"({"Effect":"Allow","Action":"*","Resource":"*"}]})",
                               Use::identity, "everything"))};
  return allowed;
}

std::string without_account(std::string_view arn) {
  auto parts = split(arn, ':');
  if (parts.size() < 6) return std::string{arn};
  parts[4] = {};
  return fmt::format("{}", fmt::join(parts, ":"));
}

}  // namespace

Result<PolicyRef> read_endpoint_policy(const std::string& path) {
  if (path.empty()) return nullptr;
  TRY(const std::string document, read_file(path, document_bytes_max));
  auto policy = identity::policy::parse(document, Use::resource, "endpoint policy");
  if (!policy) {
    return fail(Code::invalid,
                fmt::format("--endpoint-policy {}: {}", path, policy.error().message));
  }
  policy->use = Use::trust;  // it must allow by itself
  return std::make_shared<const Policy>(*std::move(policy));
}

Result<void> passes(const Policy& policy, const identity::policy::Caller& caller,
                    std::string_view action, std::string_view resource,
                    const identity::policy::Context& context) {
  bool allowed = false;
  const std::string short_form = without_account(resource);
  for (const std::string_view form : {resource, std::string_view{short_form}}) {
    const auto decision =
        identity::policy::decide({.caller = caller,
                                  .action = action,
                                  .resource = form,
                                  .resource_account = {},
                                  .context = context},
                                 {.identity = everything(), .session = {}, .resource = &policy});
    if (decision.outcome == Outcome::explicit_deny) {
      allowed = false;
      break;
    }
    allowed = allowed || decision.allowed();
  }
  if (allowed) return {};
  return std::unexpected(Error{
      .code = Code::denied,
      .message =
          fmt::format("User: {} is not authorized to perform: {} on resource: {} because no "
                      "endpoint policy allows the {} action",
                      caller.arn.empty() ? "anonymous" : caller.arn, action, resource, action),
      .detail = {},
      .name = "AccessDenied",
      .fields = {}});
}

}  // namespace toolgate::services::iam
