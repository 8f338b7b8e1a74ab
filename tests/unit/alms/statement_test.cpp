// Rule: only a statement that a current key of this very instance signed is believed, and each
// failure has a reason of its own.
#include "agent/alms/statement.hpp"

#include <string>

#include <gmock/gmock.h>

#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using testing::Authority;
using testing::base64url;
using testing::base_claims;
using testing::entitlement_claims;
using testing::Json;
using testing::Signer;

class StatementTest : public ::testing::Test {
 protected:
  static const Authority& na() {
    static const Authority authority("na");
    return authority;
  }
  static const Authority& eu() {
    static const Authority authority("eu");
    return authority;
  }
  static const KeyRing& ring() {
    static const KeyRing made = na().ring();
    return made;
  }
  static Reason reason(std::string_view text) {
    const auto result = verify_statement(text, ring());
    return result ? Reason::none : result.error().reason;
  }
  static std::string entitlement(const Json& claims = entitlement_claims()) {
    return na().key_1.sign("oobm-entitlement", claims);
  }
  static std::string with_header(const Json& header) {
    return na().key_1.sign_text(header.dump(), entitlement_claims().dump());
  }
  static Json header() { return na().key_1.header("oobm-entitlement"); }
};

TEST_F(StatementTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(reason(std::string(1537, 'a')), Reason::statement_too_large);
  EXPECT_EQ(reason(std::string(1536, 'a')), Reason::statement_malformed);
  EXPECT_EQ(reason(std::string(1U << 20U, '{')), Reason::statement_too_large);
  auto claims = entitlement_claims();
  claims["account"]["name"] = std::string(900, 'n');
  EXPECT_EQ(reason(entitlement(claims)), Reason::statement_too_large);
}

TEST_F(StatementTest, RefusesWhatIsNoCompactJws) {
  for (const char* text : {"", ".", "..", "...", "a.b", "a.b.c.d", "{}", "{\"a\":1}", " ", "\n",
                           "not base64.at all.here"})
    EXPECT_EQ(reason(text), Reason::statement_malformed) << text;
  const auto good = entitlement();
  for (const auto& text : {good + "=", good + ".", "." + good, " " + good, good + "\n", good + "+"})
    EXPECT_EQ(reason(text), Reason::statement_malformed) << text;
}

TEST_F(StatementTest, RefusesAHeaderThatIsNotAnObjectOfItsOwnMembers) {
  const auto payload = entitlement_claims().dump();
  for (const char* bad :
       {"", "[]", "\"ES256\"", "null", "{", "{}}", "{\"alg\":\"ES256\",}",
        R"({"alg":"ES256","alg":"ES256","typ":"oobm-entitlement","kid":"key-1"})",
        R"({"alg":"none","typ":"oobm-entitlement","kid":"key-1","alg":"ES256"})",
        R"({"alg":"ES256","typ":"oobm-entitlement","kid":"key-1","crit":["exp"]})",
        R"({"alg":"ES256","typ":"oobm-entitlement","kid":"key-1","crit":[]})",
        R"({"alg":"ES256","typ":"oobm-entitlement","kid":"key-1","x":[[[[[[[[[]]]]]]]]]})"})
    EXPECT_EQ(reason(na().key_1.sign_text(bad, payload)), Reason::statement_malformed) << bad;
}

TEST_F(StatementTest, RefusesEveryOtherAlgorithm) {
  for (const char* algorithm : {"none", "None", "NONE", "HS256", "RS256", "ES384", "ES512", "EdDSA",
                                "es256", "", "ES256 "}) {
    auto changed = header();
    changed["alg"] = algorithm;
    EXPECT_EQ(reason(with_header(changed)), Reason::statement_algorithm) << algorithm;
  }
  auto changed = header();
  changed.erase("alg");
  EXPECT_EQ(reason(with_header(changed)), Reason::statement_algorithm);
  changed["alg"] = Json::array({"ES256"});
  EXPECT_EQ(reason(with_header(changed)), Reason::statement_algorithm);
}

TEST_F(StatementTest, RefusesAnUnsecuredJws) {
  auto changed = header();
  changed["alg"] = "none";
  const auto input = base64url(changed.dump()) + "." + base64url(entitlement_claims().dump()) + ".";
  EXPECT_EQ(reason(input), Reason::statement_algorithm);
}

TEST_F(StatementTest, RefusesAWrongType) {
  for (const char* type : {"", "JWT", "oobm", "OOBM-ENTITLEMENT", "oobm-entitlement "}) {
    auto changed = header();
    changed["typ"] = type;
    EXPECT_EQ(reason(with_header(changed)), Reason::statement_type) << type;
  }
  auto changed = header();
  changed.erase("typ");
  EXPECT_EQ(reason(with_header(changed)), Reason::statement_type);
}

TEST_F(StatementTest, RefusesAKeyThatHasNotThisRole) {
  auto changed = header();
  changed.erase("kid");
  EXPECT_EQ(reason(with_header(changed)), Reason::statement_key);
  for (const auto& kid : {std::string(), std::string("key-3"), std::string(65, 'k')}) {
    changed["kid"] = kid;
    EXPECT_EQ(reason(with_header(changed)), Reason::statement_key) << kid;
  }
  // A root signs no entitlement, and a signing key no set of keys.
  EXPECT_EQ(reason(na().root_1.sign("oobm-entitlement", entitlement_claims())),
            Reason::statement_key);
  EXPECT_EQ(reason(na().root_1.sign("oobm-deregistration", base_claims())), Reason::statement_key);
  EXPECT_EQ(reason(na().key_1.sign("oobm-trust", na().trust_claims(2))), Reason::statement_key);
}

TEST_F(StatementTest, RefusesEverythingButSetsOfKeysWhileNoneIsAdopted) {
  const auto bare = KeyRing::make("na", {na().root_1.key(), na().root_2.key()});
  ASSERT_TRUE(bare);
  const auto refused = verify_statement(entitlement(), *bare);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::statement_key);
  EXPECT_TRUE(verify_statement(na().root_2.sign("oobm-trust", na().trust_claims()), *bare));
}

TEST_F(StatementTest, RefusesASignatureOfAnotherKeyUnderAKnownName) {
  const Signer impostor("key-1");
  EXPECT_EQ(reason(impostor.sign("oobm-entitlement", entitlement_claims())),
            Reason::statement_signature);
  EXPECT_EQ(reason(eu().key_1.sign("oobm-entitlement", entitlement_claims())),
            Reason::statement_signature);
  const Signer false_root("root-1");
  EXPECT_EQ(reason(false_root.sign("oobm-trust", na().trust_claims(2))),
            Reason::statement_signature);
}

TEST_F(StatementTest, NeverUsesAKeyThatTheHeaderBrings) {
  const Signer impostor("key-1");
  auto brought = impostor.header("oobm-entitlement");
  brought["jwk"] = impostor.jwk();
  EXPECT_EQ(reason(impostor.sign_text(brought.dump(), entitlement_claims().dump())),
            Reason::statement_signature);
}

TEST_F(StatementTest, RefusesAnotherPayloadUnderATrueSignature) {
  const auto good = entitlement();
  const auto first = good.find('.');
  const auto second = good.rfind('.');
  auto claims = entitlement_claims();
  claims["valid_until"] = 2'000'000'000;
  EXPECT_EQ(reason(good.substr(0, first + 1) + base64url(claims.dump()) + good.substr(second)),
            Reason::statement_signature);
}

TEST_F(StatementTest, RefusesASignatureOfAnotherShape) {
  const auto good = entitlement();
  const auto input = good.substr(0, good.rfind('.') + 1);
  EXPECT_EQ(reason(input), Reason::statement_signature);
  EXPECT_EQ(reason(input + base64url(std::string(63, 'x'))), Reason::statement_signature);
  EXPECT_EQ(reason(input + base64url(std::string(65, 'x'))), Reason::statement_signature);
  EXPECT_EQ(reason(input + base64url(std::string(64, '\0'))), Reason::statement_signature);
  EXPECT_EQ(reason(input + base64url(std::string(64, '\xff'))), Reason::statement_signature);
}

TEST_F(StatementTest, RefusesAnotherInstancesStatement) {
  auto claims = entitlement_claims();
  claims["iss"] = "eu";
  EXPECT_EQ(reason(entitlement(claims)), Reason::statement_issuer);
  auto trust = na().trust_claims(2);
  trust["iss"] = "eu";
  EXPECT_EQ(reason(na().root_1.sign("oobm-trust", trust)), Reason::statement_issuer);
  auto removal = base_claims();
  removal["iss"] = "eu";
  EXPECT_EQ(reason(na().key_1.sign("oobm-deregistration", removal)), Reason::statement_issuer);
}

TEST_F(StatementTest, LooksAtClaimsOnlyAfterTheSignature) {
  const Signer impostor("key-1");
  EXPECT_EQ(reason(impostor.sign_text(header().dump(), "no json")), Reason::statement_signature);
  EXPECT_EQ(reason(na().key_1.sign_text(header().dump(), "no json")), Reason::statement_malformed);
}

TEST_F(StatementTest, ReadsAnEntitlement) {
  const auto text = entitlement();
  const auto result = verify_statement(text, ring());
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->text, text);
  const auto& claims = std::get<core::Entitlement>(result->claims);
  EXPECT_EQ(claims.base.issuer, "na");
  EXPECT_EQ(claims.base.sequence, 2U);
  EXPECT_EQ(claims.state, core::AlmsState::active);
}

TEST_F(StatementTest, EachKeyOfTheSetCounts) {
  EXPECT_EQ(reason(na().key_2.sign("oobm-entitlement", entitlement_claims())), Reason::none);
  EXPECT_EQ(reason(na().root_1.sign("oobm-trust", na().trust_claims(2))), Reason::none);
  EXPECT_EQ(reason(na().root_2.sign("oobm-trust", na().trust_claims(2))), Reason::none);
}

TEST_F(StatementTest, AReplacedSetOfKeysCountsNoMore) {
  const Signer fresh("key-3");
  auto claims = na().trust_claims(2);
  claims["keys"] = Json::array({fresh.jwk()});
  auto changed = na().ring();
  const auto trust = verify_statement(na().root_1.sign("oobm-trust", claims), changed);
  ASSERT_TRUE(trust) << trust.error().detail;
  changed.adopt(std::get<core::TrustSet>(trust->claims));
  EXPECT_TRUE(verify_statement(fresh.sign("oobm-entitlement", entitlement_claims()), changed));
  const auto refused = verify_statement(entitlement(), changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::statement_key);
}

TEST_F(StatementTest, EveryPrefixIsRefused) {
  const auto good = entitlement();
  ASSERT_EQ(reason(good), Reason::none);
  for (std::size_t length = 0; length < good.size(); ++length)
    ASSERT_NE(reason(good.substr(0, length)), Reason::none) << length;
}

// Two changes of every byte: one bit, and a byte that is in no alphabet.
TEST_F(StatementTest, EveryCorruptedByteIsRefused) {
  const auto good = entitlement();
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const char changed : {static_cast<char>(good[at] ^ 1), '\0'}) {
      auto text = good;
      text[at] = changed;
      ASSERT_NE(reason(text), Reason::none) << at << " " << static_cast<int>(changed);
    }
}

TEST_F(StatementTest, EveryDeletedOrDoubledByteIsRefused) {
  const auto good = entitlement();
  for (std::size_t at = 0; at < good.size(); ++at) {
    ASSERT_NE(reason(std::string(good).erase(at, 1)), Reason::none) << at;
    ASSERT_NE(reason(std::string(good).insert(at, 1, good[at])), Reason::none) << at;
  }
}

// A refusal is shown to a technician: short, and free of what could steer a terminal.
TEST_F(StatementTest, DetailsAreBoundedAndPrintable) {
  auto changed = header();
  changed["kid"] = std::string("\x1b[2J") + std::string(60, 'k');
  const auto odd = with_header(changed);
  changed["kid"] = std::string(64, 'k');
  for (const auto& text : {odd, with_header(changed), std::string("x")}) {
    const auto result = verify_statement(text, ring());
    ASSERT_FALSE(result);
    EXPECT_LE(result.error().detail.size(), 200U);
    for (char c : result.error().detail) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
  }
}

}  // namespace
}  // namespace oobm::alms
