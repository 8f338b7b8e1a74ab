// Rule: the old certificate is not given up before the new one has carried a session to ready, and
// a network that fails decides nothing.
#include "agent/daemon/identity_trial.hpp"

#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

using uplink::Code;
using uplink::failure;
using Turn = IdentityTrial::Turn;
using Verdict = IdentityTrial::Verdict;

IdentityTrial begun() {
  IdentityTrial trial;
  trial.begin();
  return trial;
}

TEST(IdentityTrial, WithoutANewCertificateNothingIsDecided) {
  IdentityTrial trial;
  EXPECT_EQ(trial.failed(failure(Code::tls_client_cert_refused)), Verdict::open);
  EXPECT_EQ(trial.ready(), Verdict::open);
  EXPECT_EQ(trial.next(), Turn::kept);
}

TEST(IdentityTrial, AnAnswerThatNamesItRefusesIt) {
  for (const Code code : {Code::tls_client_cert_refused, Code::mqtt_bad_credentials,
                          Code::mqtt_identifier_rejected, Code::key_file, Code::certificate_file}) {
    auto trial = begun();
    EXPECT_EQ(trial.failed(failure(code)), Verdict::refuse) << name(code);
    EXPECT_FALSE(trial.running());
    EXPECT_EQ(trial.next(), Turn::kept);
  }
}

TEST(IdentityTrial, ANetworkThatFailsDecidesNothing) {
  for (const Code code :
       {Code::permit_refused, Code::interface_missing, Code::dns_timeout, Code::route_unreachable,
        Code::tcp_refused, Code::tcp_timeout, Code::tcp_reset, Code::stopped, Code::cut}) {
    auto trial = begun();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(trial.failed(failure(code)), Verdict::open);
    EXPECT_EQ(trial.next(), Turn::fresh) << name(code);
  }
}

TEST(IdentityTrial, InDoubtTheOldOneIsNextAndNeitherIsBlamedWhileBothFail) {
  auto trial = begun();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(trial.next(), Turn::fresh);
    EXPECT_EQ(trial.failed(failure(Code::peer_closed)), Verdict::open);
    EXPECT_EQ(trial.next(), Turn::kept);
    EXPECT_EQ(trial.failed(failure(Code::tls_alert)), Verdict::open);
  }
}

TEST(IdentityTrial, OneThatDoesNotGetThroughWhereTheOldOneDoesIsRefusedInTheThirdRound) {
  auto trial = begun();
  for (int round = 1; round <= rounds_of_doubt; ++round) {
    EXPECT_EQ(trial.failed(failure(Code::peer_closed)), Verdict::open);
    EXPECT_EQ(trial.ready(), round < rounds_of_doubt ? Verdict::open : Verdict::refuse);
  }
  EXPECT_FALSE(trial.running());
}

TEST(IdentityTrial, OneThatCarriesASessionIsAdopted) {
  auto trial = begun();
  EXPECT_EQ(trial.ready(), Verdict::adopt);
  EXPECT_FALSE(trial.running());
  EXPECT_EQ(trial.ready(), Verdict::open);
}

TEST(IdentityTrial, ANewOneBeginsAnew) {
  auto trial = begun();
  (void)trial.failed(failure(Code::peer_closed));
  (void)trial.ready();
  trial.begin();
  for (int round = 1; round < rounds_of_doubt; ++round) {
    EXPECT_EQ(trial.failed(failure(Code::peer_closed)), Verdict::open);
    EXPECT_EQ(trial.ready(), Verdict::open);
  }
  EXPECT_EQ(trial.ready(), Verdict::adopt);
}

}  // namespace
}  // namespace oobm::daemon
