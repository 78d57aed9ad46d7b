#include "credentials/consents.h"

#include <algorithm>

#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "credentials/bounds.h"
#include "credentials/oauth_client.h"
#include "credentials/provider.h"
#include "credentials/user_tokens.h"
#include "crypto/hash.h"
#include "store/optimistic.h"

namespace toolgate::credentials {
namespace {

constexpr std::string_view sealed_request = "sealedRequest";
constexpr std::size_t id_length = 32;
constexpr std::size_t secret_length = 43;  // RFC 7636 §4.1: at least 43 characters

// Who opens a page has no account: all requests stand in one place.
store::Key key_of(std::string id) {
  return {.account = "-",
          .region = "-",
          .kind = std::string{model::kind::consent},
          .id = std::move(id)};
}

std::unexpected<Error> over() {
  return fail(Code::invalid,
              "This request for access is not known, was used already, or has expired. Go back to "
              "the application and try again.");
}

std::unexpected<Error> invalid_session() {
  return fail(Code::denied, "Invalid or expired session");
}

void add_parameter(std::string& url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += percent_encode(name);
  url += '=';
  url += percent_encode(value);
}

JsonArray json_of(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

std::vector<std::string> texts_of(const Json& from, std::string_view member) {
  std::vector<std::string> texts;
  const auto* list = json::find_array(from, member);
  if (list == nullptr) return texts;
  for (const Json& text : *list) {
    if (text.is_string()) texts.emplace_back(text.get_string());
  }
  return texts;
}

}  // namespace

// A document, opened. `said` has: account, region, provider, role, scope, parameters, resources,
// workload, user, returnUrl, customState, target; once visited: state, verifier, callbackId; once
// landed: access, refresh, tokenEnds.
struct Consents::Request {
  std::string id;
  store::Version version = 0;  // 0: not written yet
  std::string step;            // "begun", "visited", "landed", "failed"
  Time ends;
  JsonObject said;

  [[nodiscard]] std::string text(std::string_view member) const {
    const Json* found = said.if_contains(member);
    return found != nullptr && found->is_string() ? std::string{found->get_string()}
                                                  : std::string{};
  }
  [[nodiscard]] model::Place place() const {
    return {.account = text("account"), .region = text("region")};
  }
  [[nodiscard]] Need need() const {
    Need need{.kind = Need::Kind::oauth_authorization_code,
              .place = place(),
              .provider = text("provider"),
              .scope = text("scope")};
    if (const Json* parameters = said.if_contains("parameters")) {
      need.custom_parameters = *parameters;
    }
    need.owner.role_arn = text("role");  // a part of the need's cache key
    need.resources = texts_of(said, "resources");
    need.audiences = texts_of(said, "audiences");
    return Credentials::bind(
        Credentials::sealed(std::move(need)),
        std::make_shared<User>(User{.workload = text("workload"), .name = text("user")}));
  }
  [[nodiscard]] store::Key provider_key() const {
    return {.account = text("account"),
            .region = text("region"),
            .kind = std::string{model::kind::oauth2_provider},
            .id = text("provider")};
  }
};

std::string Consents::callback_url(std::string_view callback_id) const {
  return fmt::format("{}{}{}", options_.base_url(), callback_path, callback_id);
}

Task<Result<bool>> Consents::is_return_url(model::Place place, std::string workload,
                                           std::string url) const {
  CO_TRY(const auto identity,
         co_await options_.store.get({.account = place.account,
                                      .region = place.region,
                                      .kind = std::string{model::kind::workload_identity},
                                      .id = std::move(workload)}));
  if (!identity) co_return false;
  CO_TRY(const Json document, json::parse(identity->body));
  const auto listed = texts_of(document, "allowedResourceOauth2ReturnUrls");
  co_return std::ranges::find(listed, url) != listed.end();
}

Task<Result<Consents::Request>> Consents::load(std::string session_uri) const {
  if (!session_uri.starts_with(request_uri_prefix)) co_return over();
  Request request{.id = session_uri.substr(request_uri_prefix.size())};
  CO_TRY(const auto document, co_await options_.store.get(key_of(request.id)));
  if (!document) co_return over();
  CO_TRY(const Json body, json::parse(document->body));
  request.version = document->version;
  request.step = json::find_string(body, "step").value_or("");
  request.ends = Time{std::chrono::milliseconds{json::find_int(body, "ends").value_or(0)}};
  if (request.ends <= options_.clock.now()) co_return over();
  CO_TRY(const std::string text, unseal_member(options_.secrets, *document, body, sealed_request));
  CO_TRY(const Json said, json::parse(text));
  request.said = said.get_object();
  co_return request;
}

// Each step can be taken once: who comes second finds another version.
Task<Result<void>> Consents::save(const Request& request, std::string_view step) const {
  const store::Key key = key_of(request.id);
  const JsonObject body{{"step", step},
                        {"ends", milliseconds_of(request.ends)},
                        {sealed_request, seal_member(options_.secrets, key, sealed_request,
                                                     json::print(request.said))}};
  store::Batch batch;
  batch.preconditions.push_back(
      store::unchanged(key, request.version, "the request was used meanwhile"));
  batch.puts.push_back({.key = key, .body = json::print(body)});
  const auto version = co_await options_.store.commit(std::move(batch));
  if (version) co_return Result<void>{};
  if (store::lost_race(version.error())) co_return over();
  co_return std::unexpected(version.error());
}

Task<Result<Consents::Begun>> Consents::begin(Ask ask) const {
  ASSERT(ask.need.user);
  const Time now = options_.clock.now();
  Request request{.id = random_text(id_length, mixed_alphanumeric),
                  .ends = now + bounds::consent_for,
                  .said = {{"account", ask.need.place.account},
                           {"region", ask.need.place.region},
                           {"provider", ask.need.provider},
                           {"role", ask.need.owner.role_arn},
                           {"scope", ask.need.scope},
                           {"parameters", ask.need.custom_parameters},
                           {"resources", json_of(ask.need.resources)},
                           {"audiences", json_of(ask.need.audiences)},
                           {"workload", ask.need.user->workload},
                           {"user", ask.need.user->name},
                           {"returnUrl", ask.return_url},
                           {"customState", ask.custom_state},
                           {"target", ask.target}}};
  CO_TRY_DO(co_await save(request, "begun"));
  co_await sweeper_.sweep(options_.store, key_of(""), now);
  Begun begun{.session_uri = std::string{request_uri_prefix} + request.id, .url = {}};
  begun.url = fmt::format("{}{}", options_.base_url(), authorize_path);
  add_parameter(begun.url, "request_uri", begun.session_uri);
  co_return begun;
}

Opening Consents::opening(net::Worker& worker, Deadline deadline) const {
  return {.secrets = options_.secrets,
          .clock = options_.clock,
          .signer = options_.credentials.signer(),
          .worker = worker,
          .deadline = deadline};
}

Task<Result<std::string>> Consents::authorize(std::string session_uri, net::Worker& worker) const {
  CO_TRY(Request request, co_await load(std::move(session_uri)));
  if (request.step != "begun") co_return over();
  CO_TRY(const auto provider, co_await options_.store.get(request.provider_key()));
  if (!provider) co_return over();
  CO_TRY(const OAuthClient client,
         co_await open_client(*provider, opening(worker, within(bounds::fetch_timeout))));
  const auto endpoint = net::Url::parse(client.metadata.authorization_endpoint);
  if (!endpoint) {
    co_return fail(Code::upstream,
                   fmt::format("credential provider '{}': the authorization server names no "
                               "authorization endpoint",
                               client.provider));
  }
  const std::string secret = random_text(secret_length, mixed_alphanumeric);
  const std::string verifier = random_text(secret_length, mixed_alphanumeric);
  request.said["state"] = secret;
  request.said["verifier"] = verifier;
  request.said["callbackId"] = client.callback_id;

  std::string url = client.metadata.authorization_endpoint;
  const Need need = request.need();
  add_parameter(url, "response_type", "code");
  add_parameter(url, "client_id", client.id);
  add_parameter(url, "redirect_uri", callback_url(client.callback_id));
  if (!need.scope.empty()) add_parameter(url, "scope", need.scope);
  add_parameter(url, "state", request.id + '.' + secret);
  add_parameter(url, "code_challenge", crypto::base64url(crypto::sha256(verifier)));
  add_parameter(url, "code_challenge_method", "S256");
  for (const auto& resource : need.resources) add_parameter(url, "resource", resource);
  for (const auto& audience : need.audiences) add_parameter(url, "audience", audience);
  if (need.custom_parameters.is_object()) {
    for (const auto& [name, value] : need.custom_parameters.get_object()) {
      if (value.is_string()) add_parameter(url, name, value.get_string());
    }
  }
  CO_TRY_DO(co_await save(request, "visited"));
  co_return url;
}

namespace {

// RFC 9207 §2.4: a code of one server must not be sent to another.
bool is_right_issuer(const ServerMetadata& metadata, std::string_view issuer) {
  if (issuer.empty()) return !metadata.names_issuer;
  return metadata.issuer.empty() || issuer == metadata.issuer;
}

}  // namespace

Task<Result<std::string>> Consents::land(Landing landing, net::Worker& worker) const {
  const auto dot = landing.state.find('.');
  if (dot == std::string::npos) co_return over();
  CO_TRY(Request request,
         co_await load(std::string{request_uri_prefix} + landing.state.substr(0, dot)));
  const bool same =
      crypto::equal_in_constant_time(landing.state.substr(dot + 1), request.text("state")) &&
      landing.callback_id == request.text("callbackId");
  if (request.step != "visited" || !same) co_return over();
  CO_TRY(const auto provider, co_await options_.store.get(request.provider_key()));
  if (!provider) co_return over();
  if (!landing.error.empty() || landing.code.empty()) {
    CO_TRY_DO(co_await save(request, "failed"));
    const bool refused = landing.error == "access_denied";
    co_return fail(
        Code::denied,
        refused ? "Access was not granted." : "The authorization server did not grant access.",
        fmt::format("error {}", json::quote(landing.error.substr(0, 100))));
  }
  const Deadline deadline = within(bounds::fetch_timeout);
  CO_TRY(const OAuthClient client, co_await open_client(*provider, opening(worker, deadline)));
  if (!is_right_issuer(client.metadata, landing.issuer)) {
    CO_TRY_DO(co_await save(request, "failed"));
    co_return fail(Code::denied, "The answer came from another authorization server.");
  }
  const Need need = request.need();
  TokenQuestion question{.grant = "authorization_code", .resources = need.resources};
  question.fields.emplace_back("code", landing.code);
  question.fields.emplace_back("redirect_uri", callback_url(client.callback_id));
  question.fields.emplace_back("code_verifier", request.text("verifier"));
  auto token = co_await ask(client, std::move(question), worker, deadline);
  if (!token) {
    CO_TRY_DO(co_await save(request, "failed"));
    co_return std::unexpected(std::move(token).error());
  }
  const Time now = options_.clock.now();
  const UserToken got = user_token(*std::move(token), client.callback_id, now);
  request.said["access"] = got.access;
  request.said["refresh"] = got.refresh;
  request.said["tokenEnds"] = milliseconds_of(got.ends);
  request.ends = now + bounds::consent_for;
  CO_TRY_DO(co_await save(request, "landed"));
  std::string url = request.text("returnUrl");
  add_parameter(url, "session_id", std::string{request_uri_prefix} + request.id);
  if (const auto state = request.text("customState"); !state.empty()) {
    add_parameter(url, "state", state);
  }
  co_return url;
}

Task<Result<std::string>> Consents::complete(model::Place place, std::string session_uri,
                                             std::string user_name) const {
  auto loaded = co_await load(std::move(session_uri));
  if (!loaded && loaded.error().code != Code::invalid) co_return std::unexpected(loaded.error());
  if (!loaded) co_return invalid_session();
  const Request& request = *loaded;
  const bool same = request.text("account") == place.account &&
                    request.text("region") == place.region &&
                    crypto::equal_in_constant_time(crypto::sha256(user_name),
                                                   crypto::sha256(request.text("user")));
  if (request.step != "landed" || !same) co_return invalid_session();
  const Need need = request.need();
  const Json* ends = request.said.if_contains("tokenEnds");
  const UserToken token{
      .access = request.text("access"),
      .refresh = request.text("refresh"),
      .ends =
          Time{std::chrono::milliseconds{ends != nullptr ? ends->to_number<std::int64_t>() : 0}},
      .callback_id = request.text("callbackId")};
  const store::Key key = key_of(request.id);
  store::Batch batch;
  batch.preconditions.push_back(
      store::unchanged(key, request.version, "the session was completed meanwhile"));
  batch.puts.push_back(put_user_token(options_.secrets, need, token));
  batch.deletes.push_back(key);
  const auto version = co_await options_.store.commit(std::move(batch));
  if (!version && store::lost_race(version.error())) co_return invalid_session();
  if (!version) co_return std::unexpected(version.error());
  options_.credentials.forget(need);
  co_return request.text("target");
}

Task<Result<Consents::Status>> Consents::status(model::Place place, std::string session_uri,
                                                std::string user_name) const {
  const auto loaded = co_await load(std::move(session_uri));
  if (!loaded && loaded.error().code != Code::invalid) co_return std::unexpected(loaded.error());
  if (!loaded || loaded->text("account") != place.account ||
      loaded->text("region") != place.region || loaded->text("user") != user_name) {
    co_return invalid_session();
  }
  co_return loaded->step == "failed" ? Status::failed : Status::in_progress;
}

}  // namespace toolgate::credentials
