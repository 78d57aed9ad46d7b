#include "identity/sigv4_signin.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace toolgate::identity {
namespace {

using namespace std::chrono_literals;

const Time now{std::chrono::seconds{1'800'000'000}};

class MemoryKeys final : public AccessKeys {
 public:
  std::optional<AccessKey> find(std::string_view id) const override {
    const auto found = keys.find(id);
    return found != keys.end() ? std::optional{found->second} : std::nullopt;
  }
  TextMap<AccessKey> keys;
};

// A request and the texts that its views point into.
struct Sent {
  std::string body = R"({"a":1})";
  std::vector<std::pair<std::string, std::string>> fields;

  void sign(crypto::SigningKey key, Time when = now) {
    fields = {{"Host", "127.0.0.1:7878"}, {"Content-Type", "application/json"}};
    crypto::SignedRequest parts{
        .method = "POST", .path = "/gateways/", .query = "a=b", .headers = {}, .body = body};
    for (const auto& field : fields) parts.headers.emplace_back(field);
    for (auto& added : crypto::sign(parts, key, when)) fields.push_back(std::move(added));
  }
  [[nodiscard]] net::Request request() const {
    net::Request out{.method = "POST",
                     .target = "/gateways/?a=b",
                     .path = "/gateways/",
                     .query = "a=b",
                     .host = "127.0.0.1:7878",
                     .headers = {},
                     .body = body,
                     .stream = nullptr,
                     .peer = {}};
    for (const auto& [name, value] : fields) out.headers.add({.name = name, .value = value});
    return out;
  }
};

class SignIn : public ::testing::Test {
 protected:
  SignIn() {
    keys.keys["AKIA1"] = {.id = "AKIA1",
                          .secret = "secret1",
                          .principal = {.kind = Principal::Kind::user, .arn = "arn:ann"}};
    keys.keys["AKIA2"] = {.id = "AKIA2", .secret = "secret2", .active = false, .principal = {}};
  }
  static crypto::SigningKey key(std::string id, std::string secret, std::string token = {}) {
    return {.access_key_id = std::move(id),
            .secret_access_key = std::move(secret),
            .session_token = std::move(token),
            .region = "eu-west-1",
            .service = "bedrock-agentcore"};
  }
  static crypto::SigningKey key(const SessionCredentials& made) {
    return key(made.access_key_id, made.secret_access_key, made.session_token);
  }
  // The error's name, or "" when the request is let in.
  [[nodiscard]] std::string outcome(const Sent& what, Time when = now) const {
    const auto who = sign_in(what.request(), keys, sessions, when);
    if (who) return "";
    EXPECT_EQ(who.error().code, Code::unauthenticated);
    EXPECT_FALSE(who.error().message.empty());
    return who.error().name;
  }

  MemoryKeys keys;
  SessionTokens sessions{crypto::SealKey::random()};
  Sent sent;
};

TEST_F(SignIn, KnowsWhoSignedWithAKey) {
  sent.sign(key("AKIA1", "secret1"));
  const auto who = sign_in(sent.request(), keys, sessions, now).value();
  EXPECT_EQ(who.kind, Principal::Kind::user);
  EXPECT_EQ(who.arn, "arn:ann");
  EXPECT_EQ(who.access_key_id, "AKIA1");
}

TEST_F(SignIn, KnowsWhoSignedInASession) {
  const auto made =
      sessions.issue({.kind = Principal::Kind::root, .arn = "arn:root"}, "AKIA1", now + 1h);
  sent.sign(key(made));
  const auto who = sign_in(sent.request(), keys, sessions, now).value();
  EXPECT_EQ(who.kind, Principal::Kind::root);
  EXPECT_EQ(who.arn, "arn:root");
  EXPECT_EQ(who.access_key_id, made.access_key_id);
}

TEST_F(SignIn, LetsTheRouterReadTheScopeBeforeItBelieves) {
  sent.sign(key("AKIA1", "wrong"));
  const auto claim = crypto::parse_signature(signed_request(sent.request())).value().value();
  EXPECT_EQ(claim.service, "bedrock-agentcore");
  EXPECT_EQ(claim.region, "eu-west-1");
}

TEST_F(SignIn, RefusesARequestWithoutSignature) {
  sent.fields = {{"host", "x"}};
  EXPECT_EQ(outcome(sent), "MissingAuthenticationToken");
  sent.fields.emplace_back("authorization", "Bearer abc");
  EXPECT_EQ(outcome(sent), "MissingAuthenticationToken");
}

TEST_F(SignIn, RefusesABrokenSignature) {
  sent.fields = {{"host", "x"}, {"authorization", "AWS4-HMAC-SHA256 Credential=x"}};
  EXPECT_EQ(outcome(sent), "IncompleteSignature");
}

TEST_F(SignIn, RefusesKeysThatAreUnknownOrInactive) {
  sent.sign(key("AKIA3", "secret1"));
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
  sent.sign(key("AKIA2", "secret2"));
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
}

TEST_F(SignIn, RefusesAnotherSecretAndAnotherBody) {
  sent.sign(key("AKIA1", "secret2"));
  EXPECT_EQ(outcome(sent), "SignatureDoesNotMatch");
  sent.sign(key("AKIA1", "secret1"));
  EXPECT_EQ(outcome(sent), "");
  sent.body = R"({"a":2})";
  EXPECT_EQ(outcome(sent), "SignatureDoesNotMatch");
}

TEST_F(SignIn, RefusesAnOldRequest) {
  sent.sign(key("AKIA1", "secret1"), now - 16min);
  EXPECT_EQ(outcome(sent), "RequestTimeTooSkewed");
}

TEST_F(SignIn, RefusesAnExpiredSession) {
  const auto made = sessions.issue({}, "", now + 1min);
  sent.sign(key(made));
  EXPECT_EQ(outcome(sent, now + 59s), "");
  EXPECT_EQ(outcome(sent, now + 60s), "ExpiredToken");
}

TEST_F(SignIn, RefusesASessionWhoseKeyIsGone) {
  const auto made = sessions.issue({}, "AKIA1", now + 1h);
  sent.sign(key(made));
  EXPECT_EQ(outcome(sent), "");
  keys.keys["AKIA1"].active = false;
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
  keys.keys.erase("AKIA1");
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
}

TEST_F(SignIn, RefusesASessionTokenThatIsNotTheKeys) {
  const auto mine = sessions.issue({}, "", now + 1h);
  const auto other = sessions.issue({.kind = Principal::Kind::root}, "", now + 1h);
  // My key and secret, the other's token: the signature covers it, so only the key's name tells.
  sent.sign(key(mine.access_key_id, other.secret_access_key, other.session_token));
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
  sent.sign(key(other.access_key_id, mine.secret_access_key, other.session_token));
  EXPECT_EQ(outcome(sent), "SignatureDoesNotMatch");
  sent.sign(key(mine.access_key_id, mine.secret_access_key, "made up"));
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
  sent.sign(key(mine.access_key_id, mine.secret_access_key));
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException") << "a session's key needs its token";
  sent.sign(key("AKIA1", "secret1", mine.session_token));
  EXPECT_EQ(outcome(sent), "UnrecognizedClientException");
}

}  // namespace
}  // namespace toolgate::identity
