#include "tests/alms-sim/package_signing.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

constexpr Millis now{std::chrono::seconds{1'790'000'000}};

TEST(PackageSigning, RefusesADamagedKeyInsteadOfReplacingIt) {
  const TemporaryFolder folder;
  ASSERT_TRUE(package_key(folder.path(), "na"));
  std::ofstream(folder.path() + "/package.pem") << "torn";
  EXPECT_EQ(package_key(folder.path(), "na").error().code, "KEY_FILE");
}

TEST(PackageSigning, TheKeyIsTheSameTheSecondTime) {
  const TemporaryFolder folder;
  EXPECT_EQ(package_key(folder.path(), "na")->public_jwk(),
            package_key(folder.path(), "na")->public_jwk());
}

TEST(PackageSigning, AManifestSaysWhatThePackageIs) {
  const TemporaryFolder folder;
  const auto key = package_key(folder.path(), "na");
  ASSERT_TRUE(key);
  const PackageFacts facts{"oobm-agent", "0.2.0", "aarch64", "0.1.0"};
  const auto text = sign_manifest(manifest_claims("na", facts, "abc", now), *key);
  const auto last = text.rfind('.');
  EXPECT_TRUE(key->verify(text.substr(0, last), *base64url_decode(text.substr(last + 1))));
  const Json claims = jws_claims(text);
  EXPECT_EQ(claims.at("size"), 3);
  // FIPS 180-4, the example "abc".
  EXPECT_EQ(claims.at("sha256"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(claims.at("iat"), 1'790'000'000);
  EXPECT_FALSE(claims.contains("downgrade"));
}

}  // namespace
}  // namespace oobm::alms_sim
