#include "tests/alms-sim/keyring.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

constexpr Millis now{std::chrono::seconds{1'767'225'600}};

TEST(Keyring, RefusesADamagedKeyInsteadOfReplacingIt) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Keyring::open(folder.path(), "na", now));
  std::ofstream(folder.path() + "/root-1.pem") << "torn";
  const auto again = Keyring::open(folder.path(), "na", now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "KEY_FILE");
}

TEST(Keyring, KnowsNoOtherNames) {
  const TemporaryFolder folder;
  const auto keys = Keyring::open(folder.path(), "na", now);
  ASSERT_TRUE(keys);
  EXPECT_FALSE(keys->find("root-3"));
  EXPECT_TRUE(keys->find("root-2"));
}

TEST(Keyring, IsTheSameTheSecondTime) {
  const TemporaryFolder folder;
  const auto first = Keyring::open(folder.path(), "na", now);
  const auto second = Keyring::open(folder.path(), "na", now + std::chrono::hours{1});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->public_part(), second->public_part());
}

TEST(Keyring, SignsTheKeysInUseWithARoot) {
  const TemporaryFolder folder;
  const auto keys = Keyring::open(folder.path(), "eu", now);
  ASSERT_TRUE(keys);
  const std::string& trust = keys->trust();
  const auto last = trust.rfind('.');
  EXPECT_TRUE(
      keys->root(0).verify(trust.substr(0, last), *base64url_decode(trust.substr(last + 1))));
  const Json claims = jws_claims(trust);
  EXPECT_EQ(claims.at("iss"), "eu");
  EXPECT_EQ(claims.at("version"), 1);
  EXPECT_EQ(claims.at("iat"), 1'767'225'600);
  EXPECT_EQ(claims.at("keys"), Json::array({keys->signing().public_jwk()}));
  EXPECT_FALSE(claims.at("keys").at(0).contains("d"));
}

}  // namespace
}  // namespace oobm::alms_sim
