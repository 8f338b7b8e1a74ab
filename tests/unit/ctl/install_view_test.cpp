// Rule: the technician sees what became of an installation, and never that it went well when it is
// not known.
#include "agent/ctl/install_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json failed() {
  return {{"phase", "ended"},
          {"running", "0.1.0"},
          {"uid", "u1"},
          {"version", "0.2.0"},
          {"url", "https://files.example/x.ipk"},
          {"doing", "nothing"},
          {"code", "INSTALL_ROLLED_BACK"},
          {"sentence", "0.2.0 was not confirmed in 3 starts"},
          {"next_step", "Look at the log."}};
}

std::string shown(const json& value) { return render_install(View(value)); }

TEST(InstallView, AnEmptyAnswerClaimsNothing) {
  for (const auto& strange : {json::object(), json(3), json{{"version", 7}, {"running", false}}}) {
    EXPECT_THAT(shown(strange), HasSubstr("an unknown version"));
    EXPECT_THAT(shown(strange), HasSubstr("no other"));
  }
}

TEST(InstallView, AFailureIsShownWithItsCodeAndTheNextStep) {
  EXPECT_EQ(shown(failed()),
            "Running 0.1.0.\n"
            "Ordered 0.2.0 from https://files.example/x.ipk (task u1).\n"
            "INSTALL_ROLLED_BACK: 0.2.0 was not confirmed in 3 starts\n"
            "Do: Look at the log.\n");
}

TEST(InstallView, OneThatIsUnderWayIsNoSuccess) {
  auto value = failed();
  value["phase"] = "installing";
  value["doing"] = "waiting for the board";
  EXPECT_THAT(shown(value), HasSubstr("Under way: waiting for the board."));
  EXPECT_THAT(shown(value), Not(HasSubstr("OK")));
}

TEST(InstallView, TextFromOutsideCannotSteerTheTerminal) {
  auto value = failed();
  value["sentence"] = "\x1b[2J";
  EXPECT_THAT(shown(value), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace oobm::ctl
