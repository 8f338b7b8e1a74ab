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
        Code::tcp_refused, Code::tcp_timeout, Code::stopped, Code::cut, Code::trust_anchors}) {
    auto trial = begun();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(trial.failed(failure(code)), Verdict::open);
    EXPECT_EQ(trial.next(), Turn::fresh) << name(code);
  }
}

// A bad network, or a server that is not the right one, ends a connection so at any time.
constexpr Code without_judgement[] = {
    Code::tls_timeout, Code::mqtt_timeout,         Code::keepalive_lost, Code::tcp_reset,
    Code::tls_version, Code::tls_protocol,         Code::tls_unknown_ca, Code::tls_wrong_host,
    Code::tls_expired, Code::mqtt_packet_too_large};

TEST(IdentityTrial, WhatABadNetworkCanCauseNeverRefusesIt) {
  for (const Code code : without_judgement) {
    auto trial = begun();
    for (int i = 0; i < 50; ++i) {
      const bool fresh = trial.next() == Turn::fresh;
      EXPECT_EQ(fresh ? trial.failed(failure(code)) : trial.ready(), Verdict::open);
    }
    EXPECT_TRUE(trial.running()) << name(code);
  }
}

TEST(IdentityTrial, OneThatIsNeverAnsweredStillCostsNoWay) {
  for (const Code code : without_judgement) {
    auto trial = begun();
    for (int attempt = 1; attempt <= attempts_without_answer; ++attempt) {
      EXPECT_EQ(trial.next(), Turn::fresh) << name(code) << " " << attempt;
      EXPECT_EQ(trial.failed(failure(code)), Verdict::open);
    }
    EXPECT_EQ(trial.next(), Turn::kept) << name(code);
    EXPECT_EQ(trial.ready(), Verdict::open);
    EXPECT_EQ(trial.next(), Turn::fresh) << name(code);
  }
}

TEST(IdentityTrial, AnOldOneThatCannotBeLoadedLeavesTheTurnToTheNewOne) {
  for (const Code code : {Code::key_file, Code::certificate_file}) {
    auto trial = begun();
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(trial.failed(failure(Code::peer_closed)), Verdict::open);
      EXPECT_EQ(trial.next(), Turn::kept);
      EXPECT_EQ(trial.failed(failure(code)), Verdict::open);
      EXPECT_EQ(trial.next(), Turn::fresh) << name(code);
    }
    EXPECT_EQ(trial.ready(), Verdict::adopt);
  }
}

TEST(IdentityTrial, AnOldOneThatIsRefusedLeavesTheTurnToTheNewOne) {
  auto trial = begun();
  EXPECT_EQ(trial.failed(failure(Code::peer_closed)), Verdict::open);
  EXPECT_EQ(trial.failed(failure(Code::tls_client_cert_refused)), Verdict::open);
  EXPECT_EQ(trial.next(), Turn::fresh);
}

TEST(IdentityTrial, TheNetworkLeavesTheTurnOfTheOldOneOpen) {
  auto trial = begun();
  EXPECT_EQ(trial.failed(failure(Code::peer_closed)), Verdict::open);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(trial.failed(failure(Code::dns_timeout)), Verdict::open);
  EXPECT_EQ(trial.next(), Turn::kept);
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
