// Rule: a key made here is P-256 in PKCS#8, is read from a file that is its owner's alone, and what
// a request holds of it is the public half.
#include "agent/uplink/own_key.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_csr.h>

#include "agent/uplink/tls_identity.hpp"

namespace oobm::uplink {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class OwnKeyTest : public testing::Test {
 protected:
  OwnKeyTest() {
    std::string pattern = testing::TempDir() + "oobm-own-key-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~OwnKeyTest() override { fs::remove_all(folder_); }

  fs::path file(const std::string& name, const std::string& text,
                fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) const {
    const auto path = folder_ / name;
    std::ofstream(path) << text;
    fs::permissions(path, mode);
    return path;
  }
  fs::path key(const std::string& name = "key.pem") const {
    return file(name, make_private_key().value());
  }

 private:
  fs::path folder_;
};

TEST_F(OwnKeyTest, AKeyThatOthersMayReadSignsNothing) {
  const auto open =
      file("open.pem", make_private_key().value(), fs::perms::owner_read | fs::perms::others_read);
  const auto request = make_certificate_request(open, "XR80-0001");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Code::key_file);
}

TEST_F(OwnKeyTest, AFileThatIsMissingOrNoKeySignsNothing) {
  EXPECT_EQ(make_certificate_request("/none", "a").error().code, Code::key_file);
  EXPECT_EQ(make_certificate_request(file("garbage", "garbage"), "a").error().code, Code::key_file);
  EXPECT_FALSE(belong_together("garbage", key()));
}

TEST_F(OwnKeyTest, ANameThatIsMoreThanANameIsRefused) {
  const auto path = key();
  for (const std::string name : {"", "a,O=Other", "a=b", "a b", "a\nb", "\\"})
    EXPECT_FALSE(make_certificate_request(path, name)) << name;
  EXPECT_FALSE(make_certificate_request(path, std::string(65, 'a')));
}

TEST_F(OwnKeyTest, TextThatIsNoCertificateHasNoFacts) {
  for (const std::string text :
       {"", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
    EXPECT_FALSE(certificate_facts(text)) << text;
}

TEST_F(OwnKeyTest, AKeyIsP256InPkcs8AndANewOneEachTime) {
  const auto text = make_private_key().value();
  EXPECT_THAT(text, StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_NE(text, make_private_key().value());
  mbedtls_pk_context parsed;
  mbedtls_pk_init(&parsed);
  EXPECT_TRUE(read_private_key(parsed, file("key.pem", text)));
  EXPECT_EQ(mbedtls_pk_get_bitlen(&parsed), 256U);
  EXPECT_NE(mbedtls_pk_can_do(&parsed, MBEDTLS_PK_ECDSA), 0);
  mbedtls_pk_free(&parsed);
}

TEST_F(OwnKeyTest, ARequestIsSignedForTheNameAndHoldsNoSecret) {
  const auto text = make_private_key().value();
  const auto request = make_certificate_request(file("key.pem", text), "XR80-0001").value();
  EXPECT_THAT(request, StartsWith("-----BEGIN CERTIFICATE REQUEST-----\n"));
  EXPECT_THAT(request, Not(HasSubstr("PRIVATE")));
  mbedtls_x509_csr parsed;
  mbedtls_x509_csr_init(&parsed);
  const auto* bytes = reinterpret_cast<const unsigned char*>(request.c_str());
  ASSERT_EQ(mbedtls_x509_csr_parse(&parsed, bytes, request.size() + 1), 0);
  std::array<char, 128> subject{};
  mbedtls_x509_dn_gets(subject.data(), subject.size(), &parsed.subject);
  EXPECT_STREQ(subject.data(), "CN=XR80-0001");
  mbedtls_x509_csr_free(&parsed);
}

TEST_F(OwnKeyTest, WipingLeavesNothing) {
  std::string secret = "secret";
  wipe(secret);
  EXPECT_TRUE(secret.empty());
}

}  // namespace
}  // namespace oobm::uplink
