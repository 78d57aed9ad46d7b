#include "crypto/hash.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace toolgate::crypto {
namespace {

using namespace std::string_view_literals;

std::string bytes_from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16));
  }
  return out;
}

TEST(Sha256, GivesTheKnownHashes) {  // FIPS 180-4 examples
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abc").size(), 32U);
}

TEST(HmacSha256, GivesTheKnownCodes) {  // RFC 4231 §4.2, §4.3, §4.7
  struct Case {
    std::string key, text, code;
  };
  const Case cases[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
  for (const auto& [key, text, code] : cases) EXPECT_EQ(hex(hmac_sha256(key, text)), code);
}

TEST(HmacSha256, WithAnEmptyKeyDoesNotUseTheKeyBefore) {
  (void)hmac_sha256("another key", "x");
  EXPECT_EQ(hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256, WorksOnEveryThread) {
  std::string other;
  std::thread{[&] { other = hmac_sha256("k", "x"); }}.join();
  EXPECT_EQ(other, hmac_sha256("k", "x"));
}

TEST(Base64, EncodesAsInRfc4648) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text).value(), bytes);
    EXPECT_EQ(base64url(bytes), text.substr(0, text.find('=')));
    EXPECT_EQ(from_base64url(text).value(), bytes);
    EXPECT_EQ(from_base64url(base64url(bytes)).value(), bytes);
  }
}

TEST(Base64, KeepsTheTwoAlphabetsApart) {
  const std::string bytes = bytes_from_hex("fbff");
  EXPECT_EQ(base64(bytes), "+/8=");
  EXPECT_EQ(base64url(bytes), "-_8");
  EXPECT_FALSE(from_base64("-_8="));
  EXPECT_FALSE(from_base64url("+/8"));
}

TEST(Base64, RefusesEverySecondSpelling) {
  for (const auto text : {"A", "AAAAA", "A===", "Zg", "Zg=", "Zg===", "Z===", "====", "=",
                          "Zm9v=", "Zm9v====", " Zg==", "Zg==\n", "Zh==", "Zm9=", "Z"}) {
    const auto bytes = from_base64(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, Code::invalid);
  }
  for (const auto text : {"A"sv, "AAAAA"sv, "Z"sv, "Zh"sv, "Zm9"sv, "Zg="sv, "Zg==="sv, "Zm9v="sv,
                          "===="sv, "Z g"sv, "Zm\0v"sv, "Zm9v\xff"sv}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

TEST(EqualInConstantTime, ComparesLengthAndBytes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(RandomBytes, GivesAsManyAsAskedAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random_bytes(16));
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(seen.begin()->size(), 16U);
  EXPECT_EQ(random_bytes(0), "");
}

}  // namespace
}  // namespace toolgate::crypto
