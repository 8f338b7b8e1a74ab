#include "agent/ctl/identity_view.hpp"

#include <gmock/gmock.h>

namespace oobm::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string render(const char* json) {
  const auto node = nlohmann::json::parse(json);
  return render_identity(View(node));
}

TEST(IdentityView, SaysWhenThereIsNone) {
  EXPECT_EQ(render("{}"), "No certificate.\n");
  EXPECT_EQ(render(R"({"in_use":{"error":"it cannot be read"}})"), "In use: it cannot be read\n");
}

TEST(IdentityView, ShowsWhoseAndUntilWhen) {
  const auto text = render(R"({"in_use":{"subject":"CN=A","issuer":"CN=CA","key":"EC 256",
    "not_before":"2026-01-01T00:00:00Z","not_after":"2027-01-01T00:00:00Z"},"request_open":false})");
  EXPECT_EQ(text,
            "In use: CN=A\n  issued by CN=CA\n"
            "  valid   2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z\n  key     EC 256\n");
}

TEST(IdentityView, TellsWhatHasBecomeOfANewOne) {
  const auto text = render(R"({"in_use":{"subject":"CN=A"},"on_trial":{"subject":"CN=B"},
    "refusal":"TLS_CLIENT_CERT_REFUSED","request_open":true})");
  EXPECT_THAT(text, HasSubstr("On trial: CN=B"));
  EXPECT_THAT(text, HasSubstr("refused: TLS_CLIENT_CERT_REFUSED"));
  EXPECT_THAT(text, HasSubstr("A request was made"));
  EXPECT_THAT(render(R"({"in_use":{"subject":"CN=A"}})"), Not(HasSubstr("On trial")));
}

TEST(IdentityView, TellsHowTheLastSessionWasSecured) {
  EXPECT_EQ(render(R"({"session":{"tls":"TLSv1.2","resumed":false}})"),
            "No certificate.\nLast session: TLSv1.2, with certificates shown\n");
  EXPECT_THAT(render(R"({"session":{"tls":"TLSv1.3","resumed":true}})"),
              HasSubstr("Last session: TLSv1.3, resumed\n"));
}

}  // namespace
}  // namespace oobm::ctl
