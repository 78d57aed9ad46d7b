#include "identity/access_keys.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"

namespace toolgate::identity {
namespace {

using namespace std::chrono_literals;

const Time now{std::chrono::seconds{1'800'000'000}};

Principal ann() {
  return {.kind = Principal::Kind::role_session,
          .account = "123456789012",
          .arn = "arn:aws:sts::123456789012:assumed-role/reader/ann",
          .id = "AROA1:ann",
          .access_key_id = "AKIA1",
          .client_id = "client",
          .claims = JsonObject{{"sub", "ann"}}};
}

TEST(SessionTokens, GiveBackWhoTheyWereIssuedTo) {
  const SessionTokens tokens{crypto::SealKey::random()};
  const auto made = tokens.issue(ann(), "AKIA1", now + 1h);
  const auto session = tokens.open(made.session_token, now).value();
  EXPECT_EQ(session.access_key_id, made.access_key_id);
  EXPECT_EQ(session.secret_access_key, made.secret_access_key);
  EXPECT_EQ(session.parent_key, "AKIA1");
  EXPECT_EQ(session.expires, now + 1h);
  EXPECT_EQ(session.principal.kind, Principal::Kind::role_session);
  EXPECT_EQ(session.principal.account, "123456789012");
  EXPECT_EQ(session.principal.arn, ann().arn);
  EXPECT_EQ(session.principal.id, "AROA1:ann");
  EXPECT_EQ(session.principal.client_id, "client");
  EXPECT_EQ(session.principal.claims, ann().claims);
  EXPECT_EQ(session.principal.access_key_id, made.access_key_id) << "the key that signs now";
}

TEST(SessionTokens, KeepEveryKindOfPrincipal) {
  const SessionTokens tokens{crypto::SealKey::random()};
  using Kind = Principal::Kind;
  for (const auto kind :
       {Kind::root, Kind::user, Kind::role_session, Kind::federated, Kind::anonymous}) {
    const auto made = tokens.issue({.kind = kind}, "", now + 1h);
    const auto session = tokens.open(made.session_token, now).value();
    EXPECT_EQ(session.principal.kind, kind);
    EXPECT_TRUE(session.principal.claims.is_null());
    EXPECT_EQ(session.parent_key, "");
  }
}

TEST(SessionTokens, LookLikeThoseOfAws) {
  const SessionTokens tokens{crypto::SealKey::random()};
  const auto made = tokens.issue(ann(), "", now + 1h);
  EXPECT_TRUE(made.access_key_id.starts_with("ASIA"));
  EXPECT_EQ(made.access_key_id.size(), 20U);
  EXPECT_EQ(made.secret_access_key.size(), 40U);
  EXPECT_EQ(made.expires, now + 1h);
  EXPECT_EQ(made.session_token.find(made.secret_access_key), std::string::npos);
  EXPECT_NE(made.secret_access_key, tokens.issue(ann(), "", now).secret_access_key);
}

TEST(SessionTokens, EndWhenTheyExpire) {
  const SessionTokens tokens{crypto::SealKey::random()};
  const auto made = tokens.issue(ann(), "", now + 1h);
  EXPECT_TRUE(tokens.open(made.session_token, now + 1h - 1ms));
  const auto late = tokens.open(made.session_token, now + 1h);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::unauthenticated);
  EXPECT_EQ(late.error().name, "ExpiredToken");
}

TEST(SessionTokens, RefuseWhatTheyDidNotIssue) {
  const auto key = crypto::SealKey::random();
  const SessionTokens tokens{key};
  const SessionTokens others{crypto::SealKey::random()};
  const std::string good = tokens.issue(ann(), "", now + 1h).session_token;
  std::string changed = good;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  const std::string elsewhere = crypto::base64url(crypto::seal(key, "{}", "another place"));
  const auto sealed = [&key](std::string_view plain) {
    return crypto::base64url(crypto::seal(key, plain, "toolgate session token 1"));
  };
  const std::string old = sealed("{}");
  const std::string of_later_kind =
      sealed(R"({"id":"ASIA1","expires":9000000000000,"principal":{"kind":"robot"}})");
  for (const std::string& token :
       {std::string{}, std::string{"x"}, changed, good.substr(4), good + "AAAA", elsewhere, old,
        of_later_kind, others.issue(ann(), "", now + 1h).session_token}) {
    const auto session = tokens.open(token, now);
    ASSERT_FALSE(session) << token;
    EXPECT_EQ(session.error().code, Code::unauthenticated);
    EXPECT_EQ(session.error().name, "InvalidClientTokenId");
  }
  EXPECT_TRUE(tokens.open(good, now));
}

}  // namespace
}  // namespace toolgate::identity
