#include "tests/alms-sim/jose.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/alms-sim/jws.hpp"
#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

TEST(Base64Url, RefusesWhatIsNotBase64Url) {
  for (const char* text : {"a", "ab+/", "ab==", "a b", "YWJj\n"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
}

// RFC 4648 section 10, in the URL alphabet without padding; RFC 7515 appendix C.
TEST(Base64Url, GivesTheVectorsOfTheRfcs) {
  const std::pair<std::string, std::string> vectors[] = {
      {"", ""},
      {"f", "Zg"},
      {"fo", "Zm8"},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg"},
      {"fooba", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy"},
      {std::string("\x03\xec\xff\xe0\xc1"), "A-z_4ME"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_decode(text), bytes);
  }
}

TEST(KeyPair, RefusesOtherMessagesKeysAndSignatures) {
  const KeyPair key = KeyPair::generate("a");
  const KeyPair other = KeyPair::generate("a");
  std::string signature = key.sign("message");
  EXPECT_FALSE(key.verify("massage", signature));
  EXPECT_FALSE(other.verify("message", signature));
  EXPECT_FALSE(key.verify("message", signature.substr(1)));
  signature[5] = static_cast<char>(signature[5] ^ 1);
  EXPECT_FALSE(key.verify("message", signature));
}

// RFC 7518 section 3.4: 64 octets, r and s with their leading zeros, whatever their value.
TEST(KeyPair, SignsWithSixtyFourOctetsEveryTime) {
  constexpr int signatures = 600;  // r or s begins with a zero octet in one of 128
  const KeyPair key = KeyPair::generate("a");
  for (int i = 0; i < signatures; ++i) {
    const std::string message = std::to_string(i);
    const std::string signature = key.sign(message);
    ASSERT_EQ(signature.size(), 64U);
    ASSERT_TRUE(key.verify(message, signature)) << i;
  }
}

TEST(KeyPair, ComesBackFromItsFileWithModeOwnerOnly) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/key.pem";
  const KeyPair key = KeyPair::generate("a");
  ASSERT_TRUE(key.save(path));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
  const auto loaded = KeyPair::load(path, "a");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->public_jwk(), key.public_jwk());
  EXPECT_TRUE(key.verify("message", loaded->sign("message")));
}

TEST(KeyPair, SaysWhichFileIsNoKey) {
  const auto missing = KeyPair::load("/nowhere/key.pem", "a");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "KEY_FILE");
  EXPECT_NE(missing.error().text.find("/nowhere/key.pem"), std::string::npos);
}

TEST(CompactJws, HasNoSignatureWhenTheAlgorithmIsNone) {
  const KeyPair key = KeyPair::generate("a");
  EXPECT_TRUE(compact_jws({{"alg", "none"}}, {{"a", 1}}, key).ends_with("."));
}

TEST(CompactJws, SignsHeaderDotPayload) {
  const KeyPair key = KeyPair::generate("a");
  const std::string text = compact_jws({{"alg", "ES256"}, {"kid", "a"}}, {{"a", 1}}, key);
  const auto last = text.rfind('.');
  const auto signature = base64url_decode(text.substr(last + 1));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key.verify(text.substr(0, last), *signature));
  EXPECT_EQ(jws_claims(text), (Json{{"a", 1}}));
}

TEST(CompactJws, HasNoClaimsWhenItIsNone) {
  for (const char* text : {"", "a", "a.b", "a.!.c", "a.Zm9v.c"}) {
    EXPECT_TRUE(jws_claims(text).is_null()) << text;
  }
}

}  // namespace
}  // namespace oobm::alms_sim
