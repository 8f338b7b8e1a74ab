// Key sets: which are taken, and in which states.
#include <gmock/gmock.h>

#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;

TEST(TrustUpdate, RisesOnlyAndIsForThisInstanceOnly) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  const auto update = [&](const char* uid, const char* issuer, std::uint64_t version) {
    TrustSet set;
    set.issuer = issuer;
    set.version = version;
    router.task(uid, TrustUpdate{signed_statement(set)});
    return router.ack(uid).value();
  };
  EXPECT_THAT(update("t1", "eu", 5).message, HasSubstr("STATEMENT_ISSUER"));
  EXPECT_THAT(update("t2", "na", 1).message, HasSubstr("TRUST_VERSION"));
  EXPECT_EQ(router.count<TrustChanged>(), 0U);
  EXPECT_TRUE(update("t3", "na", 3).ok);
  EXPECT_EQ(router.count<TrustChanged>(), 1U);
  EXPECT_TRUE(update("t4", "na", 3).ok) << "the same text again is harmless";
  EXPECT_THAT(update("t5", "na", 2).message, HasSubstr("TRUST_VERSION"));
  EXPECT_EQ(router.count<TrustChanged>(), 1U);
}

TEST(TrustUpdate, IsServedInEveryStateSoThatRotationStrandsNobody) {
  for (const auto state : all_lifecycles()) {
    const bool none = state == Lifecycle::unregistered;
    Router router(
        {.state = none ? State{} : state_in(state, Reason::awaiting_order, AlmsState::active)});
    router.boot_and_connect();
    TrustSet set;
    set.issuer = "na";
    set.version = 2;
    router.task("t1", TrustUpdate{signed_statement(set)});
    EXPECT_TRUE(router.ack("t1")->ok) << to_text(state);
  }
}

// What was sent between the first use of a key and the set that holds it is lost to the router, and
// ALMS need not know.
TEST(TrustUpdate, AsksAnewForWhatWasRefusedForItsKey) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.task("e1", Entitle{std::unexpected(Refusal{Reason::statement_key, "Key \"na-3\"."})});
  const auto update = [&](const char* uid, std::uint64_t version) {
    TrustSet set;
    set.issuer = "na";
    set.version = version;
    router.task(uid, TrustUpdate{signed_statement(set)});
    return router.said<Announcement>().size();
  };
  ASSERT_EQ(router.said<Announcement>().size(), 1U);
  EXPECT_EQ(update("t1", 3), 2U) << "though the first one waits for its answer";
  EXPECT_EQ(update("t2", 4), 2U) << "nothing was refused since";
}

}  // namespace
}  // namespace oobm::core::test
