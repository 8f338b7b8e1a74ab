// Rule: a ticket outlives daemon and boot, flash is written at most once a day, and whatever is
// broken, foreign or was open to others is no ticket.
#include "agent/daemon/ticket_memory.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using uplink::Moment;
using uplink::TlsTicket;

constexpr std::int64_t start_unix = 1'750'000'000;

TlsTicket sample(const std::string& session = std::string("\0\x7f\xff", 3)) {
  return {.server = "na broker:8883",
          .binding = "0a1b",
          .session = session,
          .tls13 = true,
          .lifetime = seconds(7'200),
          .received = {.boot_ms = 1'000, .unix_s = start_unix},
          .proved = {.boot_ms = 900, .unix_s = {}},
          .dates = {.not_before = 1, .not_after = 4'102'444'800, .server_not_after = 3}};
}

// ---- the document

TEST(TicketDocument, IsRefusedUnlessWhole) {
  const std::string whole = to_json({.boot_id = "b", .copied = {}, .tickets = {sample()}});
  ASSERT_TRUE(tickets_from_json(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(tickets_from_json(whole.substr(0, length))) << length;
}

TEST(TicketDocument, IsRefusedWithoutSense) {
  const std::string whole = to_json({.boot_id = "b", .copied = {}, .tickets = {sample()}});
  const std::pair<const char*, const char*> changes[] = {
      {R"("session":"007fff")", R"("session":"007ff")"},
      {R"("session":"007fff")", R"("session":"007fFF")"},
      {R"("session":"007fff")", R"("session":"")"},
      {R"("session":"007fff")", R"("session":7)"},
      {R"("lifetime_s":7200)", R"("lifetime_s":-1)"},
      {R"("lifetime_s":7200)", R"("lifetime_s":18446744073709551615)"},
      {R"("lifetime_s":7200)", R"("lifetime_s":7200.5)"},
      {R"("not_before":1)", R"("not_before":-9223372036854775808)"},
      {R"("not_before":1,)", ""},
      {R"("tls13":true)", R"("tls13":1)"},
      {R"("received":{)", R"("received":[],"x":{)"},
      {R"("boot_id":"b")", R"("boot_id":null)"},
      {R"("boot_id":"b")", R"("boot_id":"b","copied":7)"},
      {R"("tickets":[)", R"("tickets":{},"x":[)"},
  };
  for (const auto& [from, to] : changes) {
    auto text = whole;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, std::string_view(from).size(), to);
    EXPECT_FALSE(tickets_from_json(text)) << text;
  }
}

TEST(TicketDocument, HasBounds) {
  const std::vector too_many(uplink::max_tickets + 1, sample());
  EXPECT_FALSE(tickets_from_json(to_json({.boot_id = {}, .copied = {}, .tickets = too_many})));
  const auto large = sample(std::string(uplink::max_session_bytes + 1, 'x'));
  EXPECT_FALSE(tickets_from_json(to_json({.boot_id = {}, .copied = {}, .tickets = {large}})));
  const std::vector most(uplink::max_tickets, sample(std::string(uplink::max_session_bytes, 'x')));
  const auto text = to_json({.boot_id = {}, .copied = {}, .tickets = most});
  EXPECT_TRUE(tickets_from_json(text));
  EXPECT_LT(text.size(), store::max_document_bytes / 2);
}

TEST(TicketDocument, ComesBackAsWritten) {
  const StoredTickets stored{
      .boot_id = "b", .copied = Moment{.boot_ms = 5, .unix_s = 6}, .tickets = {sample()}};
  EXPECT_EQ(tickets_from_json(to_json(stored)), stored);
}

TEST(TicketDocument, AnotherBootsClockIsForgotten) {
  StoredTickets stored{.boot_id = "b", .copied = {}, .tickets = {sample()}};
  EXPECT_EQ(in_boot(stored, "b"), stored);
  const auto later = in_boot(stored, "c").tickets.front();
  EXPECT_EQ(later.received, (Moment{.boot_ms = {}, .unix_s = start_unix}));
  EXPECT_EQ(later.proved, Moment{});
  stored.boot_id.clear();
  EXPECT_EQ(in_boot(stored, "").tickets.front().proved, Moment{}) << "no boot id, no boot";
}

// ---- the memory

class TicketMemoryTest : public testing::Test {
 protected:
  TicketMemoryTest() {
    fs::create_directory(run());
    fs::create_directory(state());
  }
  std::string run() const { return files_ / "run"; }
  std::string state() const { return files_ / "state"; }
  static std::string slot(const std::string& folder, char name) {
    return folder + "/" + ticket_folder + "/state-" + name + ".json";
  }
  // How often a medium was written since the folder was empty.
  static std::uint64_t writes(const std::string& folder) {
    store::TwoSlotStore slots(folder + "/" + ticket_folder, ticket_schema);
    return slots.load().generation;
  }
  std::unique_ptr<TicketMemory> start() {
    said_.clear();
    return std::make_unique<TicketMemory>(
        run(), state(), boot_, [this] { return now_; },
        [this](std::string text) { said_.push_back(std::move(text)); });
  }
  void reboot() {
    fs::remove_all(run());
    fs::create_directory(run());
    boot_ += "'";
    now_ = {.boot_ms = 0, .unix_s = now_.unix_s};
  }
  void pass(seconds time) {
    now_.boot_ms = *now_.boot_ms + 1000 * time.count();
    if (now_.unix_s) now_.unix_s = *now_.unix_s + time.count();
  }

  TempFolder files_;
  std::string boot_ = "boot";
  Moment now_{.boot_ms = 10'000, .unix_s = start_unix};
  std::vector<std::string> said_;
};

TEST_F(TicketMemoryTest, ATornFileIsNoTicket) {
  start()->tickets().keep(sample());
  for (const auto& folder : {run(), state()})
    fs::resize_file(slot(folder, 'a'), fs::file_size(slot(folder, 'a')) / 2);
  const auto memory = start();
  EXPECT_TRUE(memory->tickets().all().empty());
  EXPECT_FALSE(said_.empty());
  memory->tickets().keep(sample());
  EXPECT_EQ(start()->tickets().all().size(), 1U);
}

TEST_F(TicketMemoryTest, AWholeFileWithoutSenseIsNoTicket) {
  {
    auto makes_folders = start();
  }
  for (const auto& folder : {run(), state()}) {
    store::TwoSlotStore slots(folder + "/" + ticket_folder, ticket_schema);
    ASSERT_TRUE(slots.commit(R"({"garbage":1})"));
  }
  EXPECT_TRUE(start()->tickets().all().empty());
  EXPECT_THAT(said_,
              ElementsAre(HasSubstr("cannot be understood"), HasSubstr("cannot be understood")));
}

TEST_F(TicketMemoryTest, AFileThatOthersMayReadIsRemovedAndNotUsed) {
  start()->tickets().keep(sample());
  for (const auto& folder : {run(), state()})
    fs::permissions(slot(folder, 'a'), fs::perms::group_read, fs::perm_options::add);
  EXPECT_TRUE(start()->tickets().all().empty());
  EXPECT_FALSE(fs::exists(slot(run(), 'a')));
  EXPECT_FALSE(fs::exists(slot(state(), 'a')));
  EXPECT_THAT(said_, ElementsAre(HasSubstr("used by others"), HasSubstr("used by others")));
}

TEST_F(TicketMemoryTest, ALinkInTheFilesPlaceIsNotFollowed) {
  start()->tickets().keep(sample());
  const auto elsewhere = files_ / "elsewhere";
  for (const auto& folder : {run(), state()}) {
    fs::rename(slot(folder, 'a'), elsewhere);
    fs::create_symlink(elsewhere, slot(folder, 'a'));
  }
  EXPECT_TRUE(start()->tickets().all().empty());
}

TEST_F(TicketMemoryTest, AFolderThatCannotBeWrittenCostsNothingButTheTickets) {
  const auto memory = start();
  for (const auto& folder : {run(), state()}) fs::remove_all(folder + "/" + ticket_folder);
  memory->tickets().keep(sample());
  memory->tickets().keep(sample("other"));
  EXPECT_EQ(memory->tickets().all().size(), 1U);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("not kept")));
}

TEST_F(TicketMemoryTest, FilesAndFoldersAreNobodyElses) {
  start()->tickets().keep(sample());
  for (const auto& folder : {run(), state()}) {
    EXPECT_EQ(fs::status(slot(folder, 'a')).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(folder + "/" + ticket_folder).permissions(), fs::perms::owner_all);
  }
}

TEST_F(TicketMemoryTest, OutlivesTheDaemonWithItsClock) {
  start()->tickets().keep(sample());
  EXPECT_THAT(start()->tickets().all(), ElementsAre(sample()));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(TicketMemoryTest, OutlivesTheBootWithoutItsClock) {
  start()->tickets().keep(sample());
  reboot();
  auto left = sample();
  left.received.boot_ms.reset();
  left.proved.boot_ms.reset();
  EXPECT_THAT(start()->tickets().all(), ElementsAre(left));
}

TEST_F(TicketMemoryTest, FlashIsWrittenOnceADayHoweverOftenTicketsChange) {
  auto memory = start();
  for (int hour = 0; hour < 72; ++hour) {
    memory->tickets().keep(sample(std::to_string(hour)));
    if (hour % 5 == 0) memory = start();
    pass(hours(1));
  }
  EXPECT_EQ(writes(state()), 3U);
  EXPECT_EQ(writes(run()), 72U);
}

TEST_F(TicketMemoryTest, ARebootDoesNotMakeFlashDue) {
  start()->tickets().keep(sample());
  for (int i = 0; i < 5; ++i) {
    pass(hours(1));
    reboot();
    start()->tickets().keep(sample(std::to_string(i)));
  }
  EXPECT_EQ(writes(state()), 1U);
  now_.unix_s.reset();
  reboot();
  start()->tickets().keep(sample("no time known"));
  EXPECT_EQ(writes(state()), 1U);
  pass(hours(24));
  start()->tickets().keep(sample("a day of this boot"));
  EXPECT_EQ(writes(state()), 2U);
}

TEST_F(TicketMemoryTest, LeavingCopiesWhatChangedWhereADayHasPassed) {
  const auto memory = start();
  memory->tickets().keep(sample());
  memory->tickets().keep(sample("newer"));
  memory->leave();
  EXPECT_EQ(writes(state()), 1U) << "not a day";
  pass(hours(25));
  memory->leave();
  memory->leave();
  EXPECT_EQ(writes(state()), 2U) << "once";
  reboot();
  EXPECT_EQ(start()->tickets().all().front().session, "newer");
}

TEST_F(TicketMemoryTest, TheSameAgainIsNotWritten) {
  const auto memory = start();
  memory->tickets().keep(sample());
  memory->tickets().keep(sample());
  EXPECT_EQ(writes(run()), 1U);
}

TEST_F(TicketMemoryTest, AForgottenTicketIsForgottenOnTheMediumToo) {
  const auto memory = start();
  memory->tickets().keep(sample());
  memory->tickets().forget(sample().server);
  EXPECT_TRUE(start()->tickets().all().empty());
}

}  // namespace
}  // namespace oobm::daemon
