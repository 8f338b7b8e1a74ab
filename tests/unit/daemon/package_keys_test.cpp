// Rule: packages are signed by keys that the instance data name for them, and that sign nothing
// else.
#include <gtest/gtest.h>

#include "agent/daemon/directory.hpp"
#include "tests/unit/alms/signer.hpp"
#include "tests/unit/daemon/instance_entry.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using alms::testing::Authority;
using alms::testing::Json;
using alms::testing::Signer;

class PackageKeys : public testing::Test {
 protected:
  [[nodiscard]] Json entry(const Json& packages) const {
    return instance_entry(authority_, packages);
  }
  [[nodiscard]] ConfigResult<std::vector<InstanceConfig>> load(const Json& packages) const {
    const Json document{{"instances", Json::array({entry(packages)})}};
    return load_instances(folder_.file("instances.json", document.dump()));
  }
  [[nodiscard]] static core::Reason judged(const Directory& directory, const Signer& signer) {
    const Json claims{{"iss", "na"},      {"aud", "oobm-agent"}, {"name", "oobm-agent"},
                      {"version", "1.0"}, {"arch", "aarch64"},   {"size", 1},
                      {"iat", 1},         {"min_agent", "0"},    {"sha256", std::string(64, '0')}};
    const auto manifest = directory.verify_package("na", signer.sign("oobm-package", claims));
    return manifest ? core::Reason::none : manifest.error().reason;
  }

  TempFolder folder_;
  Authority authority_{"na"};
  Signer package_{"na-package"};
};

TEST_F(PackageKeys, ThatAreNoneAreRefusedWithTheFile) {
  for (const auto& packages :
       {Json("key"), Json::object(), Json::array({1}), Json::array({Json::object()}),
        Json(std::vector<Json>(5, package_.jwk()))}) {
    const auto loaded = load(packages);
    ASSERT_FALSE(loaded) << packages;
    EXPECT_EQ(loaded.error().key, "instances[0].packages") << packages;
  }
}

TEST_F(PackageKeys, ThatSignStatementsTooAreLeftOutAndSaidSo) {
  for (const auto* signer : {&authority_.root_2, &authority_.key_1}) {
    const Directory directory(*load(Json::array({signer->jwk()})));
    ASSERT_EQ(directory.remarks().size(), 1U);
    EXPECT_EQ(judged(directory, *signer), core::Reason::package_key);
  }
}

TEST_F(PackageKeys, ThatAreMissingLetNothingBeInstalled) {
  const Directory directory(*load(Json::array()));
  EXPECT_EQ(judged(directory, package_), core::Reason::package_key);
  EXPECT_EQ(directory.verify_package("eu", "x.y.z").error().reason, core::Reason::package_manifest);
}

TEST_F(PackageKeys, AreBelievedForTheirInstance) {
  const Directory directory(*load(Json::array({package_.jwk()})));
  EXPECT_TRUE(directory.remarks().empty());
  EXPECT_EQ(judged(directory, package_), core::Reason::none);
}

}  // namespace
}  // namespace oobm::daemon
