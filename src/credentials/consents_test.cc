#include "credentials/consents.h"

#include "base/text.h"
#include "credentials/bounds.h"
#include "credentials/test_idp.h"
#include "credentials/user_tokens.h"
#include "crypto/hash.h"

namespace toolgate::credentials {
namespace {

using namespace std::chrono_literals;
using testing::Reply;
using testing::Seen;

class Consent : public testing::CredentialsTest {
 protected:
  void SetUp() override {
    CredentialsTest::SetUp();
    consents_.emplace(Consents::Options{.store = *store_,
                                        .secrets = *secrets_,
                                        .clock = clock_,
                                        .credentials = *credentials_,
                                        .base_url = [] { return std::string{"http://gate"}; }});
    answer("a1", "r1");
    put(key(model::kind::oauth2_provider, "crm"),
        {{"callbackId", "cb"},
         {"oauth2ProviderConfigOutput",
          {{"customOauth2ProviderConfig",
            {{"oauthDiscovery", {{"discoveryUrl", discovery_url()}}}, {"clientId", "me"}}}}}},
        sealed_client_secret, client_secret);
  }
  // What the token endpoint answers from now on.
  void answer(std::string access, std::string refresh, int seconds = 3'600) {
    idp_.answer_with([this, access, refresh, seconds](const Seen& seen) -> Reply {
      if (seen.path == "/token") {
        return {
            .status = 200,
            .body = fmt::format(R"({{"access_token":"{}","refresh_token":"{}","expires_in":{}}})",
                                access, refresh, seconds)};
      }
      return {.status = 200,
              .body = fmt::format(R"({{"issuer":"{0}","token_endpoint":"{0}/token",
                  "authorization_endpoint":"{0}/auth",
                  "authorization_response_iss_parameter_supported":true}})",
                                  base_)};
    });
  }
  Need need(std::string subject = "ann") const {
    const Need configured =
        oauth_need({{"grantType", "AUTHORIZATION_CODE"}, {"scopes", JsonArray{"read"}}});
    return Credentials::bind(configured, user("u1", std::move(subject)));
  }
  Consents::Begun begin() {
    auto begun = wait_for(consents_->begin({.need = need(),
                                            .return_url = "https://app/back?x=1",
                                            .custom_state = "s&t",
                                            .target = "g/t"}));
    EXPECT_TRUE(begun);
    return begun.value_or(Consents::Begun{});
  }
  static std::string parameter(std::string_view url, std::string_view name) {
    for (const auto part : split(url.substr(url.find('?') + 1), '&')) {
      const auto equals = part.find('=');
      if (part.substr(0, equals) == name) return *percent_decode(part.substr(equals + 1));
    }
    return {};
  }
  Result<std::string> land(std::string_view url, std::string issuer, std::string error = {}) {
    return wait_for(consents_->land({.callback_id = "cb",
                                     .state = parameter(url, "state"),
                                     .code = error.empty() ? "c0de" : "",
                                     .issuer = std::move(issuer),
                                     .error = std::move(error)},
                                    *worker_));
  }
  Result<std::string> complete(const Consents::Begun& begun, std::string subject = "ann") {
    return wait_for(consents_->complete({.account = "123456789012", .region = "us-east-1"},
                                        begun.session_uri, user_of_token("https://idp", subject)));
  }
  void consent() {
    const auto begun = begin();
    const auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
    ASSERT_TRUE(url) << url.error().message;
    ASSERT_TRUE(land(*url, base_));
    ASSERT_TRUE(complete(begun));
  }

  std::optional<Consents> consents_;
};

TEST_F(Consent, IsAskedForAndThenServes) {
  const auto before = fetch(need());
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().name, consent_required_name);
  const auto begun = begin();
  EXPECT_TRUE(begun.url.starts_with("http://gate/identities/oauth2/authorize?request_uri=urn%3A"));
  const auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_TRUE(url->starts_with(base_ + "/auth?"));
  EXPECT_EQ(parameter(*url, "redirect_uri"), "http://gate/identities/oauth2/callback/cb");
  EXPECT_EQ(parameter(*url, "scope"), "read");
  EXPECT_EQ(parameter(*url, "code_challenge_method"), "S256");
  const auto back = land(*url, base_);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, fmt::format("https://app/back?x=1&session_id={}&state=s%26t",
                               percent_encode(begun.session_uri)));
  const std::string form = idp_.seen().back().body;
  const std::string verifier = parameter("?" + form, "code_verifier");
  EXPECT_EQ(crypto::base64url(crypto::sha256(verifier)), parameter(*url, "code_challenge"));
  EXPECT_EQ(parameter("?" + form, "code"), "c0de");
  EXPECT_FALSE(fetch(need()));  // nobody has said yet whose it is
  const auto target = complete(begun);
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(*target, "g/t");
  EXPECT_EQ(header_of(*fetch(need())), "authorization: Bearer a1");
  EXPECT_FALSE(fetch(need("bob")));
}

TEST_F(Consent, CanBeVisitedLandedAndCompletedOnce) {
  const auto begun = begin();
  const auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
  EXPECT_FALSE(wait_for(consents_->authorize(begun.session_uri, *worker_)));
  EXPECT_FALSE(complete(begun));  // not landed yet
  ASSERT_TRUE(land(*url, base_));
  EXPECT_FALSE(land(*url, base_));
  ASSERT_TRUE(complete(begun));
  const auto again = complete(begun);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::denied);
  EXPECT_EQ(again.error().message, "Invalid or expired session");
}

TEST_F(Consent, IsOverAfterTenMinutes) {
  const auto begun = begin();
  clock_.move(bounds::consent_for);
  EXPECT_FALSE(wait_for(consents_->authorize(begun.session_uri, *worker_)));
}

TEST_F(Consent, OfAnotherUserIsRefused) {
  const auto begun = begin();
  const auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
  ASSERT_TRUE(land(*url, base_));
  EXPECT_FALSE(complete(begun, "bob"));
  EXPECT_TRUE(complete(begun));  // whose it is may still say so
}

TEST_F(Consent, RefusesAnAnswerOfAnotherServer) {
  for (const std::string& issuer : {std::string{"https://evil"}, std::string{}}) {
    const auto begun = begin();
    const auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
    const auto landed = land(*url, issuer);
    ASSERT_FALSE(landed) << issuer;
    EXPECT_EQ(idp_.count("/token"), 0u);
  }
}

TEST_F(Consent, RefusesAForeignState) {
  const auto begun = begin();
  auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
  auto& text = *url;
  text.replace(text.find("&code_challenge=") - 1, 1, "!");
  EXPECT_FALSE(land(text, base_));
  EXPECT_EQ(idp_.count("/token"), 0u);
}

TEST_F(Consent, TellsThatTheUserRefused) {
  const auto begun = begin();
  const auto url = wait_for(consents_->authorize(begun.session_uri, *worker_));
  const auto landed = land(*url, base_, "access_denied");
  ASSERT_FALSE(landed);
  EXPECT_EQ(landed.error().message, "Access was not granted.");
  const auto status =
      wait_for(consents_->status({.account = "123456789012", .region = "us-east-1"},
                                 begun.session_uri, user_of_token("https://idp", "ann")));
  EXPECT_EQ(*status, Consents::Status::failed);
}

TEST_F(Consent, RefreshesAndKeepsTheRefreshTokenThatReplacesTheOld) {
  consent();
  answer("a2", "r2");
  clock_.move(1h);
  EXPECT_EQ(header_of(*fetch(need())), "authorization: Bearer a2");
  EXPECT_NE(idp_.seen().back().body.find("refresh_token=r1"), std::string::npos);
  answer("a3", "r3");
  clock_.move(1h);
  EXPECT_EQ(header_of(*fetch(need())), "authorization: Bearer a3");
  EXPECT_NE(idp_.seen().back().body.find("refresh_token=r2"), std::string::npos);
}

TEST_F(Consent, IsAskedForAgainWhenItWasWithdrawn) {
  consent();
  clock_.move(1h);
  refuse_tokens(400, R"({"error":"invalid_grant"})");
  const auto withdrawn = fetch(need());
  ASSERT_FALSE(withdrawn);
  EXPECT_EQ(withdrawn.error().name, consent_required_name);
}

TEST_F(Consent, RefreshesATokenThatTheTargetRefused) {
  consent();
  const auto first = fetch(need());
  answer("a2", "r2");
  refused(need(), *first);
  EXPECT_EQ(header_of(*fetch(need())), "authorization: Bearer a2");
}

TEST_F(Consent, SurvivesARestartAndIsSealed) {
  consent();
  credentials_ = std::make_unique<Credentials>(*store_, *secrets_, clock_);
  ASSERT_TRUE(fetch(need()));
  for (const auto kind : {model::kind::user_token, model::kind::consent}) {
    for (const auto& at : *wait_for(store_->keys_of(std::string{kind}))) {
      const auto document = wait_for(store_->get(at));
      for (const std::string_view secret : {"\"a1\"", "\"r1\"", "ann", "https://app"}) {
        EXPECT_EQ((*document)->body.find(secret), std::string::npos) << (*document)->body;
        EXPECT_EQ(at.id.find(secret), std::string::npos) << at.id;
      }
    }
  }
}

TEST_F(Consent, OfAProviderThatWasMadeAnewIsAskedForAgain) {
  consent();
  put(key(model::kind::oauth2_provider, "crm"),
      {{"callbackId", "other"},
       {"oauth2ProviderConfigOutput",
        {{"customOauth2ProviderConfig",
          {{"oauthDiscovery", {{"discoveryUrl", discovery_url()}}}, {"clientId", "me"}}}}}},
      sealed_client_secret, client_secret);
  const auto asked = fetch(need());
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().name, consent_required_name);
}

}  // namespace
}  // namespace toolgate::credentials
