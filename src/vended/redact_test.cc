// What must not stand in a log, and what must.
#include "vended/redact.h"

#include <gtest/gtest.h>

namespace toolgate::vended {
namespace {

std::string text(std::string_view given, std::string_view marked = {}) {
  return redact({.text = given, .marked = marked}).text.value_or(std::string{given});
}

TEST(Redact, LeavesWhatIsNoSecretAsItWas) {
  for (const std::string_view same :
       {R"({"id":1,"method":"tools/call","params":{"name":"a___b","arguments":{"q":"two words"}}})",
        R"({"nextToken":"abcdefgh","progressToken":7,"max_tokens":100,"author":"Ann"})",
        R"({"hasPassword":true,"secret":null})", "", "{}", "no JSON at all", R"("only a string")",
        R"({"text":"Bearer of good news, x=1"})"}) {
    EXPECT_EQ(text(same), same);
  }
}

TEST(Redact, TakesOutValuesOfMembersNamedLikeASecret) {
  EXPECT_EQ(text(R"({"password":"hunter2","n":1})"), R"({"password":"[REDACTED]","n":1})");
  EXPECT_EQ(text(R"({ "X-Api-Key" : "k" , "n":1})"), R"({ "X-Api-Key" : "[REDACTED]" , "n":1})");
  EXPECT_EQ(text(R"({"pin":1234})"), R"({"pin":"[REDACTED]"})");
  EXPECT_EQ(text(R"({"clientSecret":{"a":["]}",{"b":1}]},"n":1})"),
            R"({"clientSecret":"[REDACTED]","n":1})");
  EXPECT_EQ(text(R"([{"access_token":"a"},{"Authorization":"Bearer b"}])"),
            R"([{"access_token":"[REDACTED]"},{"Authorization":"[REDACTED]"}])");
  EXPECT_EQ(text(R"({"pass\u0077ord":"x"})"), R"({"pass\u0077ord":"[REDACTED]"})");
  EXPECT_EQ(text(R"({"password":"with \" quote","n":1})"), R"({"password":"[REDACTED]","n":1})");
}

TEST(Redact, TakesOutMarkedMembers) {
  EXPECT_EQ(text(R"({"card":"4111","n":1})", "other\ncard\n"), R"({"card":"[REDACTED]","n":1})");
}

TEST(Redact, LooksIntoJsonWithinStrings) {
  EXPECT_EQ(text(R"({"text":"{\"password\":\"hunter2\",\"n\":1}"})"),
            R"({"text":"{\"password\":\"[REDACTED]\",\"n\":1}"})");
  EXPECT_EQ(text(R"({"text":"{\"in\":\"{\\\"token\\\":\\\"abc\\\"}\"}"})"),
            R"({"text":"{\"in\":\"{\\\"token\\\":\\\"[REDACTED]\\\"}\"}"})");
}

TEST(Redact, TakesOutTheCutEndOfASecret) {
  EXPECT_EQ(text(R"({"n":1,"password":"hunt)"), R"({"n":1,"password":"[REDACTED]")");
  EXPECT_EQ(text(R"({"text":"{\"password\":\"hunt)"), R"({"text":"{\"password\":\"[REDACTED]\")");
  EXPECT_EQ(text(R"({"text":"{\"password\":\"hunt\)"), R"({"text":"{\"password\":\"[REDACTED]\")");
}

TEST(Redact, FindsSecretsInTextsByTheirForm) {
  EXPECT_EQ(text(R"({"text":"Authorization: Bearer abcdefgh12345"})"),
            R"({"text":"Authorization: Bearer [REDACTED]"})");
  EXPECT_EQ(text(R"({"text":"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here"})"),
            R"({"text":"got [REDACTED] here"})");
  EXPECT_EQ(text(R"({"url":"https://h/p?api_key=abc123&n=1"})"),
            R"({"url":"https://h/p?api_key=[REDACTED]&n=1"})");
  EXPECT_EQ(text(R"({"k":"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"})"),
            R"({"k":"[REDACTED]-----END RSA PRIVATE KEY-----"})");
  EXPECT_EQ(text("client_secret=abc123 in no JSON"), "client_secret=[REDACTED] in no JSON");
  EXPECT_EQ(text("authorization=Bearer abcdefgh1, x"), "authorization=[REDACTED] [REDACTED], x");
}

// What looks for landmarks takes many bytes at once: a secret may stand anywhere among them.
TEST(Redact, FindsSecretsInEveryPlaceOfALongText) {
  for (const std::string_view secret : {"basic abcdefgh", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "otp=1",
                                        "-----BEGIN PRIVATE KEY-----x"}) {
    for (std::size_t before = 0; before < 70; ++before) {
      const std::string given = std::string(before, '.') + ' ' + std::string{secret};
      const std::string found = text(given + "\t" + std::string(70, '.'));
      EXPECT_NE(found.find(redacted), std::string::npos) << given;
      EXPECT_EQ(found.find(secret), std::string::npos) << given;
    }
  }
}

TEST(Redact, SaysWhatItTookOutAndWhetherTheResultIsAnError) {
  std::vector<std::string> values;
  const auto redacted = redact({.text = R"({"id":1,"result":{"isError":true,"token":"abcdef"}})",
                                .marked = {},
                                .values = &values});
  EXPECT_TRUE(redacted.is_error);
  EXPECT_EQ(values, std::vector<std::string>{"abcdef"});
  EXPECT_FALSE(redact({.text = R"({"result":{"isError":false}})"}).is_error);
  EXPECT_FALSE(redact({.text = R"({"result":{"content":[{"isError":true}]}})"}).is_error);
}

TEST(TakeOut, FindsAValueWhereverItStands) {
  std::string all = "a hunter2 and hunter2";
  take_out(all, "hunter2", End::whole);
  EXPECT_EQ(all, "a [REDACTED] and [REDACTED]");
  std::string cut = "it was hunt";
  take_out(cut, "hunter2", End::was_cut);
  EXPECT_EQ(cut, "it was [REDACTED]");
  std::string shorter = "1234 and 1234";
  take_out(shorter, "1234", End::whole);
  EXPECT_EQ(shorter, "1234 and 1234");
}

// Whatever the bytes are, it ends and gives something; the fuzzer of redaction goes on from here.
TEST(Redact, EndsOnBrokenTexts) {
  const std::string whole = R"({"a":"{\"password\":\"x\\\"y\"}","token":{"b":[1,"2"]},"c":"eyJ"})";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    EXPECT_EQ(text(whole.substr(0, size)).find("x\\\\"), std::string::npos);
    (void)text(whole.substr(size));
  }
}

}  // namespace
}  // namespace toolgate::vended
