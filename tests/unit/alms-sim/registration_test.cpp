// Accounts, offers and regions: who may register which router where.
#include "tests/alms-sim/registration.hpp"

#include <gtest/gtest.h>

namespace oobm::alms_sim {
namespace {

struct Case {
  const char* name;
  const char* instance;
  const char* account_class;
  const char* offer;
  RouterFacts facts;
  const char* code;  // empty: may be registered
};

constexpr const char* serial = "XR80NA0000001";
constexpr const char* imei = "490154203237518";
constexpr const char* iccid = "89014103211118510720";

const Case cases[] = {
    {"a Global SKU on NA",
     "na",
     "AVC",
     "AirLink Complete",
     {.sku = "XR80-GL-SAMPLE"},
     "REGION_MISMATCH"},
    {"a North American SKU on EU",
     "eu",
     "AVC",
     "AirLink Complete",
     {.sku = "XR90-NA-SAMPLE"},
     "REGION_MISMATCH"},
    {"any XR on an instance that serves none",
     "ca",
     "AVC",
     "AirLink Complete",
     {.sku = "XR80-NA-SAMPLE"},
     "REGION_MISMATCH"},
    {"a SKU that nobody knows",
     "na",
     "AVC",
     "AirLink Complete",
     {.sku = "XR80-MARS"},
     "REGION_MISMATCH"},
    {"a Standard account", "na", "Standard", "AirLink Complete", {}, "ACCOUNT_CLASS"},
    {"an XR90 on the XR80's offer",
     "na",
     "AVC",
     "AirLink Complete (XR80)",
     {.sku = "XR90-NA-SAMPLE"},
     "OFFER_DEVICE_MISMATCH"},
    {"Basic", "na", "AVC", "AirLink Basic", {.sku = "XR80-NA-SAMPLE"}, "OFFER_NO_OOBM"},
    {"an offer that is gone", "na", "AVC", "AirLink Sesame", {}, "OFFER_NO_OOBM"},
    {"another serial",
     "na",
     "AVC",
     "AirLink Complete",
     {.serial = "XR80NA0000002"},
     "IDENTITY_MISMATCH"},
    {"another IMEI",
     "na",
     "AVC",
     "AirLink Complete",
     {.imei = "356938035643809"},
     "IDENTITY_MISMATCH"},
    {"another SIM",
     "na",
     "AVC",
     "AirLink Complete",
     {.iccid = "89014103211118510721"},
     "SIM_MISMATCH"},
    {"region comes before account",
     "na",
     "Standard",
     "AirLink Basic",
     {.sku = "XR80-GL-SAMPLE"},
     "REGION_MISMATCH"},
    {"nothing known yet", "na", "AVC", "AirLink Complete (XR80)", {}, ""},
    {"the XR80 on its offer",
     "na",
     "AVC",
     "AirLink Complete (XR80)",
     {serial, "XR80-NA-SAMPLE", imei, iccid},
     ""},
    {"an XR90 on Premium", "na", "AVC", "AirLink Premium", {.sku = "XR90-NA-SAMPLE"}, ""},
    {"an XR80 on Premium", "na", "AVC", "AirLink Premium", {.sku = "XR80-NA-SAMPLE"}, ""},
    {"a Global SKU on EU", "eu", "AVC", "AirLink Complete", {.sku = "XR90-GL-SAMPLE"}, ""},
};

TEST(Registration, FollowsTheRules) {
  for (const Case& one : cases) {
    World world = fresh_world();
    world.accounts["a"] = {"a", "A", one.account_class, "prepaid", {}};
    System system;
    system.serial = serial;
    system.imei = imei;
    system.iccid = iccid;
    system.account = "a";
    system.offer = one.offer;
    const auto held = check_registration(world, one.instance, system, one.facts);
    EXPECT_EQ(held ? "" : held.error().code, one.code) << one.name;
    EXPECT_TRUE(held || held.error().text.size() > 20) << one.name;
  }
}

TEST(Registration, TakesAnImeiOnceUnlessTheOtherIsRetired) {
  World world = fresh_world();
  world.accounts["a"] = {"a", "A", "AVC", "prepaid", {}};
  System system;
  system.serial = serial;
  system.imei = imei;
  system.account = "a";
  system.offer = "AirLink Premium";
  System& other = world.systems["XR80NA0000002"];
  other.serial = "XR80NA0000002";
  other.imei = imei;
  const auto held = check_registration(world, "na", system, {});
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, "REGISTERED_ELSEWHERE");
  other.state = SystemState::retired;
  EXPECT_TRUE(check_registration(world, "na", system, {}));
}

TEST(Identifiers, AreCheckedInForm) {
  const std::tuple<const char*, const char*, const char*> table[] = {
      {"", imei, "BAD_SERIAL"},
      {"XR80", imei, "BAD_SERIAL"},
      {"xr80na0000001", imei, "BAD_SERIAL"},
      {"XR80/000001", imei, "BAD_SERIAL"},
      {"XR80+000001", imei, "BAD_SERIAL"},
      {serial, "", "BAD_IMEI"},
      {serial, "490154203237519", "BAD_IMEI"},
      {serial, "49015420323751", "BAD_IMEI"},
      {serial, "49015420323751x", "BAD_IMEI"},
      {serial, imei, ""}};
  for (const auto& [number, module, code] : table) {
    const auto held = check_identifiers(number, module);
    EXPECT_EQ(held ? "" : held.error().code, code) << number << " " << module;
  }
}

}  // namespace
}  // namespace oobm::alms_sim
