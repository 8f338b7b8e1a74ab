#include "agent/uplink/tls_identity.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/uplink/support/certificates.hpp"

namespace oobm::uplink::test {
namespace {

using std::filesystem::perms;

class TlsIdentityFiles : public testing::Test {
 protected:
  TlsIdentityFiles() {
    const auto client = certificates.client();
    settings.anchors_pem = certificates.anchors();
    settings.certificate_file = client.certificate;
    settings.key_file = folder / "own.key";
    write_file(settings.key_file, read_file(client.key));
    std::filesystem::permissions(settings.key_file, perms::owner_read | perms::owner_write);
  }

  std::string refused() const {
    const auto loaded = TlsIdentity::load(settings);
    return loaded ? "accepted" : std::string(name(loaded.error().code));
  }

  Certificates& certificates = Certificates::get();
  std::filesystem::path folder = certificates.folder();
  TlsSettings settings;
};

TEST_F(TlsIdentityFiles, AKeyThatOthersMayUseIsRefused) {
  for (const perms extra : {perms::group_read, perms::others_read, perms::group_write,
                            perms::others_write, perms::others_exec}) {
    std::filesystem::permissions(settings.key_file, perms::owner_read | extra);
    EXPECT_EQ(refused(), "KEY_FILE");
  }
  std::filesystem::permissions(settings.key_file, perms::owner_read);
  EXPECT_EQ(refused(), "accepted") << "stricter than 0600 is fine";
}

TEST_F(TlsIdentityFiles, AMissingOrBrokenKeyIsNamed) {
  settings.key_file = folder / "missing.key";
  EXPECT_EQ(refused(), "KEY_FILE");
  settings.key_file = folder;
  EXPECT_EQ(refused(), "KEY_FILE");
  settings.key_file = folder / "rubbish.key";
  write_file(settings.key_file, "no key");
  std::filesystem::permissions(settings.key_file, perms::owner_read | perms::owner_write);
  EXPECT_EQ(refused(), "KEY_FILE");
  write_file(settings.key_file, std::string(100'000, 'x'));
  EXPECT_EQ(refused(), "KEY_FILE");
}

TEST_F(TlsIdentityFiles, ACertificateMustExistAndBelongToTheKey) {
  settings.certificate_file = folder / "missing.pem";
  EXPECT_EQ(refused(), "CERTIFICATE_FILE");
  settings.certificate_file = certificates.server().certificate;
  EXPECT_EQ(refused(), "CERTIFICATE_FILE") << "of another key";
  settings.certificate_file.clear();
  EXPECT_EQ(refused(), "CERTIFICATE_FILE") << "a key without a certificate";
}

TEST_F(TlsIdentityFiles, WithoutAnchorsNothingIsTrusted) {
  settings.anchors_pem.clear();
  EXPECT_EQ(refused(), "TRUST_ANCHORS");
  settings.anchors_pem = "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(refused(), "TRUST_ANCHORS");
  settings.anchors_pem = certificates.anchors() + settings.anchors_pem;
  EXPECT_EQ(refused(), "TRUST_ANCHORS") << "one broken anchor among good ones";
}

TEST_F(TlsIdentityFiles, AClientCertificateIsOptional) {
  settings.certificate_file.clear();
  settings.key_file.clear();
  const auto loaded = TlsIdentity::load(settings);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE((*loaded)->has_certificate());
}

}  // namespace
}  // namespace oobm::uplink::test
