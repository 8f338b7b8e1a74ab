// Identities: any text gives a value or a reason in words, and only valid values exist.
#include "agent/core/identity.hpp"

#include <string>

#include <gmock/gmock.h>

#include "tests/unit/core/support/seeded_random.hpp"

namespace oobm::core {
namespace {

using testing::HasSubstr;

TEST(Imei, EveryWrongCheckDigitIsRefused) {
  const std::string body = "49015420323751";
  for (char digit = '0'; digit <= '9'; ++digit) {
    const auto imei = Imei::parse(body + digit);
    EXPECT_EQ(imei.has_value(), digit == '8') << digit;
    if (!imei) {
      EXPECT_THAT(imei.error(), HasSubstr("check digit"));
    }
  }
}

TEST(Imei, EverySingleDigitErrorIsFound) {
  const std::string good = "490154203237518";
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      auto bad = good;
      bad[i] = digit;
      EXPECT_EQ(Imei::parse(bad).has_value(), bad == good) << bad;
    }
  }
}

TEST(Imei, OtherLengthsAreRefused) {
  for (const char* text : {"", "8", "49015420323751", "4901542032375180000"})
    EXPECT_FALSE(Imei::parse(text)) << text;
}

TEST(Imei, AnImeisvIsNamedAsSuch) {
  const auto imei = Imei::parse("4901542032375117");
  ASSERT_FALSE(imei);
  EXPECT_THAT(imei.error(), HasSubstr("IMEISV"));
}

TEST(Imei, AnythingButDigitsIsRefused) {
  EXPECT_FALSE(Imei::parse("49015420323751A"));
  EXPECT_FALSE(Imei::parse("490154 203237518"));
  EXPECT_FALSE(Imei::parse("-90154203237518"));
  // Fullwidth digits are no digits here.
  EXPECT_FALSE(
      Imei::parse("\xef\xbc\x94"
                  "90154203237518"));
}

TEST(Imei, WhiteSpaceAroundIsTrimmed) {
  const auto imei = Imei::parse(" \t490154203237518\r\n");
  ASSERT_TRUE(imei) << imei.error();
  EXPECT_EQ(imei->str(), "490154203237518");
}

TEST(Imei, ComesOutOfAnImeisvWithItsCheckDigit) {
  EXPECT_EQ(imei_from_imeisv("4901542032375101").value().str(), "490154203237518");
  EXPECT_EQ(imei_from_imeisv(" 3569380356438012 ").value().str(), "356938035643809");
}

TEST(Imei, AnImeisvOfAnotherLengthOrWithLettersIsRefused) {
  EXPECT_FALSE(imei_from_imeisv("490154203237518"));
  EXPECT_FALSE(imei_from_imeisv("49015420323751018"));
  EXPECT_FALSE(imei_from_imeisv("490154203237510A"));
  EXPECT_FALSE(imei_from_imeisv(""));
}

TEST(Luhn, MatchesPublishedExamples) {
  EXPECT_EQ(luhn_check_digit("7992739871"), '3');      // ISO/IEC 7812-1, the usual example
  EXPECT_EQ(luhn_check_digit("49015420323751"), '8');  // 3GPP
  EXPECT_EQ(luhn_check_digit("00000000000000"), '0');
  EXPECT_EQ(luhn_check_digit(""), '0');
}

TEST(Serial, MayHoldNothingThatMeansSomethingInATopic) {
  for (const char* text : {"XR80/NA001", "XR80+NA001", "XR80#NA001", "XR80$NA001", "XR80 NA001"})
    EXPECT_FALSE(Serial::parse(text)) << text;
}

TEST(Serial, LowerCaseIsRefusedAndNotGuessed) { EXPECT_FALSE(Serial::parse("xr80na0000001")); }

TEST(Serial, HasSixToThirtyTwoCharacters) {
  EXPECT_FALSE(Serial::parse("ABCDE"));
  EXPECT_TRUE(Serial::parse("ABCDEF"));
  EXPECT_TRUE(Serial::parse(std::string(32, 'A')));
  EXPECT_FALSE(Serial::parse(std::string(33, 'A')));
}

TEST(Serial, WhiteSpaceAroundIsTrimmedAndDoesNotCount) {
  EXPECT_EQ(Serial::parse("\n ABCDEF\t ").value().str(), "ABCDEF");
  EXPECT_FALSE(Serial::parse("      "));
  EXPECT_FALSE(Serial::parse(" ABCDE "));
}

TEST(Iccid, MustBeginWithTheTelecomPrefix) {
  EXPECT_FALSE(Iccid::parse("79014103211118510720"));
  EXPECT_FALSE(Iccid::parse("98014103211118510720"));
}

TEST(Iccid, HasEighteenToTwentyDigits) {
  EXPECT_FALSE(Iccid::parse("89014103211118510"));
  EXPECT_TRUE(Iccid::parse("890141032111185107"));
  EXPECT_TRUE(Iccid::parse("8901410321111851072"));
  EXPECT_TRUE(Iccid::parse("89014103211118510720"));
  EXPECT_FALSE(Iccid::parse("890141032111185107201"));
}

TEST(Iccid, ATrailingFillerIsRemoved) {
  EXPECT_EQ(Iccid::parse("8901410321111851072F").value().str(), "8901410321111851072");
}

TEST(Iccid, HexadecimalDigitsAreMetOnRealCardsAfterTheIssuer) {
  EXPECT_TRUE(Iccid::parse("898602A1B2C3D4E5F607"));
  EXPECT_FALSE(Iccid::parse("89A602A1B2C3D4E5F607"));
  EXPECT_FALSE(Iccid::parse("898602a1b2c3d4e5f607"));
}

TEST(SkuCode, HasFourToThirtyTwoAllowedCharacters) {
  EXPECT_FALSE(SkuCode::parse("XR8"));
  EXPECT_TRUE(SkuCode::parse("1104"));
  EXPECT_TRUE(SkuCode::parse("XR80-NA_5G.1"));
  EXPECT_FALSE(SkuCode::parse("XR80/NA"));
  EXPECT_FALSE(SkuCode::parse("xr80-na"));
  EXPECT_FALSE(SkuCode::parse(std::string(33, '1')));
}

// A refusal is shown on a terminal and written to a log: no control byte may pass through it.
TEST(Identity, HostileBytesAreRefusedInPrintableWordsOfBoundedLength) {
  test::SeededRandom random(20260601);
  for (int round = 0; round < 3'000; ++round) {
    std::string text(random.below(80), '\0');
    for (auto& c : text) c = static_cast<char>(random.below(256));
    for (const auto& error : {Serial::parse(text).error_or(""), Imei::parse(text).error_or(""),
                              Iccid::parse(text).error_or(""), SkuCode::parse(text).error_or(""),
                              imei_from_imeisv(text).error_or("")}) {
      EXPECT_LE(error.size(), 160U);
      for (char c : error) ASSERT_TRUE(c >= 0x20 && c < 0x7f) << "in: " << error;
    }
  }
}

TEST(Identity, AMegabyteIsRefusedAndNotRepeated) {
  const std::string giant(std::size_t{1} << 20U, '9');
  EXPECT_LE(Imei::parse(giant).error().size(), 160U);
  EXPECT_LE(Serial::parse(giant).error().size(), 160U);
}

TEST(Identity, AnEmbeddedZeroByteIsNotTheEndOfTheText) {
  EXPECT_FALSE(Serial::parse(std::string("ABCDEF\0GH", 9)));
  EXPECT_FALSE(Imei::parse(std::string("490154203237518\0", 16)));
}

}  // namespace
}  // namespace oobm::core
