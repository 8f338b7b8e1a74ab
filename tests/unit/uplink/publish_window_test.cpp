#include "agent/uplink/publish_window.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

TEST(PublishWindow, RefusesAMessageThatIsTooLarge) {
  PublishWindow window;
  const auto result = window.add("t", std::string(publish_payload_bytes + 1, 'x'));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::message_too_large);
  EXPECT_TRUE(window.add("t", std::string(publish_payload_bytes, 'x')));
}

TEST(PublishWindow, RefusesOneMessageTooMany) {
  PublishWindow window;
  for (std::size_t i = 0; i < publish_queue_messages; ++i) ASSERT_TRUE(window.add("t", "x"));
  const auto result = window.add("t", "x");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::queue_full);
}

TEST(PublishWindow, RefusesTooManyBytesAndTakesAgainWhatHasRoom) {
  PublishWindow window;
  const std::string large(publish_payload_bytes, 'x');
  while (window.add("t", large)) {
  }
  EXPECT_LT(window.waiting(), publish_queue_messages);
  ASSERT_TRUE(window.next());
  EXPECT_TRUE(window.add("t", large));
}

TEST(PublishWindow, SendsInOrderAndNoMoreThanTheWindow) {
  PublishWindow window;
  for (std::size_t i = 1; i <= publish_window_messages + 2; ++i)
    ASSERT_EQ(window.add("t", std::to_string(i)), i);
  for (std::size_t i = 1; i <= publish_window_messages; ++i) {
    EXPECT_EQ(window.next()->payload, std::to_string(i));
  }
  EXPECT_FALSE(window.next());
  EXPECT_TRUE(window.confirm(2));
  EXPECT_EQ(window.next()->payload, std::to_string(publish_window_messages + 1));
  EXPECT_FALSE(window.next());
}

TEST(PublishWindow, SendsNoMoreBytesThanTheWindow) {
  PublishWindow window;
  const std::string large(publish_payload_bytes, 'x');
  std::vector<PublishToken> sent;
  for (std::size_t bytes = 0; bytes + large.size() <= publish_window_bytes; bytes += large.size()) {
    ASSERT_TRUE(window.add("t", large));
    sent.push_back(window.next()->token);
  }
  ASSERT_TRUE(window.add("t", large));
  EXPECT_FALSE(window.next());
  EXPECT_TRUE(window.confirm(sent.front()));
  EXPECT_TRUE(window.next());
}

TEST(PublishWindow, ConfirmsOnlyWhatIsUnderWayAndOnlyOnce) {
  PublishWindow window;
  const auto token = window.add("t", "x");
  ASSERT_TRUE(token);
  EXPECT_FALSE(window.confirm(*token)) << "not sent yet";
  ASSERT_TRUE(window.next());
  EXPECT_TRUE(window.confirm(*token));
  EXPECT_FALSE(window.confirm(*token));
  EXPECT_FALSE(window.confirm(99));
}

}  // namespace
}  // namespace oobm::uplink
