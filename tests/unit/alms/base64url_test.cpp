// Rule: base64url without padding, and one text for each value (RFC 7515 section 2, RFC 4648).
#include "agent/alms/base64url.hpp"

#include <string>

#include <gmock/gmock.h>

#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

TEST(Base64UrlTest, RefusesPaddingSpaceAndTheOtherAlphabet) {
  for (const char* text :
       {"Zg==", "Zg=", "=", "Z g", "Zg\n", " Zg", "+w", "/w", "Zm9v.", "\xc3\xa9"})
    EXPECT_FALSE(decode_base64url(text)) << text;
}

TEST(Base64UrlTest, RefusesALoneCharacter) {
  EXPECT_FALSE(decode_base64url("Z"));
  EXPECT_FALSE(decode_base64url("Zm9vY"));
}

TEST(Base64UrlTest, RefusesUnusedBitsThatAreNotZero) {
  EXPECT_TRUE(decode_base64url("Zg"));
  EXPECT_FALSE(decode_base64url("Zh"));
  EXPECT_TRUE(decode_base64url("Zm8"));
  EXPECT_FALSE(decode_base64url("Zm9"));
}

// RFC 4648 section 10, without its padding, and RFC 7515 appendix C.
TEST(Base64UrlTest, DecodesThePublishedVectors) {
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zm8"), "fo");
  EXPECT_EQ(decode_base64url("Zm9v"), "foo");
  EXPECT_EQ(decode_base64url("Zm9vYg"), "foob");
  EXPECT_EQ(decode_base64url("Zm9vYmE"), "fooba");
  EXPECT_EQ(decode_base64url("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64url("A-z_4ME"), "\x03\xec\xff\xe0\xc1");
}

TEST(Base64UrlTest, DecodesEveryByteAtEveryPlace) {
  for (int value = 0; value < 256; ++value)
    for (std::size_t length = 1; length <= 4; ++length) {
      const std::string bytes(length, static_cast<char>(value));
      EXPECT_EQ(decode_base64url(testing::base64url(bytes)), bytes);
    }
}

}  // namespace
}  // namespace oobm::alms
