// The region rule: the SKU decides which instance a router belongs to, before the first byte.
#include "agent/core/region.hpp"

#include <gmock/gmock.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;

void expect_refused(const RegionInputs& inputs, Reason reason) {
  const auto verdict = check_region(inputs);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().reason, reason) << verdict.error().detail;
  EXPECT_LE(verdict.error().detail.size(), 200U);
  for (char c : verdict.error().detail)
    ASSERT_TRUE(c >= 0x20 && c < 0x7f) << verdict.error().detail;
}

TEST(RegionRule, ASilentBoardBlocksAndItsWordsAreShown) {
  auto inputs = xr80_na();
  inputs.board.error = "TIMEOUT: the board helper did not answer";
  expect_refused(inputs, Reason::board_silent);
  EXPECT_THAT(check_region(inputs).error().detail, HasSubstr("did not answer"));
}

TEST(RegionRule, AMissingSerialNumberBlocks) {
  auto inputs = xr80_na();
  inputs.board.serial.reset();
  expect_refused(inputs, Reason::serial_missing);
  inputs.board.serial = "";
  expect_refused(inputs, Reason::serial_missing);
}

TEST(RegionRule, AnInvalidSerialNumberBlocks) {
  auto inputs = xr80_na();
  inputs.board.serial = "xr80";
  expect_refused(inputs, Reason::serial_invalid);
}

TEST(RegionRule, AMissingSkuBlocks) {
  auto inputs = xr80_na();
  inputs.board.sku.reset();
  expect_refused(inputs, Reason::sku_missing);
}

TEST(RegionRule, AnInvalidSkuBlocks) {
  auto inputs = xr80_na();
  inputs.board.sku = "XR80/NA";
  expect_refused(inputs, Reason::sku_invalid);
}

TEST(RegionRule, AnUnknownSkuIsRefusedAndNeverGuessed) {
  auto inputs = xr80_na();
  inputs.board.sku = "XR80-NA-5G-2";  // looks North American
  inputs.board.factory_region = "NA";
  expect_refused(inputs, Reason::sku_unknown);
  EXPECT_THAT(check_region(inputs).error().detail, HasSubstr("XR80-NA-5G-2"));
}

TEST(RegionRule, APinnedInstanceDoesNotMakeAnUnknownSkuKnown) {
  auto inputs = xr80_na();
  inputs.board.sku = "XR80-XX-5G";
  inputs.pinned = "na";
  expect_refused(inputs, Reason::sku_unknown);
}

TEST(RegionRule, AnInvalidFactoryImeiBlocks) {
  auto inputs = xr80_na();
  inputs.board.factory_imei = "490154203237517";
  expect_refused(inputs, Reason::imei_invalid);
}

TEST(RegionRule, AnExchangedModuleBlocks) {
  auto inputs = xr80_na();
  inputs.radio_imei = Imei::parse(other_imei).value();
  expect_refused(inputs, Reason::imei_mismatch);
  EXPECT_THAT(check_region(inputs).error().detail, HasSubstr(other_imei));
  EXPECT_THAT(check_region(inputs).error().detail, HasSubstr(xr80_imei));
}

TEST(RegionRule, AFactoryRegionThatContradictsTheCatalogueBlocks) {
  auto inputs = xr80_na();
  inputs.board.factory_region = "GLOBAL";
  expect_refused(inputs, Reason::region_conflict);
}

TEST(RegionRule, AFactoryRegionThatNobodyKnowsBlocks) {
  auto inputs = xr80_na();
  inputs.board.factory_region = "MOON";
  expect_refused(inputs, Reason::region_conflict);
}

TEST(RegionRule, AnUnknownPinnedInstanceBlocks) {
  auto inputs = xr80_na();
  inputs.pinned = "us";
  expect_refused(inputs, Reason::instance_unknown);
}

TEST(RegionRule, AGlobalRouterPinnedToNorthAmericaIsBlockedInWordsThatSayWhatIsRight) {
  auto inputs = xr90_global();
  inputs.pinned = "na";
  expect_refused(inputs, Reason::region_mismatch);
  const auto detail = check_region(inputs).error().detail;
  EXPECT_THAT(detail, HasSubstr("XR90"));
  EXPECT_THAT(detail, HasSubstr("Global"));
  EXPECT_THAT(detail, HasSubstr("Europe"));
  EXPECT_THAT(detail, HasSubstr("North America"));
  EXPECT_THAT(detail, HasSubstr("Nothing was sent"));
}

TEST(RegionRule, ANorthAmericanRouterPinnedToEuropeIsBlocked) {
  auto inputs = xr80_na();
  inputs.pinned = "eu";
  expect_refused(inputs, Reason::region_mismatch);
}

TEST(RegionRule, CanadaAndAustraliaServeNoXrRouter) {
  for (const char* id : {"ca", "au"}) {
    for (auto inputs : {xr80_na(), xr90_global()}) {
      inputs.pinned = id;
      expect_refused(inputs, Reason::region_mismatch);
    }
  }
}

TEST(RegionRule, ARegionThatNoInstanceServesBlocks) {
  auto inputs = xr80_na();
  std::erase_if(inputs.instances, [](const Instance& i) { return i.id == "na"; });
  expect_refused(inputs, Reason::no_instance);
  inputs.pinned = "eu";
  expect_refused(inputs, Reason::no_instance);
}

TEST(RegionRule, HostileTextIsShownPrintableAndBounded) {
  auto inputs = xr80_na();
  inputs.board.factory_region = "\x1b[2J\x1b[31mNA";
  expect_refused(inputs, Reason::region_conflict);
  inputs = xr80_na();
  inputs.pinned = std::string(5'000, '\x07');
  expect_refused(inputs, Reason::instance_unknown);
  inputs = xr80_na();
  inputs.board.error = "\x1b]0;owned\x07" + std::string(5'000, 'x');
  expect_refused(inputs, Reason::board_silent);
}

TEST(RegionRule, TheSkuAloneChoosesTheInstance) {
  EXPECT_EQ(placement_of(xr80_na()).instance.id, "na");
  EXPECT_EQ(placement_of(xr90_global()).instance.id, "eu");
  auto inputs = xr80_na();
  inputs.board.sku = "XR80-GL-5G";
  EXPECT_EQ(placement_of(inputs).instance.id, "eu");
}

TEST(RegionRule, PinningTheRightInstanceIsNoError) {
  auto inputs = xr80_na();
  inputs.pinned = "na";
  EXPECT_EQ(placement_of(inputs).instance.id, "na");
}

TEST(RegionRule, AmongInstancesOfOneRegionThePinnedOneIsTaken) {
  auto inputs = xr80_na();
  inputs.instances.push_back({.id = "na2",
                              .name = "North America 2",
                              .portal = {},
                              .residency = {},
                              .serves = {Region::na},
                              .trust_version = 1});
  EXPECT_EQ(placement_of(inputs).instance.id, "na");
  inputs.pinned = "na2";
  EXPECT_EQ(placement_of(inputs).instance.id, "na2");
}

TEST(RegionRule, AFactoryRegionThatAgreesIsNoError) {
  auto inputs = xr80_na();
  inputs.board.factory_region = "NA";
  EXPECT_TRUE(check_region(inputs));
}

TEST(RegionRule, ASilentModuleIsNoIdentityFault) {
  auto inputs = xr80_na();
  inputs.radio_imei.reset();
  EXPECT_EQ(placement_of(inputs).identity.imei->str(), xr80_imei);
  inputs.board.factory_imei.reset();
  EXPECT_EQ(placement_of(inputs).identity.imei, std::nullopt);
}

TEST(RegionRule, TheModulesImeiStandsInWhereFactoryDataHasNone) {
  auto inputs = xr80_na();
  inputs.board.factory_imei.reset();
  inputs.radio_imei = Imei::parse(other_imei).value();
  EXPECT_EQ(placement_of(inputs).identity.imei->str(), other_imei);
}

TEST(RegionRule, ThePlacementNamesRouterAndModel) {
  const auto placement = placement_of(xr90_global());
  EXPECT_EQ(placement.identity.serial.str(), "XR90GL0000001");
  EXPECT_EQ(placement.identity.model, "XR90");
  EXPECT_EQ(placement.identity.region, Region::global);
  EXPECT_EQ(placement.identity.firmware, "4.1.0");
}

TEST(RegionNames, AreReadAndWritten) {
  for (const auto region : {Region::na, Region::global})
    EXPECT_EQ(region_from_text(to_text(region)), region);
  EXPECT_EQ(region_from_text("na"), std::nullopt);
  EXPECT_EQ(region_from_text(""), std::nullopt);
}

}  // namespace
}  // namespace oobm::core::test
