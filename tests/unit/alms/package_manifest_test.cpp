// Rule: a manifest counts when a key that signs packages, and nothing else, has signed it for this
// instance. Every failure has a code of its own.
#include "agent/alms/package_manifest.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "agent/alms/statement.hpp"
#include "tests/unit/alms/json_schema.hpp"
#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using testing::Json;
using testing::JsonSchema;
using testing::Signer;

constexpr const char* type = "oobm-package";

Json claims() {
  return {{"iss", "na"},
          {"aud", "oobm-agent"},
          {"name", "oobm-agent"},
          {"version", "0.3.0"},
          {"arch", "aarch64"},
          {"size", 1'300'000},
          {"sha256", std::string(64, 'a')},
          {"min_agent", "0.1.0"},
          {"iat", 1'790'000'000}};
}

class Manifest : public ::testing::Test {
 protected:
  [[nodiscard]] std::expected<core::PackageManifest, core::Refusal> read(
      std::string_view text) const {
    return verify_package_manifest(text, "na", keys_);
  }
  [[nodiscard]] Reason refused(std::string_view text) const {
    const auto manifest = read(text);
    return manifest ? Reason::none : manifest.error().reason;
  }
  [[nodiscard]] Reason refused_claims(const Json& said) const {
    return refused(signer_.sign(type, said));
  }

  Signer signer_{"na-package"};
  Signer next_{"na-package-2"};
  std::vector<core::SigningKey> keys_{signer_.key(), next_.key()};
};

TEST_F(Manifest, SignedByAnotherKeyIsRefused) {
  const Signer other("somebody");
  EXPECT_EQ(refused(other.sign(type, claims())), Reason::package_key);
  const Signer forger("na-package");
  EXPECT_EQ(refused(forger.sign(type, claims())), Reason::package_signature);
  EXPECT_EQ(verify_package_manifest(signer_.sign(type, claims()), "na", {}).error().reason,
            Reason::package_key)
      << "without keys nothing is believed";
}

TEST_F(Manifest, OfAnotherTypeIsRefusedEvenByTheRightKey) {
  for (const char* other : {"oobm-entitlement", "oobm-deregistration", "oobm-trust", "JWT", ""})
    EXPECT_EQ(refused(signer_.sign(other, claims())), Reason::package_manifest) << other;
}

TEST_F(Manifest, IsNoStatementEvenWhereAStatementKeySignedIt) {
  const testing::Authority authority("na");
  const auto text = authority.key_1.sign(type, claims());
  EXPECT_EQ(verify_statement(text, authority.ring()).error().reason, Reason::statement_type);
  EXPECT_EQ(refused(text), Reason::package_key);
}

TEST_F(Manifest, WithAnotherAlgorithmOrNoneIsRefused) {
  for (const char* algorithm : {"none", "HS256", "ES384", "es256"}) {
    auto header = signer_.header(type);
    header["alg"] = algorithm;
    EXPECT_EQ(refused(signer_.sign_text(header.dump(), claims().dump())), Reason::package_manifest)
        << algorithm;
  }
}

TEST_F(Manifest, ThatWasChangedIsRefused) {
  const auto text = signer_.sign(type, claims());
  auto payload = claims();
  payload["version"] = "9.9.9";
  const auto first = text.find('.');
  const auto second = text.find('.', first + 1);
  const auto changed =
      text.substr(0, first + 1) + testing::base64url(payload.dump()) + text.substr(second);
  EXPECT_EQ(refused(changed), Reason::package_signature);
}

TEST_F(Manifest, OfAnotherInstanceIsRefused) {
  auto said = claims();
  said["iss"] = "eu";
  EXPECT_EQ(refused_claims(said), Reason::package_issuer);
}

TEST_F(Manifest, ThatIsNoneIsRefused) {
  for (const char* text : {"", ".", "..", "a.b", "a.b.c", "<html>not found</html>", "\n", "{}"})
    EXPECT_EQ(refused(text), Reason::package_manifest) << text;
}

TEST_F(Manifest, LargerThanItsBoundIsRefusedUnread) {
  auto said = claims();
  said["pad"] = std::string(max_manifest_bytes, 'x');
  EXPECT_EQ(refused_claims(said), Reason::package_manifest);
}

TEST_F(Manifest, EachClaimThatIsNeededIsMissed) {
  for (const char* name :
       {"iss", "aud", "name", "version", "arch", "size", "sha256", "min_agent", "iat"}) {
    auto said = claims();
    said.erase(name);
    EXPECT_EQ(refused_claims(said), Reason::package_manifest) << name;
  }
}

TEST_F(Manifest, SaysWhatItSays) {
  auto said = claims();
  said["downgrade"] = true;
  said["note"] = "other claims are ignored";
  const auto manifest = read(next_.sign(type, said) + "\n");
  ASSERT_TRUE(manifest) << manifest.error().detail;
  EXPECT_EQ(manifest->name, "oobm-agent");
  EXPECT_EQ(manifest->version.str(), "0.3.0");
  EXPECT_EQ(manifest->architecture, "aarch64");
  EXPECT_EQ(manifest->size, 1'300'000U);
  EXPECT_EQ(manifest->sha256, std::string(64, 'a'));
  EXPECT_EQ(manifest->least_agent.str(), "0.1.0");
  EXPECT_EQ(manifest->issued_at.seconds, 1'790'000'000);
  EXPECT_TRUE(manifest->downgrade);
  EXPECT_FALSE(read(signer_.sign(type, claims()))->downgrade);
}

// Schema and code draw the line at the same place, on both sides of it.
TEST_F(Manifest, AgreesWithItsSchema) {
  const auto path = std::filesystem::path(OOBM_SOURCE_DIR) / "docs/protocol/package.schema.json";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const JsonSchema schema(Json::parse(text.str()));
  const auto with = [](const char* name, const Json& value) {
    auto said = claims();
    said[name] = value;
    return said;
  };
  for (const auto& said : {claims(),
                           with("downgrade", true),
                           with("downgrade", "yes"),
                           with("downgrade", nullptr),
                           with("aud", "somebody"),
                           with("version", "1.2.3.4"),
                           with("version", "1.2.3.4.5"),
                           with("version", "01.0"),
                           with("version", "1.0-r1"),
                           with("version", 1),
                           with("size", 0),
                           with("size", 1),
                           with("size", 1.5),
                           with("size", "1"),
                           with("sha256", std::string(63, 'a')),
                           with("sha256", std::string(64, 'A')),
                           with("sha256", std::string(65, 'a')),
                           with("min_agent", ""),
                           with("min_agent", "0"),
                           with("iat", -1),
                           with("iat", 0),
                           with("arch", ""),
                           with("arch", std::string(33, 'a')),
                           with("arch", std::string(32, 'a')),
                           with("name", std::string(129, 'n')),
                           with("other", Json::array({1}))})
    EXPECT_EQ(schema.why_invalid(said).empty(), refused_claims(said) == Reason::none) << said;
}

}  // namespace
}  // namespace oobm::alms
