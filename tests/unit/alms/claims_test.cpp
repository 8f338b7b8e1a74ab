// Rule: a claim of the wrong type, out of range, missing or given twice refuses the whole
// statement; grace is clamped; an account class that is neither AVC nor Standard has its own
// reason.
#include "agent/alms/claims.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using testing::base_claims;
using testing::entitlement_claims;
using testing::Json;
using testing::Signer;

Reason reason(const auto& result) { return result ? Reason::none : result.error().reason; }
Reason entitlement(const Json& claims) { return reason(parse_entitlement(claims.dump())); }
Reason removal(const Json& claims) { return reason(parse_deregistration(claims.dump())); }
Reason trust(const Json& claims) { return reason(parse_trust_set(claims.dump())); }

// The claims with the member at `pointer` replaced.
Json with(Json claims, const char* pointer, Json value) {
  claims[Json::json_pointer(pointer)] = std::move(value);
  return claims;
}

Json without(const Json& claims, const char* pointer) {
  return claims.patch(Json::array({{{"op", "remove"}, {"path", pointer}}}));
}

TEST(ClaimsTest, RefusesWhatIsNoObject) {
  for (const char* text : {"", "no json", "[]", "null", "1", "\"x\"", "{", "{\"iss\":\"na\""}) {
    EXPECT_EQ(reason(parse_entitlement(text)), Reason::statement_malformed) << text;
    EXPECT_EQ(reason(parse_deregistration(text)), Reason::statement_malformed) << text;
    EXPECT_EQ(reason(parse_trust_set(text)), Reason::statement_malformed) << text;
  }
}

TEST(ClaimsTest, RefusesAMissingClaim) {
  for (const char* name : {"/iss", "/aud", "/sub", "/imei", "/reg", "/seq", "/jti", "/iat"}) {
    EXPECT_EQ(entitlement(without(entitlement_claims(), name)), Reason::statement_malformed)
        << name;
    EXPECT_EQ(removal(without(base_claims(), name)), Reason::statement_malformed) << name;
  }
  for (const char* name : {"/state", "/region", "/account", "/account/id", "/account/name",
                           "/account/class", "/offer", "/offer/name", "/offer/devices",
                           "/offer/services", "/billing", "/data/limit_bytes", "/data/period"})
    EXPECT_EQ(entitlement(without(entitlement_claims(), name)), Reason::statement_malformed)
        << name;
}

TEST(ClaimsTest, RefusesAWrongTypeOfEveryClaim) {
  const auto good = entitlement_claims().flatten();
  for (const auto& [pointer, value] : good.items())
    for (const Json& wrong : {Json(nullptr), Json(true), Json(Json::array()), Json(Json::object()),
                              value.is_string() ? Json(7) : Json("7")})
      EXPECT_EQ(entitlement(with(entitlement_claims(), pointer.c_str(), wrong)),
                Reason::statement_malformed)
          << pointer << " = " << wrong;
}

TEST(ClaimsTest, RefusesNumbersThatAreNoIntegersInRange) {
  for (const char* name :
       {"/seq", "/iat", "/valid_until", "/support_until", "/warranty_until", "/data/limit_bytes"})
    for (const Json& wrong : {Json(-1), Json(1.0), Json(1.5), Json(1e18), Json(-1e300),
                              Json(std::uint64_t{18'446'744'073'709'551'615U}),
                              Json(std::int64_t{-9'223'372'036'854'775'807})})
      EXPECT_EQ(entitlement(with(entitlement_claims(), name, wrong)), Reason::statement_malformed)
          << name << " = " << wrong;
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/seq", 0)), Reason::statement_malformed);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/seq", 2'147'483'648)),
            Reason::statement_malformed);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/seq", 2'147'483'647)), Reason::none);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/valid_until", 253'402'300'800)),
            Reason::statement_malformed);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/valid_until", 253'402'300'799)), Reason::none);
}

TEST(ClaimsTest, RefusesNumbersThatNoTypeHolds) {
  for (const char* number : {"1e999", "-1e999", "99999999999999999999999999", "01", "0x1", "1.",
                             "+1", "NaN", "Infinity", "1e3"}) {
    auto text = without(entitlement_claims(), "/seq").dump();
    text.insert(1, std::string("\"seq\":") + number + ",");
    EXPECT_EQ(reason(parse_entitlement(text)), Reason::statement_malformed) << number;
  }
}

TEST(ClaimsTest, RefusesTextsOutOfBounds) {
  struct Bound {
    const char* pointer;
    std::size_t most;
  };
  for (const auto& [pointer, most] :
       {Bound{"/iss", 32}, Bound{"/aud", 32}, Bound{"/sub", 32}, Bound{"/imei", 32},
        Bound{"/reg", 64}, Bound{"/jti", 64}, Bound{"/nonce", 64}, Bound{"/account/id", 64},
        Bound{"/account/name", 96}, Bound{"/offer/name", 96}, Bound{"/offer/devices/0", 32},
        Bound{"/offer/services/0", 32}, Bound{"/data/period", 16}}) {
    EXPECT_EQ(entitlement(with(entitlement_claims(), pointer, "")), Reason::statement_malformed)
        << pointer;
    EXPECT_EQ(entitlement(with(entitlement_claims(), pointer, std::string(most + 1, 'x'))),
              Reason::statement_malformed)
        << pointer;
    EXPECT_EQ(entitlement(with(entitlement_claims(), pointer, std::string(most, 'x'))),
              Reason::none)
        << pointer;
  }
}

TEST(ClaimsTest, RefusesControlCharacters) {
  for (const char* text : {"\x1b[2J", "a\nb", "a\x7f", "\xc2\x9b", "\t"})
    EXPECT_EQ(entitlement(with(entitlement_claims(), "/account/name", text)),
              Reason::statement_malformed);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/account/name", "Z\xc3\xbcrich \xe2\x82\xac")),
            Reason::none);
}

TEST(ClaimsTest, RefusesWordsWithoutMeaning) {
  for (const char* state : {"", "active", "READY", "MAINTENANCE", "ACTIVE "})
    EXPECT_EQ(entitlement(with(entitlement_claims(), "/state", state)),
              Reason::statement_malformed);
  for (const char* region : {"", "EU", "na", "US"})
    EXPECT_EQ(entitlement(with(entitlement_claims(), "/region", region)),
              Reason::statement_malformed);
  for (const char* billing : {"", "PREPAID", "tokens"})
    EXPECT_EQ(entitlement(with(entitlement_claims(), "/billing", billing)),
              Reason::statement_malformed);
}

TEST(ClaimsTest, AnUnknownAccountClassHasItsOwnReason) {
  for (const char* other : {"avc", "AVC ", "Premium", "STANDARD"})
    EXPECT_EQ(entitlement(with(entitlement_claims(), "/account/class", other)),
              Reason::account_class)
        << other;
}

TEST(ClaimsTest, ReadsTheAccountClasses) {
  struct Class {
    const char* text;
    core::AccountClass expected;
  };
  for (const auto& [text, expected] :
       {Class{"AVC (Connectivity + Device Management)", core::AccountClass::avc},
        Class{"AVC", core::AccountClass::avc}, Class{"Standard", core::AccountClass::standard}}) {
    const auto claims =
        parse_entitlement(with(entitlement_claims(), "/account/class", text).dump());
    ASSERT_TRUE(claims) << text;
    EXPECT_EQ(claims->account.account_class, expected) << text;
  }
}

TEST(ClaimsTest, RefusesListsThatAreTooLong) {
  const Json many = std::vector<std::string>(17, "XR80");
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/offer/devices", many)),
            Reason::statement_malformed);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/offer/services", many)),
            Reason::statement_malformed);
  EXPECT_EQ(entitlement(with(entitlement_claims(), "/offer/devices", Json::array())), Reason::none);
}

TEST(ClaimsTest, RefusesAClaimGivenTwice) {
  auto text = entitlement_claims().dump();
  text.insert(1, "\"valid_until\":1,");
  EXPECT_EQ(reason(parse_entitlement(text)), Reason::statement_malformed);
  const std::string offer = "\"offer\":{";
  text = entitlement_claims().dump();
  text.insert(text.find(offer) + offer.size(), "\"name\":\"AirLink Premium\",");
  EXPECT_EQ(reason(parse_entitlement(text)), Reason::statement_malformed);
}

TEST(ClaimsTest, ClampsGrace) {
  const auto grace = [](const Json& value) {
    const auto claims = parse_entitlement(with(entitlement_claims(), "/grace_s", value).dump());
    return claims ? claims->grace.count() : -1;
  };
  EXPECT_EQ(grace(-1), 0);
  EXPECT_EQ(grace(0), 0);
  EXPECT_EQ(grace(2'592'000), 2'592'000);
  EXPECT_EQ(grace(2'592'001), 2'592'000);
  EXPECT_EQ(grace(std::int64_t{9'007'199'254'740'991}), 2'592'000);
  const auto silent = parse_entitlement(without(entitlement_claims(), "/grace_s").dump());
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->grace, core::default_grace);
  for (const Json& wrong : {Json(1.5), Json("7"), Json(nullptr), Json(1e300)})
    EXPECT_EQ(entitlement(with(entitlement_claims(), "/grace_s", wrong)),
              Reason::statement_malformed);
}

TEST(ClaimsTest, ReadsEveryClaimOfAnEntitlement) {
  const auto claims = parse_entitlement(entitlement_claims().dump());
  ASSERT_TRUE(claims) << claims.error().detail;
  core::Entitlement expected;
  expected.base = {.issuer = "na",
                   .audience = "oobm-agent",
                   .subject = "XR80NA0000001",
                   .imei = "490154203237518",
                   .registration = "r-7d3f",
                   .sequence = 2,
                   .id = "e-0002",
                   .issued_at = {1'767'225'600},
                   .nonce = "9f86d081884c7d659a2feaa0c55ad015"};
  expected.state = core::AlmsState::active;
  expected.region = core::Region::na;
  expected.account = {"acme", "Acme Utilities", core::AccountClass::avc};
  expected.offer = {"AirLink Complete (XR80)", {"XR80"}, {"DM", "OOBM_CONNECTIVITY"}};
  expected.billing = core::Billing::prepaid;
  expected.valid_until = core::UnixTime{1'798'761'600};
  expected.support_until = core::UnixTime{1'798'761'601};
  expected.warranty_until = core::UnixTime{1'798'761'602};
  expected.grace = std::chrono::seconds{86'400};
  expected.data = core::DataAllowance{262'144'000, "month"};
  EXPECT_EQ(*claims, expected);
}

TEST(ClaimsTest, OptionalClaimsMayBeAbsentAndUnknownOnesAreIgnored) {
  auto bare = entitlement_claims();
  for (const char* name :
       {"nonce", "valid_until", "support_until", "warranty_until", "grace_s", "data"})
    bare.erase(name);
  bare["exp"] = "whatever";
  bare["colour"] = Json::array({1, 2});
  const auto claims = parse_entitlement(bare.dump());
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_FALSE(claims->base.nonce || claims->valid_until || claims->support_until ||
               claims->warranty_until || claims->data);
}

TEST(ClaimsTest, ReadsADeregistration) {
  const auto claims = parse_deregistration(base_claims().dump());
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_EQ(claims->base.registration, "r-7d3f");
  EXPECT_EQ(claims->base.sequence, 2U);
}

class TrustClaimsTest : public ::testing::Test {
 protected:
  static const testing::Authority& na() {
    static const testing::Authority authority("na");
    return authority;
  }
  static Json good() { return na().trust_claims(3); }
};

TEST_F(TrustClaimsTest, RefusesAWrongClaim) {
  for (const char* name : {"/iss", "/version", "/iat", "/keys", "/keys/0/kid", "/keys/0/kty",
                           "/keys/0/crv", "/keys/0/x", "/keys/0/y"}) {
    EXPECT_EQ(trust(without(good(), name)), Reason::statement_malformed) << name;
    for (const Json& wrong : {Json(nullptr), Json(false), Json(-1), Json(0.5), Json(""),
                              Json(std::string(65, 'x')), Json(Json::object())})
      EXPECT_EQ(trust(with(good(), name, wrong)), Reason::statement_malformed)
          << name << " = " << wrong;
  }
}

TEST_F(TrustClaimsTest, RefusesKeysThatCannotServe) {
  EXPECT_EQ(trust(with(good(), "/keys", Json::array())), Reason::statement_malformed);
  EXPECT_EQ(trust(with(good(), "/keys/1/kid", "key-1")), Reason::statement_malformed);
  EXPECT_EQ(trust(with(good(), "/keys/0/d", "AAAA")), Reason::statement_malformed);
  EXPECT_EQ(trust(with(good(), "/keys/0/kty", "RSA")), Reason::statement_malformed);
  EXPECT_EQ(trust(with(good(), "/keys/0/crv", "P-384")), Reason::statement_malformed);
  // 32 bytes, but no point of the curve.
  EXPECT_EQ(trust(with(good(), "/keys/0/x", testing::base64url(std::string(32, '\x01')))),
            Reason::statement_malformed);
  EXPECT_EQ(trust(with(good(), "/keys/0/x", testing::base64url(std::string(31, '\x01')))),
            Reason::statement_malformed);
}

TEST_F(TrustClaimsTest, ReadsASetOfKeys) {
  const auto claims = parse_trust_set(good().dump());
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_EQ(*claims,
            (core::TrustSet{"na", 3, {1'767'225'600}, {na().key_1.key(), na().key_2.key()}}));
}

}  // namespace
}  // namespace oobm::alms
