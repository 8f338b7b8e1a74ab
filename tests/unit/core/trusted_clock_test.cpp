// Trusted time: believed by evidence, in four levels, never past the floor backwards.
#include "agent/core/trusted_clock.hpp"

#include <gmock/gmock.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr UnixTime year_1980{315'964'800};
constexpr UnixTime year_2004{1'072'915'200};
constexpr UnixTime year_2080{3'471'292'800};

BootTime at(Duration since_boot) { return {since_boot}; }

class Clock : public testing::Test {
 protected:
  TrustedClock clock_{build_time, UnixTime{}};
};

TEST_F(Clock, WithoutEvidenceKnowsOnlyTheFloor) {
  EXPECT_EQ(clock_.now(at(hours(5))).level, TimeLevel::floor);
  EXPECT_EQ(clock_.now(at(hours(5))).time, build_time);
  const TrustedClock later(build_time, today);
  EXPECT_EQ(later.now(at(hours(5))).time, today);
  EXPECT_EQ(later.now(at(hours(5))).level, TimeLevel::floor);
}

TEST_F(Clock, GpsEpochAndModuleDefaultsAreRefused) {
  for (const auto trap : {year_1980, year_2004, year_2080, UnixTime{0}, UnixTime{-1},
                          UnixTime{std::numeric_limits<std::int64_t>::max()},
                          UnixTime{std::numeric_limits<std::int64_t>::min()}}) {
    EXPECT_FALSE(clock_.add(TimeSource::modem, trap, at(seconds(1)))) << trap.seconds;
    EXPECT_EQ(clock_.now(at(seconds(2))).level, TimeLevel::floor) << trap.seconds;
    EXPECT_EQ(clock_.report(at(seconds(2))).sources[0].refused->says, trap) << trap.seconds;
    auto signed_clock = clock_;
    signed_clock.attest(today, at(seconds(1)), at(seconds(2)));
    signed_clock.add(TimeSource::system, trap, at(seconds(2)));
    EXPECT_FALSE(signed_clock.contradicted(at(seconds(3)))) << trap.seconds;
    EXPECT_EQ(signed_clock.now(at(seconds(3))).latest, today + seconds(2)) << trap.seconds;
  }
}

TEST_F(Clock, AnAbsurdlyLateSignedTimeMovesNothing) {
  clock_.raise_floor(year_2080);
  EXPECT_EQ(clock_.floor(), build_time);
  clock_.attest(year_2080, at(seconds(1)), at(seconds(1)));
  EXPECT_EQ(clock_.floor(), build_time);
  EXPECT_EQ(clock_.now(at(seconds(1))).level, TimeLevel::floor);
}

TEST_F(Clock, ASourceThatStandsBeforeTheFloorIsRefused) {
  TrustedClock clock(build_time, today);
  EXPECT_FALSE(clock.add(TimeSource::system, today - days(30), at(seconds(1))));
  EXPECT_EQ(clock.now(at(seconds(1))).level, TimeLevel::floor);
}

TEST_F(Clock, ASourceAFewMinutesBehindTheFloorIsBelievedButNotPastIt) {
  TrustedClock clock(build_time, today);
  EXPECT_TRUE(clock.add(TimeSource::system, today - minutes(5), at(seconds(0))));
  EXPECT_EQ(clock.now(at(seconds(0))).level, TimeLevel::network);
  EXPECT_EQ(clock.now(at(seconds(0))).time, today);
  EXPECT_EQ(clock.now(at(minutes(6))).time, today + minutes(1));
}

TEST_F(Clock, ASourceThatAFloorHasLeftBehindCountsNoMore) {
  EXPECT_TRUE(clock_.add(TimeSource::modem, today, at(seconds(0))));
  clock_.raise_floor(today + days(30));
  EXPECT_EQ(clock_.now(at(seconds(1))).level, TimeLevel::floor);
  EXPECT_EQ(clock_.now(at(seconds(1))).time, today + days(30));
}

TEST_F(Clock, AClockTurnedBackDoesNotTurnTimeBackPastTheFloor) {
  clock_.raise_floor(today);
  EXPECT_TRUE(clock_.add(TimeSource::system, today + days(10), at(seconds(0))));
  EXPECT_FALSE(clock_.add(TimeSource::system, today - days(100), at(hours(1))));
  EXPECT_GE(clock_.now(at(hours(1))).time, today);
}

TEST_F(Clock, OneSourceGivesNetworkLevelAndRunsOnTheBootClock) {
  EXPECT_TRUE(clock_.add(TimeSource::modem, today, at(minutes(2))));
  const auto belief = clock_.now(at(minutes(62)));
  EXPECT_EQ(belief.level, TimeLevel::network);
  EXPECT_EQ(belief.time, today + hours(1));
}

TEST_F(Clock, ANewReadingOfTheSameSourceReplacesTheOld) {
  clock_.add(TimeSource::modem, today, at(seconds(0)));
  clock_.add(TimeSource::modem, today + days(1), at(seconds(1)));
  EXPECT_EQ(clock_.now(at(seconds(1))).time, today + days(1));
  EXPECT_EQ(clock_.now(at(seconds(1))).level, TimeLevel::network);
}

TEST_F(Clock, TwoSourcesWithinTenMinutesAgreeAndTheEarlierIsBelieved) {
  clock_.add(TimeSource::modem, today + minutes(10), at(seconds(0)));
  clock_.add(TimeSource::system, today, at(seconds(0)));
  EXPECT_EQ(clock_.now(at(seconds(0))).level, TimeLevel::agreed);
  EXPECT_EQ(clock_.now(at(seconds(0))).time, today);
}

TEST_F(Clock, TwoSourcesFurtherApartContradictAndTheEarlierIsBelievedAtNetworkLevel) {
  clock_.add(TimeSource::modem, today + days(400), at(seconds(0)));
  clock_.add(TimeSource::system, today, at(seconds(0)));
  EXPECT_EQ(clock_.now(at(seconds(0))).level, TimeLevel::network);
  EXPECT_EQ(clock_.now(at(seconds(0))).time, today);
  clock_.add(TimeSource::modem, today + minutes(10) + seconds(1), at(seconds(0)));
  EXPECT_EQ(clock_.now(at(seconds(0))).level, TimeLevel::network);
}

TEST_F(Clock, SourcesReadAtDifferentMomentsAreComparedAtOne) {
  clock_.add(TimeSource::modem, today, at(hours(0)));
  clock_.add(TimeSource::system, today + hours(5), at(hours(5)));
  EXPECT_EQ(clock_.now(at(hours(6))).level, TimeLevel::agreed);
  EXPECT_EQ(clock_.now(at(hours(6))).time, today + hours(6));
}

TEST_F(Clock, AnAttestedTimeOutranksEverySource) {
  clock_.add(TimeSource::modem, today + days(400), at(seconds(0)));
  clock_.add(TimeSource::system, today + days(400), at(seconds(0)));
  clock_.attest(today, at(minutes(1)), at(minutes(1)));
  EXPECT_EQ(clock_.now(at(minutes(61))).level, TimeLevel::attested);
  EXPECT_EQ(clock_.now(at(minutes(61))).time, today + hours(1));
}

TEST_F(Clock, AnAttestedTimeLowersAFloorThatWasWrong) {
  TrustedClock clock(build_time, today + days(3'000));
  clock.attest(today, at(seconds(0)), at(seconds(0)));
  EXPECT_EQ(clock.floor(), today);
  EXPECT_EQ(clock.now(at(seconds(0))).time, today);
}

TEST_F(Clock, NothingLowersTheFloorBelowTheBuild) {
  clock_.attest(year_2004, at(seconds(0)), at(seconds(0)));
  EXPECT_EQ(clock_.floor(), build_time);
}

TEST_F(Clock, AStatementWithoutOurNonceRaisesTheFloorAndNeverLowersIt) {
  clock_.raise_floor(today);
  EXPECT_EQ(clock_.floor(), today);
  clock_.raise_floor(today - days(1));
  EXPECT_EQ(clock_.floor(), today);
  EXPECT_EQ(clock_.now(at(seconds(0))).level, TimeLevel::floor);
}

TEST_F(Clock, WhatWasCarriedPutsTheFloorWhereTheJourneyAllowsIt) {
  clock_.carried(today, minutes(30));
  EXPECT_EQ(clock_.floor(), today) << "raised to it";
  clock_.carried(today - minutes(10), minutes(30));
  EXPECT_EQ(clock_.floor(), today) << "what may be right stays";
  clock_.carried(today - days(10), minutes(30));
  EXPECT_EQ(clock_.floor(), today - days(10) + minutes(30)) << "what cannot be right is lowered";
  clock_.carried(today - days(20), minutes(-30));
  EXPECT_EQ(clock_.floor(), today - days(20)) << "a journey of no length";
  clock_.carried(year_2004, hours(1));
  EXPECT_EQ(clock_.floor(), build_time);
  clock_.carried(year_2080, hours(1));
  EXPECT_EQ(clock_.floor(), build_time);
  EXPECT_EQ(clock_.now(at(hours(2))).level, TimeLevel::floor);
}

TEST_F(Clock, AReadingThatIsRefusedTakesBackTheOneBefore) {
  clock_.raise_floor(today);
  EXPECT_TRUE(clock_.add(TimeSource::system, today + days(800), at(minutes(0))));
  EXPECT_FALSE(clock_.add(TimeSource::system, today - days(100), at(minutes(1))));
  EXPECT_TRUE(clock_.add(TimeSource::modem, today + days(800), at(minutes(2))));
  EXPECT_EQ(clock_.now(at(minutes(2))).level, TimeLevel::network)
      << "half of a lie agrees with nothing";
  EXPECT_EQ(clock_.report(at(minutes(2))).sources[1].refused_because,
            "earlier than what is certain");
}

TEST_F(Clock, SourcesThatAreBehindWhatWasSignedContradictIt) {
  clock_.attest(today + days(2), at(hours(1)), at(hours(1)));
  EXPECT_FALSE(clock_.add(TimeSource::modem, today, at(hours(1))));
  EXPECT_FALSE(clock_.add(TimeSource::system, today, at(hours(1))));
  EXPECT_TRUE(clock_.contradicted(at(hours(2)))) << "it may be ALMS that is ahead";
}

TEST_F(Clock, SourcesNeverRaiseTheFloor) {
  clock_.add(TimeSource::modem, today, at(seconds(0)));
  clock_.add(TimeSource::system, today, at(seconds(0)));
  EXPECT_EQ(clock_.floor(), build_time);
}

TEST_F(Clock, ContradictsWhatWasSignedByTwoSourcesThatAgree) {
  clock_.add(TimeSource::modem, today, at(seconds(0)));
  clock_.add(TimeSource::system, today, at(seconds(0)));
  EXPECT_FALSE(clock_.contradicted(at(hours(1)))) << "nothing was signed";
  clock_.attest(today + minutes(69), at(hours(1)), at(hours(1)));
  EXPECT_FALSE(clock_.contradicted(at(hours(2))));
  clock_.attest(today - days(2), at(hours(1)), at(hours(1)));
  EXPECT_TRUE(clock_.contradicted(at(hours(2))));
  EXPECT_THAT(clock_.because(at(hours(2))), HasSubstr("asked again"));
  clock_.attest(today + days(2), at(hours(1)), at(hours(1)));
  EXPECT_TRUE(clock_.contradicted(at(hours(2)))) << "ahead of them as well";
  clock_.attest(today - days(2), at(hours(1)), at(hours(1)));
  clock_.add(TimeSource::system, today + days(1), at(hours(1)));
  EXPECT_FALSE(clock_.contradicted(at(hours(2)))) << "the two do not agree";
}

TEST_F(Clock, ShowsWhatItDoesNotBelieveAndWhy) {
  clock_.add(TimeSource::modem, year_1980, at(minutes(1)));
  clock_.add(TimeSource::system, year_2080, at(minutes(2)));
  const auto report = clock_.report(at(minutes(3)));
  EXPECT_EQ(report.belief.level, TimeLevel::floor);
  EXPECT_EQ(report.floor, build_time);
  EXPECT_FALSE(report.signed_time);
  const auto& [modem, system] = report.sources;
  EXPECT_FALSE(modem.believed || system.believed);
  EXPECT_EQ(modem.refused->says, year_1980);
  EXPECT_EQ(modem.refused->age, minutes(2));
  EXPECT_THAT(modem.refused_because, HasSubstr("earlier"));
  EXPECT_THAT(system.refused_because, HasSubstr("later"));
}

TEST_F(Clock, ShowsTheNewestReadingAsBelievedOrRefused) {
  clock_.add(TimeSource::modem, today, at(minutes(1)));
  clock_.add(TimeSource::modem, year_2004, at(minutes(3)));
  const auto modem = clock_.report(at(minutes(4))).sources[0];
  EXPECT_FALSE(modem.believed);
  EXPECT_EQ(modem.refused->says, year_2004);
  EXPECT_EQ(modem.refused->age, minutes(1));
  clock_.add(TimeSource::modem, today, at(minutes(5)));
  const auto again = clock_.report(at(minutes(7))).sources[0];
  EXPECT_EQ(again.believed->says, today + minutes(2));
  EXPECT_EQ(again.believed->age, minutes(2));
  EXPECT_FALSE(again.refused);
}

TEST_F(Clock, ShowsASourceThatAFloorHasLeftBehindAsRefused) {
  clock_.add(TimeSource::modem, today, at(minutes(0)));
  clock_.raise_floor(today + days(30));
  const auto modem = clock_.report(at(minutes(1))).sources[0];
  EXPECT_FALSE(modem.believed);
  EXPECT_EQ(modem.refused->says, today);
}

TEST_F(Clock, ALateAnswerLeavesASpanWhoseBeginIsBelieved) {
  clock_.attest(today, at(hours(1)), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today);
  EXPECT_EQ(clock_.now(at(hours(9))).level, TimeLevel::attested);
  EXPECT_THAT(clock_.because(at(hours(9))), HasSubstr("up to 480 min on its way"));
}

TEST_F(Clock, SourcesThatAgreeWithinTheSpanAreBelieved) {
  clock_.attest(today, at(hours(1)), at(hours(9)));
  clock_.add(TimeSource::modem, today + hours(3) + minutes(2), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today) << "one alone ends no term";
  clock_.add(TimeSource::system, today + hours(3), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(10))).time, today + hours(4));
  EXPECT_EQ(clock_.now(at(hours(10))).level, TimeLevel::attested);
  EXPECT_FALSE(clock_.contradicted(at(hours(10))));
  EXPECT_THAT(clock_.because(at(hours(10))), HasSubstr("agree within that"));
  clock_.add(TimeSource::modem, today + hours(8) + minutes(11), at(hours(9)));
  clock_.add(TimeSource::system, today + hours(8) + minutes(11), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today) << "later than it can be";
  EXPECT_TRUE(clock_.contradicted(at(hours(9))));
  clock_.add(TimeSource::modem, today - minutes(1), at(hours(9)));
  clock_.add(TimeSource::system, today - minutes(1), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today) << "earlier than it can be";
}

TEST_F(Clock, AnEarlierAnswerNarrowsTheSpanOfALaterOne) {
  clock_.attest(today, at(hours(0)), at(hours(0)));
  clock_.attest(today + hours(3), at(hours(2)), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today + hours(9));
  clock_.attest(today + hours(10), at(hours(10)), at(hours(11)));
  EXPECT_EQ(clock_.now(at(hours(11))).time, today + hours(11));
}

TEST_F(Clock, ALaterAnswerThatCannotBeTheSameTimeIsBelieved) {
  clock_.attest(today + days(2), at(hours(0)), at(hours(0)));
  clock_.attest(today, at(hours(0)), at(hours(8)));
  EXPECT_EQ(clock_.now(at(hours(8))).time, today);
  clock_.attest(today + days(2), at(hours(8)), at(hours(9)));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today + days(2));
}

TEST_F(Clock, TheLatestIsWhatAnythingTellsOnceALMSHasSigned) {
  clock_.add(TimeSource::modem, today + days(3), at(hours(0)));
  EXPECT_EQ(clock_.now(at(hours(1))).latest, std::nullopt);
  clock_.attest(today, at(hours(0)), at(hours(1)));
  EXPECT_EQ(clock_.now(at(hours(1))).latest, today + days(3) + hours(1));
  clock_.add(TimeSource::modem, today - days(3), at(hours(1)));
  EXPECT_EQ(clock_.now(at(hours(2))).latest, today + hours(2)) << "the end of the span";
}

TEST_F(Clock, ALateAnswerLeavesAFloorThatMayBeRight) {
  clock_.raise_floor(today + hours(2));
  clock_.attest(today, at(hours(1)), at(hours(9)));
  EXPECT_EQ(clock_.floor(), today + hours(2));
  EXPECT_EQ(clock_.now(at(hours(9))).time, today + hours(2));
  clock_.attest(today, at(hours(8)), at(hours(9)));
  EXPECT_EQ(clock_.floor(), today) << "it was wrong, and says nothing";
}

TEST_F(Clock, SaysWhatWouldRaiseTheLevel) {
  const auto to_raise = [&] { return clock_.report(at(minutes(5))).to_raise; };
  EXPECT_THAT(to_raise(),
              HasSubstr("(NITZ) or an NTP-synchronised system clock gives level network"));
  clock_.add(TimeSource::modem, today, at(minutes(5)));
  EXPECT_THAT(to_raise(), StartsWith("an NTP-synchronised system clock within ten minutes"));
  clock_.add(TimeSource::system, today + days(2), at(minutes(5)));
  EXPECT_THAT(to_raise(), StartsWith("the two clocks within ten minutes of each other"));
  clock_.add(TimeSource::system, today, at(minutes(5)));
  EXPECT_THAT(to_raise(), StartsWith("an answer of ALMS, signed for this boot"));
  clock_.attest(today, at(minutes(5)), at(minutes(5)));
  EXPECT_THAT(to_raise(), StartsWith("nothing"));
  EXPECT_EQ(clock_.report(at(minutes(6))).signed_time->says, today + minutes(1));
}

TEST_F(Clock, SaysWhichClockIsMissing) {
  clock_.add(TimeSource::system, today, at(minutes(5)));
  EXPECT_THAT(clock_.report(at(minutes(5))).to_raise,
              StartsWith("network time (NITZ) within ten minutes of it gives level agreed"));
}

TEST_F(Clock, ReportsWhatItBelieves) {
  clock_.add(TimeSource::modem, today, at(minutes(0)));
  clock_.add(TimeSource::system, today + minutes(1), at(minutes(0)));
  const auto report = clock_.report(at(minutes(7)));
  EXPECT_EQ(report.belief.time, clock_.now(at(minutes(7))).time);
  EXPECT_EQ(report.belief.level, TimeLevel::agreed);
  EXPECT_EQ(report.because, clock_.because(at(minutes(7))));
}

TEST_F(Clock, SaysInWordsWhyItBelievesWhatItBelieves) {
  EXPECT_THAT(clock_.because(at(seconds(0))), HasSubstr("no source"));
  clock_.add(TimeSource::modem, today, at(minutes(0)));
  EXPECT_THAT(clock_.because(at(minutes(7))), HasSubstr("7 min ago"));
  clock_.add(TimeSource::system, today + days(2), at(minutes(0)));
  EXPECT_THAT(clock_.because(at(minutes(7))), HasSubstr("contradicts"));
  clock_.add(TimeSource::system, today, at(minutes(0)));
  EXPECT_THAT(clock_.because(at(minutes(7))), HasSubstr("agrees with"));
  clock_.attest(today, at(minutes(7)), at(minutes(7)));
  EXPECT_THAT(clock_.because(at(minutes(7))), HasSubstr("nonce"));
}

TEST(TimeNames, AreAllDifferent) {
  EXPECT_NE(to_text(TimeLevel::floor), to_text(TimeLevel::network));
  EXPECT_NE(to_text(TimeLevel::agreed), to_text(TimeLevel::attested));
  EXPECT_NE(to_text(TimeSource::modem), to_text(TimeSource::system));
}

}  // namespace
}  // namespace oobm::core::test
