// Rule: a key never leaves its file, a certificate is taken only for a key that is here, and the
// old identity stands, on flash too, until the new one has been accepted.
#include "agent/daemon/identity_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using uplink::Code;
using uplink::failure;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(IdentityDocument, IsRefusedUnlessWhole) {
  const IdentityRecord record{.installed = OwnIdentity{"pem", "/k"},
                              .fresh = OwnIdentity{"new", "/n"},
                              .request_key = "/r",
                              .refusal = "why"};
  const auto text = to_json(record);
  EXPECT_EQ(identity_from_json(text), record);
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(identity_from_json(text.substr(0, length))) << length;
  for (const char* bad : {R"({"installed":7,"request_key":"","refusal":""})",
                          R"({"installed":{"key":"k"},"request_key":"","refusal":""})",
                          R"({"request_key":"","refusal":null})", R"({"refusal":""})", "[]"})
    EXPECT_FALSE(identity_from_json(bad)) << bad;
}

class IdentityStoreTest : public testing::Test {
 protected:
  IdentityStore start() {
    said_.clear();
    return {files_ / "", configured_, [this](std::string text) { said_.push_back(text); }};
  }
  fs::path folder() const { return files_ / identity_folder; }
  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder()))
      if (entry.path().filename().string().starts_with("key-")) names.push_back(entry.path());
    std::ranges::sort(names);
    return names;
  }
  // A self-signed certificate for the key in that file, by openssl, which is not ours.
  std::string certify(const std::string& key_file, const std::string& name) const {
    const auto out = files_ / "made.pem";
    const auto config = files_.file("openssl.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const auto command = "openssl req -config " + config + " -x509 -new -key " + key_file +
                         " -days 30 -subj /CN=" + name + " -out " + out + " 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read(out);
  }
  static nlohmann::json view(const IdentityStore& store) { return store.view(); }
  static uplink::TlsSettings shown(IdentityStore& store) {
    uplink::TlsSettings settings;
    store.show_in(settings);
    return settings;
  }
  static uplink::TlsSettings shown(IdentityStore&& store) { return shown(store); }
  // A connection that is made now, and gets ready.
  static void connects(IdentityStore& store) {
    (void)shown(store);
    store.ready();
  }
  // With a configured certificate, as it came with the router.
  void configure() {
    auto maker = start();
    ASSERT_TRUE(maker.request("XR80-0001"));
    const auto key = files_ / "configured.key";
    fs::copy_file(keys().front(), key, fs::copy_options::overwrite_existing);
    configured_.key = key;
    configured_.certificate = files_.file("configured.pem", certify(key, "old"));
    fs::remove_all(folder());
  }
  // A store with a certificate "new" on trial, made for the key of a request.
  IdentityStore on_trial() {
    configure();
    auto store = start();
    EXPECT_TRUE(store.request("XR80-0001"));
    fresh_ = certify(keys().back(), "new");
    EXPECT_TRUE(store.install(fresh_));
    return store;
  }

  TempFolder files_;
  IdentityConfig configured_;
  std::string fresh_;
  std::vector<std::string> said_;
};

TEST_F(IdentityStoreTest, WhatIsNoCertificateIsNotInstalled) {
  auto store = start();
  for (const std::string& text :
       {std::string("garbage"), std::string(), std::string(max_certificate_bytes + 1, 'x')})
    EXPECT_THAT(store.install(text).error(), HasSubstr("no certificate"));
}

TEST_F(IdentityStoreTest, ACertificateForAnotherKeyIsNotInstalled) {
  configure();
  const auto strange = certify(configured_.key, "strange");
  configured_ = {};
  auto store = start();
  ASSERT_TRUE(store.request("XR80-0001"));
  EXPECT_THAT(store.install(strange).error(), HasSubstr("no key of this router"));
  EXPECT_EQ(view(store).count("in_use"), 0U);
}

TEST_F(IdentityStoreTest, AKeyIsItsOwnersAloneAndTheRequestKeepsIt) {
  auto store = start();
  const auto first = store.request("XR80-0001");
  ASSERT_TRUE(first);
  ASSERT_EQ(keys().size(), 1U);
  EXPECT_EQ(fs::status(keys().front()).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder()).permissions(), fs::perms::owner_all);
  EXPECT_THAT(*first, Not(HasSubstr("PRIVATE")));
  EXPECT_THAT(store.view().dump(), Not(HasSubstr("PRIVATE")));
  ASSERT_TRUE(store.request("XR80-0001"));
  ASSERT_TRUE(start().request("XR80-0001"));
  EXPECT_EQ(keys().size(), 1U) << "the same key until a certificate has come for it";
}

TEST_F(IdentityStoreTest, TheFirstCertificateIsUsedAtOnce) {
  auto store = start();
  ASSERT_TRUE(store.request("XR80-0001"));
  const auto certificate = certify(keys().front(), "XR80-0001");
  ASSERT_TRUE(store.install(certificate));
  EXPECT_EQ(shown(store).certificate_pem, certificate);
  EXPECT_EQ(shown(start()).key_file, keys().front());
  EXPECT_EQ(view(store)["in_use"]["subject"], "CN=XR80-0001");
  EXPECT_EQ(view(store)["in_use"]["key"], "EC 256");
  EXPECT_FALSE(view(store)["request_open"]);
}

TEST_F(IdentityStoreTest, ANewOneIsShownFirstAndTheOldOneIsInUseUntilItIsAccepted) {
  auto store = on_trial();
  EXPECT_EQ(shown(store).certificate_pem, fresh_);
  EXPECT_EQ(view(store)["in_use"]["subject"], "CN=old");
  EXPECT_EQ(view(store)["on_trial"]["subject"], "CN=new");
  EXPECT_EQ(shown(start()).certificate_pem, fresh_) << "after a restart";
}

TEST_F(IdentityStoreTest, ARefusedOneIsDroppedForGoodAndTold) {
  auto store = on_trial();
  (void)shown(store);
  store.failed(failure(Code::tls_client_cert_refused, "alert 48 unknown_ca"));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("refused, the old one goes on: TLS_CLIENT_CERT")));
  for (const auto& now : {shown(store), shown(start())}) {
    EXPECT_TRUE(now.certificate_pem.empty());
    EXPECT_EQ(now.certificate_file, configured_.certificate);
  }
  EXPECT_THAT(std::string(view(store)["refusal"]), HasSubstr("TLS_CLIENT_CERT_REFUSED"));
  EXPECT_TRUE(view(store)["request_open"]) << "its key can be certified anew";
  ASSERT_TRUE(store.install(certify(keys().front(), "newer")));
  EXPECT_EQ(view(store).count("refusal"), 0U);
}

TEST_F(IdentityStoreTest, AnAcceptedOneStaysOverARestart) {
  auto store = on_trial();
  connects(store);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("accepted")));
  EXPECT_EQ(view(store).count("on_trial"), 0U);
  EXPECT_EQ(shown(start()).certificate_pem, fresh_);
}

TEST_F(IdentityStoreTest, AConnectionThatWasUnderWayDecidesNothing) {
  auto store = on_trial();
  store.ready();
  store.failed(failure(Code::mqtt_bad_credentials));
  EXPECT_EQ(view(store)["on_trial"]["subject"], "CN=new");
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(IdentityStoreTest, ARenewalForTheSameKeyNeedsNoRequest) {
  configure();
  auto store = start();
  const auto renewed = certify(configured_.key, "renewed");
  ASSERT_TRUE(store.install(renewed));
  connects(store);
  EXPECT_EQ(shown(store).certificate_pem, renewed);
  EXPECT_EQ(shown(store).key_file, configured_.key);
  EXPECT_TRUE(fs::exists(configured_.key));
}

TEST_F(IdentityStoreTest, WhereTheOldOneCannotBeUsedTheNewOneIsUsedAtOnce) {
  for (const char* lost : {"configured.pem", "configured.key"}) {
    configure();
    auto store = start();
    ASSERT_TRUE(store.request("XR80-0001"));
    const auto certificate = certify(keys().back(), "new");
    fs::remove(files_ / lost);
    EXPECT_EQ(view(store)["in_use"].count("error"), 1U) << lost;
    ASSERT_TRUE(store.install(certificate));
    EXPECT_EQ(view(store)["in_use"]["subject"], "CN=new") << lost;
    EXPECT_EQ(view(store).count("on_trial"), 0U) << lost;
    EXPECT_EQ(shown(store).certificate_pem, certificate) << lost;
    configured_ = {};
    fs::remove_all(folder());
  }
}

TEST_F(IdentityStoreTest, ALostCertificateCanBeIssuedAnewForItsKey) {
  configure();
  const auto renewed = certify(configured_.key, "renewed");
  std::ofstream(configured_.certificate) << "torn";
  auto store = start();
  ASSERT_TRUE(store.install(renewed));
  EXPECT_EQ(shown(store).certificate_pem, renewed);
  EXPECT_EQ(shown(store).key_file, configured_.key);
}

TEST_F(IdentityStoreTest, AnInstalledOneWhoseKeyIsLostIsReplacedAtOnce) {
  auto store = on_trial();
  connects(store);
  fs::remove(shown(store).key_file);
  EXPECT_EQ(view(store)["in_use"].count("error"), 1U);
  ASSERT_TRUE(store.request("XR80-0001"));
  const auto third = certify(keys().back(), "third");
  ASSERT_TRUE(store.install(third));
  EXPECT_EQ(shown(store).certificate_pem, third);
  EXPECT_EQ(view(store).count("on_trial"), 0U);
}

TEST_F(IdentityStoreTest, WhereTheOldOneIsLostDuringATrialTheNextOneEndsIt) {
  auto store = on_trial();
  fs::remove(configured_.key);
  ASSERT_TRUE(store.request("XR80-0001"));
  const auto third = certify(keys().back(), "third");
  ASSERT_TRUE(store.install(third));
  EXPECT_EQ(view(store).count("on_trial"), 0U);
  connects(store);
  EXPECT_EQ(shown(store).certificate_pem, third);
  EXPECT_EQ(shown(start()).certificate_pem, third);
}

TEST_F(IdentityStoreTest, DuringATrialALostOldOneCostsOneAttempt) {
  auto store = on_trial();
  fs::remove(configured_.key);
  (void)shown(store);
  store.failed(failure(Code::peer_closed));
  EXPECT_EQ(shown(store).certificate_file, configured_.certificate);
  store.failed(failure(Code::key_file));
  EXPECT_EQ(shown(store).certificate_pem, fresh_);
  store.ready();
  EXPECT_EQ(shown(start()).certificate_pem, fresh_);
}

TEST_F(IdentityStoreTest, ATornRecordFallsBackToTheOneBeforeWithItsKey) {
  auto store = on_trial();
  connects(store);
  ASSERT_TRUE(store.request("XR80-0001"));
  ASSERT_TRUE(store.install(certify(keys().back(), "third")));
  connects(store);
  // The newest record is torn: the one before still has its keys.
  std::string newest;
  std::uint64_t most = 0;
  for (const char* name : {"state-a.json", "state-b.json"}) {
    const auto text = read(folder() / name);
    const auto mark = text.find("\"generation\":");
    ASSERT_NE(mark, std::string::npos) << text;
    const auto generation = std::stoull(text.substr(mark + 13));
    if (generation >= most) newest = folder() / name;
    most = std::max<std::uint64_t>(most, generation);
  }
  fs::resize_file(newest, 10);
  auto after = start();
  EXPECT_TRUE(fs::exists(shown(after).key_file));
  EXPECT_THAT(said_, Not(IsEmpty()));
}

TEST_F(IdentityStoreTest, ARecordWithoutSenseLeavesTheConfiguredOneAndTheKeys) {
  {
    auto store = on_trial();
  }
  store::TwoSlotStore slots(folder(), identity_schema);
  ASSERT_TRUE(slots.commit(R"({"garbage":1})"));
  const auto kept = keys();
  auto store = start();
  EXPECT_EQ(shown(store).certificate_file, configured_.certificate);
  EXPECT_EQ(keys(), kept);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("cannot be read")));
}

TEST_F(IdentityStoreTest, KeysThatNothingNamesAreRemoved) {
  auto store = on_trial();
  connects(store);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(store.request("XR80-0001"));
    ASSERT_TRUE(store.install(certify(keys().back(), "next")));
    connects(store);
  }
  EXPECT_LE(keys().size(), 2U);
  EXPECT_TRUE(fs::exists(shown(store).key_file));
}

}  // namespace
}  // namespace oobm::daemon
