#include "crypto/jwt.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/jwt_vectors.h"
#include "crypto/openssl.h"

namespace toolgate::crypto {
namespace {

Json read(std::string_view text) { return json::parse(text).value(); }

PublicKey key_of(std::string_view jwk) { return PublicKey::from_jwk(read(jwk)).value(); }

Json with(std::string_view jwk, std::string_view name, Json value) {
  Json changed = read(jwk);
  changed.as_object()[name] = std::move(value);
  return changed;
}

Json encoded(const std::string& bytes) { return Json(std::string_view{base64url(bytes)}); }

std::string token_of(std::string_view header, std::string_view claims,
                     std::string_view signature = "sig") {
  return base64url(header) + '.' + base64url(claims) + '.' + base64url(signature);
}

bool verifies(const PublicKey& key, std::string_view token) {
  const auto jwt = parse_jwt(token);
  return jwt && key.verify(jwt->algorithm, jwt->signing_input, jwt->signature);
}

constexpr std::string_view rfc7515_payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

TEST(Verify, AcceptsTheRsaExampleOfRfc7515) {  // A.2
  const PublicKey key = key_of(
      R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxH)"
      R"(mfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZ)"
      R"(o9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQ)"
      R"(Y4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDT)"
      R"(W9gb54h4FRWyuXpoQ"})");
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9." + std::string{rfc7515_payload} +
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2"
      "Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
      "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI"
      "2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  EXPECT_TRUE(verifies(key, token));
  EXPECT_EQ(json::find_string(parse_jwt(token)->claims, "iss"), "joe");
}

TEST(Verify, AcceptsTheEcExampleOfRfc7515) {  // A.3
  const PublicKey key =
      key_of(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
             R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
  EXPECT_TRUE(verifies(key, "eyJhbGciOiJFUzI1NiJ9." + std::string{rfc7515_payload} +
                                ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                                "pmWQxfKTUJqPP3-Kg6NU1Q"));
}

TEST(Verify, AcceptsTheEdwardsExampleOfRfc8037) {  // A.4; its payload is no JSON
  const PublicKey key =
      key_of(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const std::string signature =
      from_base64url(
          "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvp"
          "Ar_MuM0KAg")
          .value();
  const std::string_view input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  EXPECT_TRUE(key.verify("EdDSA", input, signature));
  EXPECT_FALSE(key.verify("EdDSA", "x", signature));
}

TEST(Thumbprint, IsThatOfRfc7638) {  // §3.1
  const Json jwk = read(
      R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7)"
      R"(aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0)"
      R"(h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08)"
      R"(qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK)"
      R"(nqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})");
  EXPECT_EQ(thumbprint(jwk).value(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(thumbprint(read(R"({"kty":"RSA","n":"x"})")).error().code, Code::invalid);
  EXPECT_EQ(thumbprint(read(R"({"kty":"oct","k":"x"})")).error().code, Code::invalid);
}

TEST(Verify, AcceptsEveryAlgorithmOfTheTable) {
  for (const auto& [algorithm, jwk, token] : vectors::tokens) {
    const PublicKey key = key_of(jwk);
    EXPECT_TRUE(key.fits(algorithm)) << algorithm;
    EXPECT_TRUE(verifies(key, token)) << algorithm;
  }
}

TEST(Verify, UsesOneKeyWithEveryAlgorithmOfItsType) {
  const PublicKey key = key_of(vectors::rsa_jwk);
  for (int round = 0; round < 2; ++round) {
    for (const auto& each : vectors::tokens) {
      EXPECT_EQ(verifies(key, each.token), each.jwk == vectors::rsa_jwk) << each.algorithm;
    }
  }
}

TEST(Verify, RefusesEveryTokenThatWasChanged) {
  for (const auto& [algorithm, jwk, token] : vectors::tokens) {
    const PublicKey key = key_of(jwk);
    const Jwt jwt = parse_jwt(token).value();
    EXPECT_FALSE(key.verify(algorithm, jwt.signing_input + "x", jwt.signature));
    EXPECT_FALSE(key.verify(algorithm, jwt.signing_input, ""));
    EXPECT_FALSE(key.verify(algorithm, jwt.signing_input, jwt.signature + '\0'));
    EXPECT_FALSE(key.verify(algorithm, jwt.signing_input, '\0' + jwt.signature));
    for (std::size_t i = 0; i < jwt.signature.size(); i += 13) {
      std::string changed = jwt.signature;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(key.verify(algorithm, jwt.signing_input, changed)) << algorithm << ' ' << i;
    }
    const std::string zeros(jwt.signature.size(), '\0');
    EXPECT_FALSE(key.verify(algorithm, jwt.signing_input, zeros));
    EXPECT_TRUE(key.verify(algorithm, jwt.signing_input, jwt.signature)) << "after failures";
  }
}

TEST(Verify, BindsTheAlgorithmToTheKey) {
  for (const auto& [algorithm, jwk, token] : vectors::tokens) {
    const Jwt jwt = parse_jwt(token).value();
    for (const auto& other : vectors::tokens) {
      if (other.algorithm == algorithm) continue;
      EXPECT_FALSE(key_of(jwk).verify(other.algorithm, jwt.signing_input, jwt.signature))
          << algorithm << " as " << other.algorithm;
      EXPECT_EQ(key_of(jwk).fits(other.algorithm), other.jwk == jwk);
    }
    for (const auto name : {"none", "HS256", "", "rs256", "ES256K"}) {
      EXPECT_FALSE(key_of(jwk).fits(name));
      EXPECT_FALSE(key_of(jwk).verify(name, jwt.signing_input, jwt.signature));
    }
  }
}

TEST(Verify, KeepsToTheAlgorithmThatTheJwkNames) {
  const PublicKey key = PublicKey::from_jwk(with(vectors::rsa_jwk, "alg", "PS256")).value();
  EXPECT_TRUE(key.fits("PS256"));
  EXPECT_FALSE(key.fits("RS256"));
  EXPECT_FALSE(verifies(key, vectors::tokens[0].token));
}

TEST(Verify, DoesNotMixUpKeysThatComeAndGo) {
  const Jwt jwt = parse_jwt(vectors::tokens[6].token).value();
  const Json ours = read(vectors::p256_jwk);
  for (int i = 0; i < 40; ++i) {  // more than contexts are kept; freed keys' addresses come again
    const PublicKey other = PublicKey::from_jwk(PrivateKey::generate_p256().public_jwk()).value();
    EXPECT_FALSE(other.verify("ES256", jwt.signing_input, jwt.signature));
    EXPECT_TRUE(PublicKey::from_jwk(ours)->verify("ES256", jwt.signing_input, jwt.signature));
  }
}

TEST(Verify, WorksOnSeveralThreadsAtOnce) {
  const PublicKey key = key_of(vectors::rsa_jwk);
  std::atomic<int> good = 0;
  const auto work = [&] {
    for (int i = 0; i < 200; ++i) good += verifies(key, vectors::tokens[0].token) ? 1 : 0;
  };
  std::thread first{work};
  std::thread second{work};
  first.join();
  second.join();
  EXPECT_EQ(good, 400);
}

TEST(FromJwk, RefusesUnusableKeys) {
  const std::pair<const char*, Json> cases[] = {
      {"symmetric", read(R"({"kty":"oct","k":"AAAA"})")},
      {"no object", read("[]")},
      {"no type", read("{}")},
      {"for encryption", with(vectors::rsa_jwk, "use", "enc")},
      {"use of another type", with(vectors::rsa_jwk, "use", 1)},
      {"for other operations", with(vectors::rsa_jwk, "key_ops", JsonArray{"encrypt"})},
      {"1024 bits", read(vectors::short_rsa_jwk)},
      {"no modulus", read(R"({"kty":"RSA","e":"AQAB"})")},
      {"exponent one", with(vectors::rsa_jwk, "e", "AQ")},
      {"even exponent", with(vectors::rsa_jwk, "e", "Ag")},
      {"16,384 bits", with(vectors::rsa_jwk, "n", encoded(std::string(2048, 'o')))},
      {"leading zeros", with(vectors::rsa_jwk, "n", encoded(std::string(200, '\0') + "ooo"))},
      {"bad base64", with(vectors::rsa_jwk, "n", "a*b")},
      {"another curve's name", with(vectors::p256_jwk, "crv", "P-384")},
      {"unknown curve", with(vectors::p256_jwk, "crv", "secp256k1")},
      {"point not on the curve", with(vectors::p256_jwk, "x", encoded(std::string(32, 'x')))},
      {"short coordinate", with(vectors::p256_jwk, "y", encoded(std::string(31, 'x')))},
      {"another Edwards curve", with(vectors::ed_jwk, "crv", "X25519")},
      {"short Edwards key", with(vectors::ed_jwk, "x", encoded(std::string(31, 'x')))},
      {"kid is a number", with(vectors::p256_jwk, "kid", 7)},
      {"alg is null", with(vectors::p256_jwk, "alg", nullptr)},
  };
  for (const auto& [why, jwk] : cases) {
    const auto key = PublicKey::from_jwk(jwk);
    ASSERT_FALSE(key) << why;
    EXPECT_EQ(key.error().code, Code::invalid) << why;
  }
  // The same point, split at another place.
  Json shifted = read(vectors::p256_jwk);
  std::string x = from_base64url(*json::find_string(shifted, "x")).value();
  const std::string y = from_base64url(*json::find_string(shifted, "y")).value();
  shifted.as_object()["y"] = encoded(x.back() + y);
  x.pop_back();
  shifted.as_object()["x"] = encoded(x);
  EXPECT_FALSE(PublicKey::from_jwk(shifted));
  EXPECT_TRUE(PublicKey::from_jwk(with(vectors::rsa_jwk, "key_ops", JsonArray{"verify"})));
  EXPECT_EQ(PublicKey::from_jwk(with(vectors::rsa_jwk, "kid", "k1"))->id(), "k1");
}

TEST(ParseJwks, KeepsTheUsableKeys) {
  Json set = JsonObject{{"keys", JsonArray{with(vectors::rsa_jwk, "kid", "a"),
                                           read(R"({"kty":"oct","k":"AAAA","kid":"b"})"), "junk",
                                           with(vectors::ed_jwk, "kid", "c")}}};
  const auto keys = parse_jwks(set).value();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].id(), "a");
  EXPECT_EQ(keys[1].id(), "c");
  EXPECT_EQ(parse_jwks(read(R"({"keys":{}})")).error().code, Code::invalid);
  EXPECT_EQ(parse_jwks(read("[]")).error().code, Code::invalid);
}

TEST(ParseJwt, TakesATokenApart) {
  const auto jwt = parse_jwt(token_of(R"({"alg":"ES256","kid":"k"})", R"({"a":1})", "xyz")).value();
  EXPECT_EQ(jwt.algorithm, "ES256");
  EXPECT_EQ(jwt.key_id, "k");
  EXPECT_EQ(json::find_int(jwt.claims, "a"), 1);
  EXPECT_EQ(jwt.signature, "xyz");
  EXPECT_EQ(jwt.signing_input, base64url(R"({"alg":"ES256","kid":"k"})") + ".eyJhIjoxfQ");
}

TEST(ParseJwt, RefusesWhatIsNoToken) {
  const std::string good = token_of(R"({"alg":"RS256"})", "{}");
  ASSERT_TRUE(parse_jwt(good));
  const std::pair<const char*, std::string> cases[] = {
      {"empty", ""},
      {"two parts", "eyJhbGciOiJSUzI1NiJ9.e30"},
      {"four parts", good + ".x"},
      {"five parts (JWE)", "a.b.c.d.e"},
      {"white space", good + " "},
      {"padded", good + "="},
      {"payload padded rightly", base64url(R"({"alg":"RS256"})") + ".e30=.c2ln"},
      {"header no JSON", "AAAA.e30.c2ln"},
      {"header no object", token_of("[]", "{}")},
      {"claims no object", token_of(R"({"alg":"RS256"})", "[1]")},
      {"claims no JSON", token_of(R"({"alg":"RS256"})", "{")},
      {"no algorithm", token_of("{}", "{}")},
      {"algorithm no string", token_of(R"({"alg":["RS256"]})", "{}")},
      {"none", token_of(R"({"alg":"none"})", "{}", "")},
      {"None", token_of(R"({"alg":"None"})", "{}")},
      {"HMAC", token_of(R"({"alg":"HS256"})", "{}")},
      {"critical extension", token_of(R"({"alg":"RS256","crit":["exp"],"exp":1})", "{}")},
      {"empty crit", token_of(R"({"alg":"RS256","crit":[]})", "{}")},
      {"key id no string", token_of(R"({"alg":"RS256","kid":1})", "{}")},
      {"too large",
       token_of(R"({"alg":"RS256"})", "{}", std::string(limits::token_bytes_max, 'x'))},
  };
  for (const auto& [why, token] : cases) {
    const auto jwt = parse_jwt(token);
    ASSERT_FALSE(jwt) << why;
    EXPECT_EQ(jwt.error().code, Code::unauthenticated) << why;
  }
}

TEST(PrivateKey, SignsWhatItsPublicHalfVerifies) {
  for (const PrivateKey& key : {PrivateKey::generate_rsa(), PrivateKey::generate_p256()}) {
    const Json jwk = key.public_jwk();
    const PublicKey half = PublicKey::from_jwk(jwk).value();
    const std::string token = key.sign_jwt(JsonObject{{"sub", "ann"}});
    EXPECT_TRUE(verifies(half, token));
    EXPECT_EQ(parse_jwt(token)->key_id, key.id());
    EXPECT_EQ(half.id(), key.id());
    EXPECT_EQ(thumbprint(jwk).value(), key.id());
    EXPECT_EQ(json::find_string(jwk, "use"), "sig");
    EXPECT_EQ(json::find_string(jwk, "alg"), parse_jwt(token)->algorithm);
    EXPECT_EQ(json::find(jwk, "d"), nullptr);
  }
}

TEST(PrivateKey, ComesBackFromItsPem) {
  for (const PrivateKey& key : {PrivateKey::generate_rsa(), PrivateKey::generate_p256()}) {
    EXPECT_TRUE(key.pem().starts_with("-----BEGIN PRIVATE KEY-----"));
    const PrivateKey again = PrivateKey::from_pem(key.pem()).value();
    EXPECT_EQ(again.id(), key.id());
    const PublicKey half = PublicKey::from_jwk(key.public_jwk()).value();
    EXPECT_TRUE(verifies(half, again.sign_jwt({{"a", 1}})));
  }
}

TEST(PrivateKey, AlwaysWritesFullLengthSignaturesAndCoordinates) {
  for (int i = 0; i < 600; ++i) {  // one in 128 has a leading zero
    const PrivateKey key = PrivateKey::generate_p256();
    ASSERT_TRUE(PublicKey::from_jwk(key.public_jwk()));
    ASSERT_EQ(parse_jwt(key.sign_jwt(JsonObject{}))->signature.size(), 64U);
  }
}

std::string pem_of(EVP_PKEY* key, const EVP_CIPHER* cipher) {
  const OwnedKey owned{key};
  const OwnedBio bio{BIO_new(BIO_s_mem())};
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, cipher, "pass", 4, nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

TEST(PrivateKey, RefusesKeysThatItDoesNotSignWith) {
  const std::pair<const char*, std::string> cases[] = {
      {"another curve", pem_of(EVP_EC_gen("P-384"), nullptr)},
      {"short RSA", pem_of(EVP_RSA_gen(1024), nullptr)},
      {"Ed25519", pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), nullptr)},
      {"encrypted", pem_of(EVP_EC_gen("P-256"), EVP_aes_128_cbc())}};
  for (const auto& [why, pem] : cases) {
    ASSERT_TRUE(pem.starts_with("-----BEGIN")) << why;
    const auto key = PrivateKey::from_pem(pem);
    ASSERT_FALSE(key) << why;
    EXPECT_EQ(key.error().code, Code::invalid);
  }
}

TEST(PrivateKey, IsNotReadFromAnythingElse) {
  const std::string pem = PrivateKey::generate_p256().pem();
  for (const std::string& text :
       {std::string{}, std::string{"x"}, pem.substr(0, 80), std::string(100'000, 'x')}) {
    EXPECT_EQ(PrivateKey::from_pem(text).error().code, Code::invalid);
  }
}

}  // namespace
}  // namespace toolgate::crypto
