// Rule: ES256 is ECDSA on P-256 with SHA-256, checked against the published example of RFC 7515
// appendix A.3 and against keys made here.
#include "agent/alms/es256.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>

#include "agent/alms/base64url.hpp"
#include "agent/alms/keys.hpp"
#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

// RFC 7515 appendix A.3.1.
constexpr std::string_view rfc_key = R"({"kty":"EC","crv":"P-256","kid":"a3",)"
                                     R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                     R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view rfc_input =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view rfc_signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
    "pmWQxfKTUJqPP3-Kg6NU1Q";

class Es256Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto key = parse_jwk(rfc_key);
    ASSERT_TRUE(key) << key.error();
    key_ = *key;
    const auto bytes = decode_base64url(rfc_signature);
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), signature_.size());
    std::ranges::transform(*bytes, signature_.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
  }
  core::SigningKey key_;
  Es256Signature signature_{};
};

TEST_F(Es256Test, VerifiesTheExampleOfRfc7515AppendixA3) {
  EXPECT_TRUE(verify_es256(key_, rfc_input, signature_));
}

TEST_F(Es256Test, RefusesTheExampleWithAnyBitOfTheSignatureTurned) {
  for (std::size_t bit = 0; bit < signature_.size() * 8; ++bit) {
    auto turned = signature_;
    turned[bit / 8] = static_cast<std::uint8_t>(turned[bit / 8] ^ 1U << bit % 8);
    ASSERT_FALSE(verify_es256(key_, rfc_input, turned)) << bit;
  }
}

TEST_F(Es256Test, RefusesTheExampleUnderAnotherTextOrKey) {
  EXPECT_FALSE(verify_es256(key_, rfc_input.substr(1), signature_));
  EXPECT_FALSE(verify_es256(key_, "", signature_));
  const testing::Signer other("a3");
  EXPECT_FALSE(verify_es256(other.key(), rfc_input, signature_));
}

// RFC 7518 section 3.4 wants R || S; the DER form that X.509 uses is another thing.
TEST_F(Es256Test, RefusesSwappedHalves) {
  auto swapped = signature_;
  std::ranges::rotate(swapped, swapped.begin() + 32);
  EXPECT_FALSE(verify_es256(key_, rfc_input, swapped));
}

TEST_F(Es256Test, RefusesOutOfRangeHalves) {
  for (const auto filler : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
    auto odd = signature_;
    std::fill_n(odd.begin(), 32, filler);
    EXPECT_FALSE(verify_es256(key_, rfc_input, odd));
    odd = signature_;
    std::fill_n(odd.begin() + 32, 32, filler);
    EXPECT_FALSE(verify_es256(key_, rfc_input, odd));
  }
}

TEST_F(Es256Test, KnowsPointsOfTheCurve) {
  EXPECT_TRUE(is_p256_point(key_));
  auto off = key_;
  off.y[31] = static_cast<std::uint8_t>(off.y[31] ^ 1U);
  EXPECT_FALSE(is_p256_point(off));
  EXPECT_FALSE(verify_es256(off, rfc_input, signature_));
  EXPECT_FALSE(is_p256_point(core::SigningKey{}));
}

TEST_F(Es256Test, VerifiesWhatIsSignedHere) {
  const testing::Signer signer("k");
  const auto text = signer.sign_input("any input");
  const auto bytes = decode_base64url(text.substr(text.rfind('.') + 1));
  ASSERT_TRUE(bytes);
  Es256Signature made{};
  std::ranges::transform(*bytes, made.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  EXPECT_TRUE(verify_es256(signer.key(), "any input", made));
  EXPECT_FALSE(verify_es256(signer.key(), "any inpuT", made));
}

// A leak of PSA's key slots (there are 32) would show here.
TEST_F(Es256Test, UsesNoKeySlotForLong) {
  for (int round = 0; round < 100; ++round)
    ASSERT_TRUE(verify_es256(key_, rfc_input, signature_)) << round;
}

}  // namespace
}  // namespace oobm::alms
