#include "agent/ctl/client.hpp"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ctl/scripted_daemon.hpp"

namespace oobm::ctl {
namespace {

using testing::HasSubstr;

TEST(Client, an_absent_daemon_is_said_with_what_to_do) {
  const auto client = Client::connect("/nowhere/control.sock");
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error(), HasSubstr("/nowhere/control.sock: there is no such socket. Is the "
                                        "daemon running? Start it"));
  EXPECT_THAT(client.error(), HasSubstr("(/etc/init.d/oobm start)"));
}

TEST(Client, a_path_that_fits_no_socket_is_refused) {
  EXPECT_THAT(Client::connect(std::string(200, 'x')).error(),
              HasSubstr("must have 1 to 107 bytes"));
  EXPECT_FALSE(Client::connect(""));
}

TEST(Client, a_daemon_that_hangs_up_and_one_that_is_silent_are_told_apart) {
  ScriptedDaemon hangs_up({"half a line"});
  auto client = Client::connect(hangs_up.path());
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->send("{}"));
  EXPECT_THAT(client->receive().error(), HasSubstr("closed the connection"));

  ScriptedDaemon silent({"", ""});
  auto waiting = Client::connect(silent.path());
  ASSERT_TRUE(waiting->send("{}"));
  EXPECT_THAT(waiting->receive(std::chrono::milliseconds(50)).error(),
              HasSubstr("does not answer"));
}

TEST(Client, an_endless_reply_is_refused) {
  ScriptedDaemon daemon({std::string(max_reply_bytes * 2, 'x')});
  auto client = Client::connect(daemon.path());
  ASSERT_TRUE(client->send("{}"));
  EXPECT_THAT(client->receive().error(), HasSubstr("too long"));
}

TEST(Client, lines_come_one_by_one) {
  ScriptedDaemon daemon({"one\ntwo\nth", "ree\n"});
  auto client = Client::connect(daemon.path());
  ASSERT_TRUE(client->send("a"));
  EXPECT_EQ(client->receive(), "one");
  EXPECT_EQ(client->receive(), "two");
  ASSERT_TRUE(client->send("b"));
  EXPECT_EQ(client->receive(), "three");
  EXPECT_THAT(daemon.requests(), testing::Contains("a"));
}

}  // namespace
}  // namespace oobm::ctl
