// Technologies and bands: what is written, and only when it differs.
#include "hal/modem/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::hal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Settings, mask_is_computed) {
  EXPECT_EQ(band_mask({}), "00000000000000000000");
  EXPECT_EQ(band_mask({1}), "00000000000000000001");
  EXPECT_EQ(band_mask({2, 3, 4, 8}), "0000000000000000008E");
  EXPECT_EQ(band_mask({29}), "00000000000010000000");
  EXPECT_EQ(band_mask({85}), "1000000000000000000000");
  EXPECT_EQ(band_mask({256}), "8" + std::string(63, '0'));
  EXPECT_EQ(band_mask({0, 257, -5}), "00000000000000000000") << "no such bands";
}

TEST(Settings, what_is_so_already_is_not_written) {
  RadioFacts facts;
  facts.technologies = {Technology::lte_m, Technology::nb_iot};
  facts.bands = {{Technology::lte_m, {2, 4, 12}}, {Technology::nb_iot, {20}}};
  EXPECT_THAT(setting_commands({}, facts), IsEmpty());
  const RadioSettings same{.technologies = {Technology::lte_m, Technology::nb_iot},
                           .bands = {{Technology::lte_m, {12, 2, 4}}}};
  EXPECT_THAT(setting_commands(same, facts), IsEmpty());
}

TEST(Settings, only_the_difference_is_written) {
  RadioFacts facts;
  facts.technologies = {Technology::lte_m, Technology::nb_iot};
  facts.bands = {{Technology::lte_m, {2, 4, 12}}, {Technology::nb_iot, {20}}};
  const RadioSettings wanted{.technologies = {Technology::nb_iot},
                             .bands = {{Technology::lte_m, {2, 4, 12}}, {Technology::nb_iot, {8}}}};
  EXPECT_THAT(setting_commands(wanted, facts),
              ElementsAre("AT+KSELACQ=0,2", "AT+KBNDCFG=1,00000000000000000080"));
}

}  // namespace
}  // namespace oobm::hal
