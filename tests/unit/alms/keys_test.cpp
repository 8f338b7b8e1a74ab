// Rule: an instance has at least two pinned roots; keys are public P-256 keys with ids of their
// own.
#include "agent/alms/keys.hpp"

#include <string>

#include <gmock/gmock.h>

#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

using testing::Authority;
using testing::Json;
using testing::Signer;

class KeysTest : public ::testing::Test {
 protected:
  static const Authority& na() {
    static const Authority authority("na");
    return authority;
  }
};

TEST_F(KeysTest, RefusesTooFewOrTooManyRoots) {
  EXPECT_FALSE(KeyRing::make("na", {}));
  EXPECT_FALSE(KeyRing::make("na", {na().root_1.key()}));
  std::vector<core::SigningKey> many;
  for (std::uint8_t i = 0; i < 9; ++i) {
    many.push_back({std::to_string(i), {i}, {i}});
    EXPECT_EQ(KeyRing::make("na", many).has_value(), many.size() >= 2 && many.size() <= 8);
  }
  EXPECT_FALSE(KeyRing::make("na", many));
}

TEST_F(KeysTest, RefusesRootsThatAreOne) {
  auto renamed = na().root_1.key();
  EXPECT_FALSE(KeyRing::make("na", {na().root_1.key(), renamed}));
  renamed.id = "root-2";
  EXPECT_FALSE(KeyRing::make("na", {na().root_1.key(), renamed}));
  auto same_id = na().root_2.key();
  same_id.id = "root-1";
  EXPECT_FALSE(KeyRing::make("na", {na().root_1.key(), same_id}));
}

TEST_F(KeysTest, RefusesAnInstanceWithoutAUsableId) {
  EXPECT_FALSE(KeyRing::make("", {na().root_1.key(), na().root_2.key()}));
  EXPECT_FALSE(KeyRing::make(std::string(33, 'n'), {na().root_1.key(), na().root_2.key()}));
}

TEST_F(KeysTest, FindsKeysInTheirRoleOnly) {
  const auto ring = na().ring();
  ASSERT_NE(ring.root("root-2"), nullptr);
  EXPECT_EQ(*ring.root("root-2"), na().root_2.key());
  ASSERT_NE(ring.signer("key-2"), nullptr);
  EXPECT_EQ(*ring.signer("key-2"), na().key_2.key());
  EXPECT_EQ(ring.root("key-1"), nullptr);
  EXPECT_EQ(ring.signer("root-1"), nullptr);
  EXPECT_EQ(ring.signer(""), nullptr);
}

TEST_F(KeysTest, RefusesAKeyThatIsNoPublicP256Key) {
  const auto good = na().root_1.jwk();
  ASSERT_TRUE(parse_jwk(good.dump()));
  for (const char* name : {"kid", "kty", "crv", "x", "y"}) {
    auto changed = good;
    changed.erase(name);
    EXPECT_FALSE(parse_jwk(changed.dump())) << name;
    for (const Json& wrong :
         {Json(), Json(1), Json(""), Json("P-521"), Json(std::string(44, 'A'))}) {
      changed[name] = wrong;
      if (std::string(name) == "kid" && wrong.is_string() && !wrong.get<std::string>().empty())
        continue;
      EXPECT_FALSE(parse_jwk(changed.dump())) << name << " " << wrong;
    }
  }
  auto secret = good;
  secret["d"] = good["x"];
  EXPECT_FALSE(parse_jwk(secret.dump()));
  for (const char* text : {"", "[]", "null", "{}", "{", "no json"}) EXPECT_FALSE(parse_jwk(text));
}

TEST_F(KeysTest, ReadsASetOrAList) {
  const Json list = Json::array({na().root_1.jwk(), na().root_2.jwk()});
  const std::vector<core::SigningKey> expected{na().root_1.key(), na().root_2.key()};
  EXPECT_EQ(parse_jwks(list.dump()), expected);
  EXPECT_EQ(parse_jwks(Json{{"keys", list}}.dump()), expected);
}

TEST_F(KeysTest, RefusesASetWithADoubtfulMember) {
  const auto one = na().root_1.jwk();
  for (const Json& bad : {Json::array(), Json::array({one, one}), Json::array({one, 7}),
                          Json{{"key", Json::array({one})}}, Json{{"keys", one}}, Json(nullptr),
                          Json(std::vector<Json>(9, one))})
    EXPECT_FALSE(parse_jwks(bad.dump())) << bad;
}

}  // namespace
}  // namespace oobm::alms
