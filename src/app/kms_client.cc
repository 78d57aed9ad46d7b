#include "app/kms_client.h"

#include <fmt/format.h>

#include "app/kms_host.h"
#include "app/own_credentials.h"
#include "app/role_sessions.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "json/members.h"
#include "net/client.h"
#include "targets/aws_endpoints.h"

namespace toolgate::app {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using services::agentcore::DataKey;
using services::agentcore::KeyUse;

constexpr auto ask_timeout = 5s;
constexpr auto session_for = 5min;
constexpr std::size_t answer_bytes_max = 64 * 1024;

// arn:aws:kms:REGION:ACCOUNT:key/ID
std::string region_of(std::string_view arn) {
  const auto parts = split(arn, ':');
  return parts.size() > 3 ? std::string{parts[3]} : std::string{};
}

JsonObject request_of(const KeyUse& use) {
  return {{"KeyId", use.kms_key_arn},
          {"EncryptionContext", JsonObject{{use.context_name, use.context_value}}}};
}

// KMS's own word and text. What only time mends is told from what somebody must mend.
Error refusal(const KeyUse& use, int status, const Json& answer) {
  std::string_view type = json::find_string(answer, "__type").value_or("");
  type.remove_prefix(std::min(type.find('#') + 1, type.size()));
  const auto text = json::find_string(answer, "message")
                        .value_or(json::find_string(answer, "Message").value_or(""));
  const bool passing = status >= 500 || type == "ThrottlingException" ||
                       type == "KMSInternalException" || type == "DependencyTimeoutException";
  return Error{.code = passing ? Code::unavailable : Code::denied,
               .message = fmt::format("The KMS key {} cannot be used{}: {}: {}", use.kms_key_arn,
                                      use.owner.role_arn.empty() ? "" : " by " + use.owner.role_arn,
                                      type.empty() ? fmt::format("HTTP {}", status) : type, text)};
}

Result<crypto::SealKey> key_of(const KeyUse& use, const Json& answer) {
  const auto plain = crypto::from_base64(json::find_string(answer, "Plaintext").value_or("!"));
  auto key = plain ? crypto::SealKey::from_bytes(*plain)
                   : Result<crypto::SealKey>{std::unexpected(plain.error())};
  if (!key) {
    return fail(Code::denied,
                fmt::format("The KMS key {} gave no data key of 32 bytes", use.kms_key_arn));
  }
  return key;
}

}  // namespace

KmsClient::KmsClient(const credentials::RoleSessions& roles,
                     const identity::SessionTokens& sessions, services::iam::Authorizer& authorizer,
                     const Clock& clock)
    : roles_{roles},
      sessions_{sessions},
      authorizer_{authorizer},
      clock_{clock},
      own_{own_credentials()} {}

Task<Result<crypto::SigningKey>> KmsClient::signer(const KeyUse& use, bool elsewhere) const {
  crypto::SigningKey key;
  if (elsewhere && !own_.access_key_id.empty()) {
    key = own_;
  } else {
    identity::SessionCredentials session;
    if (use.owner.role_arn.empty()) {
      identity::Principal self;
      self.kind = identity::Principal::Kind::root;
      self.account = use.owner.place.account;
      self.arn = fmt::format("arn:aws:iam::{}:root", self.account);
      self.id = self.account;
      session = sessions_.issue(self, {}, clock_.now() + session_for);
    } else {
      CO_TRY(session, co_await roles_.assume(use.owner));
    }
    key.access_key_id = session.access_key_id;
    key.secret_access_key = session.secret_access_key;
    key.session_token = session.session_token;
  }
  key.region = region_of(use.kms_key_arn);
  key.service = "kms";
  co_return key;
}

Task<Result<Json>> KmsClient::ask(const KeyUse& use, std::string_view operation, JsonObject input,
                                  net::Worker& worker) const {
  const auto& endpoints = worker.local<targets::AwsEndpoints>();
  const std::string body = json::print(input);
  CO_TRY(const auto key, co_await signer(use, endpoints.own("kms") != nullptr));
  CO_TRY(const net::Url url, endpoints.url("kms", key.region, "/"));
  const std::string authority = url.authority();
  net::Headers headers{{"content-type", "application/x-amz-json-1.1"},
                       {"x-amz-target", fmt::format("TrentService.{}", operation)}};
  crypto::SignedRequest unsigned_request{.method = "POST",
                                         .path = url.target,
                                         .query = {},
                                         .headers = {{"host", authority}},
                                         .body = body};
  for (const auto& [name, value] : headers) unsigned_request.headers.emplace_back(name, value);
  for (auto& [name, value] : crypto::sign(unsigned_request, key, clock_.now())) {
    headers.push_back({std::move(name), std::move(value)});
  }
  const auto answer = co_await worker.client().send({.method = "POST",
                                                     .url = &url,
                                                     .headers = &headers,
                                                     .body = body,
                                                     .deadline = within(ask_timeout),
                                                     .body_bytes_max = answer_bytes_max});
  if (!answer) {
    co_return fail(
        Code::unavailable,
        fmt::format("The KMS key {} cannot be asked: {}", use.kms_key_arn, answer.error().message),
        answer.error().detail);
  }
  const Json told = json::parse(answer->body).value_or(Json{});
  if (answer->status != 200) co_return std::unexpected(refusal(use, answer->status, told));
  co_return told;
}

Task<Result<DataKey>> KmsClient::make(KeyUse use, net::Worker& worker) const {
  JsonObject input = request_of(use);
  input["KeySpec"] = "AES_256";
  CO_TRY(const Json answer, co_await ask(use, "GenerateDataKey", std::move(input), worker));
  CO_TRY(auto key, key_of(use, answer));
  co_return DataKey{.plain = std::move(key), .wrapped = json::member(answer, "CiphertextBlob")};
}

Task<Result<crypto::SealKey>> KmsClient::unwrap(KeyUse use, std::string wrapped,
                                                net::Worker& worker) const {
  JsonObject input = request_of(use);
  input["CiphertextBlob"] = wrapped;
  CO_TRY(const Json answer, co_await ask(use, "Decrypt", std::move(input), worker));
  co_return key_of(use, answer);
}

Task<Result<void>> KmsClient::may_use(identity::Principal caller, KeyUse use) const {
  CO_TRY_DO(co_await authorizer_.settle());
  const std::string region = region_of(use.kms_key_arn);
  auto keys = kms_condition_keys({.caller_account = caller.account,
                                  .region = region,
                                  .context = JsonObject{{use.context_name, use.context_value}},
                                  .via_us = true});
  for (const std::string_view name : {"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"}) {
    keys.push_back({std::string{name}, {std::string{agentcore_service}}});
  }
  // What AWS asks of callers: for gateways BedrockAgentCoreFullAccess has it, for the vault "Set
  // customer managed key policy" in AgentCore's developer guide.
  const bool vault = use.context_name.starts_with("aws:bedrock-agentcore-identity:");
  for (const std::string_view action :
       {"kms:DescribeKey"sv,
        vault ? "kms:GenerateDataKeyWithoutPlaintext"sv : "kms:GenerateDataKey"sv,
        "kms:Decrypt"sv}) {
    CO_TRY_DO(authorizer_.may({.caller = caller,
                               .action = action,
                               .resource = use.kms_key_arn,
                               .region = region,
                               .keys = keys}));
  }
  co_return Result<void>{};
}

}  // namespace toolgate::app
