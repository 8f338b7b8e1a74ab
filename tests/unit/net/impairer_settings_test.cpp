// The words of the impairer, and its scripts.
#include <gtest/gtest.h>

#include "tests/net/impairer/script.hpp"
#include "tests/net/impairer/settings.hpp"

namespace oobm::netbench {
namespace {

using std::chrono::milliseconds;

TEST(ImpairerSettings, AWrongWordChangesNothing) {
  for (const char* words :
       {"loss=101", "loss=-1", "loss=", "loss", "loss=3x", "speed=3", "=", "nat=", "delay=10001",
        "rate=1000000001", "deaf_port=65536", "clear now"}) {
    Settings settings{.loss = 7};
    EXPECT_FALSE(apply(settings, std::string("delay=20 ") + words)) << words;
    EXPECT_EQ(settings.loss, 7) << words;
    EXPECT_EQ(settings.delay.count(), 0) << words;
  }
}

TEST(ImpairerSettings, EveryWordSetsItsOwn) {
  Settings s;
  ASSERT_TRUE(apply(s,
                    " loss=30 duplicate=2  reorder=3 delay=500 jitter=100 rate=30000 black_hole=1"
                    " nat_idle=5000 nat=reset reset_at=7 deaf_port=53 "));
  EXPECT_EQ(s.loss, 30);
  EXPECT_EQ(s.duplicate, 2);
  EXPECT_EQ(s.reorder, 3);
  EXPECT_EQ(s.delay, milliseconds(500));
  EXPECT_EQ(s.jitter, milliseconds(100));
  EXPECT_EQ(s.rate, 30'000U);
  EXPECT_TRUE(s.black_hole);
  EXPECT_EQ(s.nat_idle, milliseconds(5'000));
  EXPECT_TRUE(s.nat_resets);
  EXPECT_EQ(s.reset_at, 7U);
  EXPECT_EQ(s.deaf_port, 53);
  ASSERT_TRUE(apply(s, "clear loss=1"));
  EXPECT_EQ(s.loss, 1);
  EXPECT_FALSE(s.black_hole);
}

TEST(ImpairerScript, ALineThatIsWrongIsNamed) {
  for (const char* line : {"loss=1", "x: loss=1", "-1: loss=1", "nan: loss=1", "1 : loss=1",
                           "1: loss=200", "0: loss=1"}) {
    const auto script = parse_script("# a comment\n0.5: delay=1\n" + std::string(line) + "\n");
    ASSERT_FALSE(script) << line;
    EXPECT_TRUE(script.error().starts_with("line 3: ")) << script.error();
  }
}

TEST(ImpairerScript, AScriptIsReadInOrder) {
  const auto script = parse_script("0: loss=30\n\n# then\n12.5: clear\n12.5: delay=3000");
  ASSERT_TRUE(script) << script.error();
  ASSERT_EQ(script->size(), 3U);
  EXPECT_EQ((*script)[1].at, milliseconds(12'500));
  EXPECT_EQ((*script)[2].words, " delay=3000");
}

}  // namespace
}  // namespace oobm::netbench
