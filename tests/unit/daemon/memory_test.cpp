// Rule: what the agent remembers counts as far as its signed texts still verify, and what it cannot
// read is said and kept, never taken for a first start.
#include "agent/daemon/memory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "agent/store/state_codec.hpp"
#include "tests/unit/alms/signer.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using alms::testing::Authority;
using alms::testing::entitlement_claims;
using alms::testing::Json;
using alms::testing::Signer;
using core::Reason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t shipped_version = 3;
constexpr auto private_mode =
    std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The instance as a firmware has it, with a key set of `version`.
InstanceConfig shipped(const Authority& authority, std::uint64_t version = shipped_version) {
  InstanceConfig config;
  config.instance.id = authority.instance;
  config.mqtt = MqttEndpoint{.host = authority.instance + ".alms.test"};
  config.tls_anchors = "/etc/ca.pem";
  config.roots_json = Json{authority.root_1.jwk(), authority.root_2.jwk()}.dump();
  config.trust = authority.root_1.sign("oobm-trust",
                                       authority.trust_claims(static_cast<std::int64_t>(version)));
  return config;
}

// A root-signed set with this key alone.
core::HeldTrust rotated(const Authority& authority, const Signer& key, std::uint64_t version) {
  auto claims = authority.trust_claims(static_cast<std::int64_t>(version));
  claims["keys"] = Json::array({key.jwk()});
  return {authority.root_2.sign("oobm-trust", claims),
          {authority.instance, version, core::UnixTime{1'767'225'600}, {key.key()}}};
}

core::State in_service(std::string entitlement) {
  core::State state;
  state.lifecycle = core::Lifecycle::active;
  state.reason = Reason::in_service;
  state.registration = core::RegistrationMemory{.issuer = "na",
                                                .registration = "r-7d3f",
                                                .sequence = 2,
                                                .last_id = "e-0002",
                                                .imei = "490154203237518"};
  state.entitlement.emplace().text = std::move(entitlement);
  return state;
}

class MemoryTest : public ::testing::Test {
 protected:
  static const Authority& na() {
    static const Authority authority("na");
    return authority;
  }
  static const Authority& eu() {
    static const Authority authority("eu");
    return authority;
  }
  // The daemon's view of its instances after a start.
  static Directory directory() {
    Directory made({shipped(na()), shipped(eu())});
    EXPECT_THAT(made.remarks(), IsEmpty());
    return made;
  }
  static std::string entitlement(const Signer& key) {
    return key.sign("oobm-entitlement", entitlement_claims());
  }

  [[nodiscard]] std::string folder() const {
    std::string path = folder_ / "";
    path.pop_back();
    return path;
  }
  void remember(const core::State& state) const {
    const auto stored = Memory(folder()).commit(state);
    ASSERT_TRUE(stored) << stored.error();
  }
  // A whole document of this content.
  void remember_text(const std::string& content, int schema = store::state_schema) const {
    ASSERT_TRUE(store::TwoSlotStore(folder(), schema).commit(content));
  }
  core::State restart(Directory& directory) {
    Memory memory(folder());
    auto state = memory.load(directory);
    remarks_ = memory.remarks();
    return state;
  }
  core::State restart() {
    auto fresh = directory();
    return restart(fresh);
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      names.push_back(entry.path().filename());
    return names;
  }

  TempFolder folder_;
  std::vector<std::string> remarks_;
};

// ---- what cannot be read

TEST_F(MemoryTest, AFirstStartIsNoLoss) {
  EXPECT_EQ(restart(), core::State{});
  EXPECT_EQ(restart().reason, Reason::never_registered);
  EXPECT_THAT(remarks_, IsEmpty());
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(MemoryTest, DamagedSlotsAreALossAndNoFirstStart) {
  std::ofstream(folder_ / "state-a.json") << "torn";
  const auto state = restart();
  EXPECT_EQ(state.lifecycle, core::Lifecycle::unregistered);
  EXPECT_EQ(state.reason, Reason::state_lost);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("state-a.json cannot be used")));
  EXPECT_EQ(contents(folder_ / "state-a.json"), "torn");
}

TEST_F(MemoryTest, AWholeDocumentThatIsNoStateIsALossAndIsKept) {
  for (const std::string content : {R"({"lifecycle":"NOBODY"})", "no JSON", ""}) {
    remember_text(content);
    const auto state = restart();
    EXPECT_EQ(state.lifecycle, core::Lifecycle::unregistered) << content;
    EXPECT_EQ(state.reason, Reason::state_lost) << content;
    EXPECT_THAT(remarks_, ElementsAre(HasSubstr("the stored state is not usable: "),
                                      HasSubstr(undecodable_file)));
    EXPECT_EQ(contents(folder_ / undecodable_file), content);
  }
}

TEST_F(MemoryTest, TheKeptCopyOutlivesAllCommitsAndIsTheOwnersAlone) {
  const std::string content = R"({"lifecycle":"NOBODY"})";
  remember_text(content);
  auto keys = directory();
  Memory memory(folder());
  const auto state = memory.load(keys);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(memory.commit(state));
  EXPECT_EQ(restart().reason, Reason::state_lost);
  EXPECT_THAT(remarks_, IsEmpty());
  EXPECT_EQ(contents(folder_ / undecodable_file), content);
  EXPECT_EQ(std::filesystem::status(folder_ / undecodable_file).permissions(), private_mode);
}

TEST_F(MemoryTest, ACopyThatCannotBeKeptIsSaid) {
  std::filesystem::create_directory(folder_ / undecodable_file);
  remember_text("no JSON");
  EXPECT_EQ(restart().reason, Reason::state_lost);
  EXPECT_THAT(remarks_, ElementsAre("the stored state is not usable: not JSON",
                                    HasSubstr("could not be set aside: cannot create")));
}

TEST_F(MemoryTest, ANewerAgentsStateIsNotReadAndStaysForIt) {
  remember_text(R"({"lifecycle":"ACTIVE"})", store::state_schema + 1);
  const std::string newer = contents(folder_ / "state-a.json");
  auto keys = directory();
  Memory memory(folder());
  auto state = memory.load(keys);
  EXPECT_EQ(state.lifecycle, core::Lifecycle::unregistered);
  EXPECT_EQ(state.reason, Reason::state_lost);
  EXPECT_THAT(memory.remarks(), ElementsAre(HasSubstr("newer agent")));
  state.last_notice_days = 7;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(memory.commit(state));
  EXPECT_EQ(contents(folder_ / "state-a.json.schema-2"), newer);
  EXPECT_EQ(restart().last_notice_days, 7);
  EXPECT_THAT(files(),
              UnorderedElementsAre("state-a.json", "state-b.json", "state-a.json.schema-2"));
}

// ---- the entitlement

TEST_F(MemoryTest, AnEntitlementOfAnUnknownKeyIsNotBelieved) {
  const Signer stranger("key-9");
  remember(in_service(entitlement(stranger)));
  const auto state = restart();
  EXPECT_FALSE(state.entitlement);
  EXPECT_EQ(state.lifecycle, core::Lifecycle::active);
  EXPECT_EQ(state.registration, in_service("").registration);
  EXPECT_THAT(remarks_, ElementsAre("the stored entitlement does not verify: STATEMENT_KEY"));
}

TEST_F(MemoryTest, AnEntitlementOfAnotherKeyUnderAKnownNameIsNotBelieved) {
  const Signer impostor("key-1");
  remember(in_service(entitlement(impostor)));
  EXPECT_FALSE(restart().entitlement);
  EXPECT_THAT(remarks_, ElementsAre("the stored entitlement does not verify: STATEMENT_SIGNATURE"));
}

TEST_F(MemoryTest, AnotherKindOfStatementIsNoEntitlement) {
  remember(in_service(na().key_1.sign("oobm-deregistration", alms::testing::base_claims())));
  EXPECT_FALSE(restart().entitlement);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("another kind of statement")));
}

TEST_F(MemoryTest, AnEntitlementWithoutARegistrationIsNotBelieved) {
  auto state = in_service(entitlement(na().key_1));
  state.registration.reset();
  remember(state);
  EXPECT_FALSE(restart().entitlement);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("it belongs to no registration")));
}

TEST_F(MemoryTest, AnEntitlementThatVerifiesIsRestoredWithItsClaims) {
  const auto text = entitlement(na().key_1);
  remember(in_service(text));
  const auto state = restart();
  EXPECT_THAT(remarks_, IsEmpty());
  ASSERT_TRUE(state.entitlement);
  EXPECT_EQ(state.entitlement->text, text);
  EXPECT_EQ(state.entitlement->claims.base.registration, "r-7d3f");
  EXPECT_EQ(state.entitlement->claims.base.sequence, 2U);
  EXPECT_EQ(state.entitlement->claims.state, core::AlmsState::active);
  EXPECT_EQ(state.entitlement->claims.valid_until, core::UnixTime{1'798'761'600});
}

// ---- the keys

TEST_F(MemoryTest, AKeySetThatNoRootSignedIsNotAdopted) {
  const Signer stranger("key-9");
  const Signer false_root("root-1");
  auto state = in_service(entitlement(stranger));
  auto claims = na().trust_claims(shipped_version + 1);
  claims["keys"] = Json::array({stranger.jwk()});
  state.trust.emplace().text = false_root.sign("oobm-trust", claims);
  remember(state);
  const auto restored = restart();
  EXPECT_FALSE(restored.trust);
  EXPECT_FALSE(restored.entitlement);
  EXPECT_THAT(remarks_, ElementsAre(AllOf(HasSubstr("the stored key set does not verify:"),
                                          HasSubstr("na: STATEMENT_SIGNATURE"), HasSubstr("eu: ")),
                                    HasSubstr("STATEMENT_KEY")));
}

TEST_F(MemoryTest, WithoutAnInstanceNoKeySetIsAdopted) {
  const Signer fresh("key-3");
  core::State state;
  state.trust = rotated(na(), fresh, shipped_version + 1);
  remember(state);
  Directory none({});
  EXPECT_FALSE(restart(none).trust);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("there is no instance")));
}

TEST_F(MemoryTest, AFirmwareWithNewerKeysWins) {
  const Signer fresh("key-3");
  core::State state;
  state.trust = rotated(na(), fresh, shipped_version - 1);
  remember(state);
  auto keys = directory();
  EXPECT_FALSE(restart(keys).trust);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("older than the one in the firmware")));
  EXPECT_FALSE(keys.verify("na", entitlement(fresh)));
  EXPECT_TRUE(keys.verify("na", entitlement(na().key_1)));
}

TEST_F(MemoryTest, KeysOutliveARestartWithoutARegistration) {
  const Signer fresh("key-3");
  for (const Authority* authority : {&na(), &eu()}) {
    core::State state;
    state.trust = rotated(*authority, fresh, shipped_version + 1);
    remember(state);
    auto keys = directory();
    const auto restored = restart(keys);
    EXPECT_THAT(remarks_, IsEmpty());
    EXPECT_EQ(restored.trust, state.trust);
    EXPECT_FALSE(restored.registration);
    auto claims = entitlement_claims();
    claims["iss"] = authority->instance;
    const auto sign = [&](const Signer& key) { return key.sign("oobm-entitlement", claims); };
    EXPECT_TRUE(keys.verify(authority->instance, sign(fresh)));
    EXPECT_FALSE(keys.verify(authority->instance, sign(authority->key_1)));
    const auto& other = authority == &na() ? eu() : na();
    claims["iss"] = other.instance;
    EXPECT_FALSE(keys.verify(other.instance, sign(fresh)));
    EXPECT_TRUE(keys.verify(other.instance, sign(other.key_1)));
  }
}

TEST_F(MemoryTest, TheEntitlementIsVerifiedWithTheStoredKeys) {
  const Signer fresh("key-3");
  auto state = in_service(entitlement(fresh));
  state.trust = rotated(na(), fresh, shipped_version + 1);
  remember(state);
  EXPECT_TRUE(restart().entitlement);
  EXPECT_THAT(remarks_, IsEmpty());
  state.entitlement->text = entitlement(na().key_1);  // by a key that the stored set replaced
  remember(state);
  EXPECT_FALSE(restart().entitlement);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("STATEMENT_KEY")));
}

}  // namespace
}  // namespace oobm::daemon
