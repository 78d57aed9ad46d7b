#include "crypto/digests.h"

#include <gtest/gtest.h>

#include "crypto/crc.h"
#include "crypto/hash.h"

namespace toolgate::crypto {
namespace {

using Kind = RunningDigest::Kind;

std::string in_pieces(Kind kind, std::string_view text, std::size_t size) {
  RunningDigest digest{kind};
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    digest.add(text.substr(0, size));
  }
  return hex(digest.take());
}

// RFC 1321 §A.5, RFC 3174 §7.3, FIPS 180-2 §B.1.
TEST(RunningDigest, GivesTheHashOfAllPieces) {
  for (const std::size_t size : {1U, 2U, 3U}) {
    EXPECT_EQ(in_pieces(Kind::md5, "abc", size), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(in_pieces(Kind::sha1, "abc", size), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(in_pieces(Kind::sha256, "abc", size), sha256_hex("abc"));
  }
  RunningDigest twice{Kind::sha256};
  twice.add("abc");
  EXPECT_EQ(hex(twice.take()), sha256_hex("abc"));
  EXPECT_EQ(hex(twice.take()), sha256_hex(""));
}

// RFC 2202 §3, the second and the sixth test.
TEST(HmacSha1, GivesTheVectorsOfItsRfc) {
  EXPECT_EQ(hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex(hmac_sha1(std::string(80, '\xaa'),
                          "Test Using Larger Than Block-Size Key - Hash Key First")),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

// The check values of the catalogue of parametrised CRC algorithms.
TEST(CrcOf, GivesTheCatalogueOfCrcsCheckValues) {
  EXPECT_EQ(crc_of(Crc::crc32, "123456789"), 0xCBF43926U);
  EXPECT_EQ(crc_of(Crc::crc32c, "123456789"), 0xE3069283U);
  EXPECT_EQ(crc_of(Crc::crc64nvme, "123456789"), 0xAE8B14860A799888U);
  EXPECT_EQ(crc_of(Crc::crc32, ""), 0U);
}

TEST(CrcOf, IsTheSameInPiecesAndJoined) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += static_cast<char>(i * 37);
  for (const auto kind : {Crc::crc32, Crc::crc32c, Crc::crc64nvme}) {
    const auto whole = crc_of(kind, text);
    for (const std::size_t cut : {0U, 1U, 7U, 8U, 500U, 993U, 1'000U}) {
      const auto head = std::string_view{text}.substr(0, cut);
      const auto tail = std::string_view{text}.substr(cut);
      EXPECT_EQ(crc_of(kind, tail, crc_of(kind, head)), whole) << cut;
      EXPECT_EQ(
          crc_joined(kind, crc_of(kind, head), {.check = crc_of(kind, tail), .bytes = tail.size()}),
          whole)
          << cut;
    }
  }
}

}  // namespace
}  // namespace toolgate::crypto
