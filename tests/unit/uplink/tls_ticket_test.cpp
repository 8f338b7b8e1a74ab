// Rule: a ticket is offered only while everything that was checked when the server last proved
// itself would be found the same today.
#include "agent/uplink/tls_ticket.hpp"

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t then_unix = 1'750'000'000;
constexpr std::int64_t then_boot = 5'000'000;

Moment at(seconds later) {
  return {.boot_ms = then_boot + milliseconds(later).count(), .unix_s = then_unix + later.count()};
}

TlsTicket sample(const std::string& server = "na broker:8883") {
  return {.server = server,
          .binding = "same",
          .session = "secret",
          .tls13 = true,
          .lifetime = hours(2),
          .received = at({}),
          .proved = at({}),
          .dates = {.not_before = then_unix - 1000,
                    .not_after = then_unix + 3000,
                    .server_not_after = then_unix + 4000}};
}

// ---- elapsed time

TEST(Elapsed, IsNotKnownWithoutAClockInCommon) {
  EXPECT_EQ(elapsed({}, {}), std::nullopt);
  EXPECT_EQ(elapsed({.boot_ms = 1, .unix_s = {}}, {.boot_ms = {}, .unix_s = 1}), std::nullopt);
}

TEST(Elapsed, GoesByTheBootClockWithinOneBoot) {
  const Moment from{.boot_ms = 1'000, .unix_s = 100};
  EXPECT_EQ(elapsed(from, {.boot_ms = 4'500, .unix_s = 900'000}), milliseconds(3'500));
}

TEST(Elapsed, GoesByTrustedTimeAcrossBoots) {
  EXPECT_EQ(elapsed({.boot_ms = {}, .unix_s = 100}, {.boot_ms = 7, .unix_s = 160}), seconds(60));
}

// ---- what is done with a ticket

struct Case {
  const char* what;
  std::function<void(TlsTicket&)> change;
  Moment now;
  bool dates_required;
  TicketUse use;
};

TEST(JudgeTicket, FollowsItsTable) {
  using enum TicketUse;
  const auto as_is = [](TlsTicket&) {};
  const Case cases[] = {
      {"made under other anchors", [](auto& t) { t.binding = "other"; }, at(seconds(1)), false,
       drop},
      {"no binding", [](auto& t) { t.binding.clear(); }, at(seconds(1)), false, drop},
      {"chain ended since", as_is, at(seconds(3'001)), false, drop},
      {"before the chain begins",
       as_is,
       {.boot_ms = then_boot, .unix_s = then_unix - 1'001},
       false,
       drop},
      {"past its life", [](auto& t) { t.lifetime = seconds(60); }, at(seconds(61)), false, drop},
      {"no life longer than a week",
       [](auto& t) {
         t.lifetime = seconds(0);
         t.dates.not_after *= 2;
         t.proved = at(longest_ticket_life);
       },
       at(longest_ticket_life + seconds(1)), false, drop},
      {"too long without proof",
       [](auto& t) {
         t.dates.not_after *= 2;
         t.received = at(longest_without_proof);
       },
       at(longest_without_proof + seconds(1)), false, drop},
      {"from the future", [](auto& t) { t.received = at(seconds(2)); }, at(seconds(1)), false,
       drop},
      {"another boot, no trusted time",
       [](auto& t) { t.received.boot_ms = t.proved.boot_ms = {}; },
       {.boot_ms = 1, .unix_s = {}},
       false,
       hold},
      {"proved in another boot, no trusted time",
       [](auto& t) { t.proved.boot_ms.reset(); },
       {.boot_ms = then_boot, .unix_s = {}},
       false,
       hold},
      {"no trusted time where it is required",
       as_is,
       {.boot_ms = then_boot, .unix_s = {}},
       true,
       hold},
      {"no trusted time, same boot", as_is, {.boot_ms = then_boot, .unix_s = {}}, false, offer},
      {"another boot, trusted time",
       [](auto& t) { t.received.boot_ms = t.proved.boot_ms = {}; },
       {.boot_ms = 1, .unix_s = then_unix + 10},
       true,
       offer},
      {"the last second of its life", [](auto& t) { t.lifetime = seconds(60); }, at(seconds(60)),
       true, offer},
  };
  for (const auto& c : cases) {
    auto ticket = sample();
    c.change(ticket);
    EXPECT_EQ(judge_ticket(ticket, "same", c.now, c.dates_required), c.use) << c.what;
  }
  EXPECT_EQ(judge_ticket(sample(), "", at(seconds(1)), false), drop) << "nothing to compare with";
}

TEST(TicketBinding, TellsPartsApart) {
  const std::string_view one[] = {"ab", "c"};
  const std::string_view other[] = {"a", "bc"};
  EXPECT_EQ(ticket_binding(one).size(), 64U);
  EXPECT_EQ(ticket_binding(one), ticket_binding(one));
  EXPECT_NE(ticket_binding(one), ticket_binding(other));
}

// ---- the tickets that there are

class TlsTicketsTest : public testing::Test {
 protected:
  int changes_ = 0;
  TlsTickets tickets_{[this] { ++changes_; }};
};

TEST_F(TlsTicketsTest, OneThatNoLongerHoldsIsDroppedWhenAskedFor) {
  tickets_.keep(sample());
  EXPECT_EQ(tickets_.to_offer("na broker:8883", "other anchors", at({}), false), nullptr);
  EXPECT_TRUE(tickets_.all().empty());
  EXPECT_EQ(changes_, 2);
}

TEST_F(TlsTicketsTest, OneThatCannotBeJudgedIsKept) {
  tickets_.keep(sample());
  EXPECT_EQ(tickets_.to_offer("na broker:8883", "same", {}, false), nullptr);
  EXPECT_EQ(tickets_.all().size(), 1U);
  ASSERT_NE(tickets_.to_offer("na broker:8883", "same", at({}), false), nullptr);
  EXPECT_EQ(changes_, 1);
}

TEST_F(TlsTicketsTest, IsNoOtherServers) {
  tickets_.keep(sample());
  EXPECT_EQ(tickets_.to_offer("eu broker:8883", "same", at({}), false), nullptr);
  tickets_.forget("eu broker:8883");
  EXPECT_EQ(tickets_.all().size(), 1U);
  EXPECT_EQ(changes_, 1);
}

TEST_F(TlsTicketsTest, OneThatIsTooLargeReplacesNothingByNothing) {
  auto large = sample();
  large.session.assign(max_session_bytes + 1, 'x');
  tickets_.keep(large);
  EXPECT_TRUE(tickets_.all().empty());
}

TEST_F(TlsTicketsTest, TheOldestGoesWhenThereAreTooMany) {
  for (std::size_t i = 0; i <= max_tickets; ++i) tickets_.keep(sample(std::to_string(i)));
  EXPECT_EQ(tickets_.all().size(), max_tickets);
  EXPECT_EQ(tickets_.find("0"), nullptr);
  EXPECT_NE(tickets_.find("1"), nullptr);
}

TEST_F(TlsTicketsTest, TheSameAgainIsNoChange) {
  tickets_.keep(sample());
  tickets_.keep(sample());
  EXPECT_EQ(changes_, 1);
  tickets_.forget(tickets_.all().front().server);
  EXPECT_TRUE(tickets_.all().empty());
}

}  // namespace
}  // namespace oobm::uplink
