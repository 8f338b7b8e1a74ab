#include "agent/daemon/bundle_desk.hpp"

#include <gtest/gtest.h>

#include "agent/core/reason.hpp"

namespace oobm::daemon::test {
namespace {

// The code with which a task is answered, and the transfer's own behind it.
std::string answer(TransferCode code) {
  const auto ack = bundle_answer("t1", TransferFailure{code, {}});
  EXPECT_FALSE(ack.ok);
  const auto first = ack.message.find(": ");
  const auto second = ack.message.find(": ", first + 2);
  return ack.message.substr(0, second);
}

TEST(BundleAnswer, SaysWhyItWasNotSent) {
  EXPECT_EQ(answer(TransferCode::not_installed), "NOT_INSTALLED: NOT_INSTALLED");
  EXPECT_EQ(answer(TransferCode::busy), "BUSY: BUSY");
  EXPECT_EQ(answer(TransferCode::data_used_up), "DATA_ALLOWANCE: DATA_USED_UP");
  EXPECT_EQ(answer(TransferCode::url_not_https), "BAD_PARAMETER: URL_NOT_HTTPS");
  EXPECT_EQ(answer(TransferCode::url_malformed), "BAD_PARAMETER: URL_MALFORMED");
  EXPECT_EQ(answer(TransferCode::host_not_allowed), "UPLOAD_FAILED: HOST_NOT_ALLOWED");
}

// Whatever may go wrong, ALMS is given a code of the table, and the transfer's.
TEST(BundleAnswer, EveryFailureHasItsCodes) {
  for (const auto& known : transfer_rows()) {
    const auto codes = answer(known.code);
    const auto reason = core::reason_from_code(codes.substr(0, codes.find(':')));
    EXPECT_TRUE(reason && *reason != core::Reason::none) << codes;
    EXPECT_TRUE(codes.ends_with(": " + std::string(known.name))) << codes;
  }
}

TEST(BundleAnswer, AFailureOnTheWayIsTheSame) {
  TransferView view;
  view.state = TransferView::State::failed;
  view.code = "SERVER_REFUSES";
  view.sentence = "SERVER_REFUSES: no. (HTTP 403)";
  EXPECT_EQ(bundle_answer("t1", view).message, "UPLOAD_FAILED: SERVER_REFUSES: no. (HTTP 403)");
  EXPECT_FALSE(bundle_answer("t1", view).ok);
}

TEST(BundleAnswer, ASuccessSaysHowMuch) {
  TransferView view;
  view.state = TransferView::State::done;
  view.code = "OK";
  view.bytes = view.total = 34'567;
  EXPECT_EQ(bundle_answer("t1", view), (core::Ack{"t1", true, "34567 bytes"}));
}

}  // namespace
}  // namespace oobm::daemon::test
