// Instances and catalogue, the shipped files included.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/daemon/config.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string shipped = OOBM_SOURCE_DIR "/agent/data/";

std::string instances_error(std::string_view list) {
  const TempFolder folder;
  const auto loaded =
      load_instances(folder.file("i.json", "{\"instances\":" + std::string(list) + "}"));
  return loaded ? "no error" : loaded.error().key + ": " + loaded.error().sentence;
}

struct Bad {
  const char* text;
  const char* error;
};

TEST(Instances, refuses_and_names_the_place) {
  const Bad table[] = {
      {"[]", "instances: is missing or empty"},
      {"{}", "instances: must be a list of at most 16"},
      {R"([{"name":"x"}])", "instances[0].id: is missing"},
      {R"([{"id":"na","colour":"red"}])", "instances[0].colour: is no key here"},
      {R"([{"id":"na"},{"id":"na"}])", "instances[1].id: \"na\" stands twice"},
      {R"([{"id":"na","serves":["EU"]}])", "instances[0].serves: \"EU\" is none of: NA, GLOBAL"},
      {R"([{"id":"na","serves":["NA"]},{"id":"ca","serves":["NA"]}])",
       "instances[1].serves: \"NA\" is served by \"na\" already"},
      {R"([{"id":"na","mqtt":{}}])", "instances[0].mqtt.host: must be a host name"},
      {R"([{"id":"na","mqtt":{"host":"a b"}}])", "instances[0].mqtt.host: must be a host name"},
      {R"([{"id":"na","mqtt":{"host":"a","port":0}}])", "instances[0].mqtt.port: 0 is out of"},
      {R"([{"id":"na","mqtt":{"host":"a","port":65536}}])", "mqtt.port: 65536 is out of range"},
      {R"([{"id":"na","mqtt":{"host":"a","addresses":["localhost"]}}])",
       "instances[0].mqtt.addresses: \"localhost\" is neither an IPv4 nor an IPv6 address"},
      {R"([{"id":"na","roots":{}}])", "instances[0].roots: must be a list of at most 8"},
      {R"([{"id":"na","roots":["key"]}])", "instances[0].roots: must be a list of at most 8"},
      {R"([{"id":"na","trust":"none.jws"}])", "instances[0].trust: neither a signed text nor"},
  };
  for (const auto& bad : table) EXPECT_THAT(instances_error(bad.text), HasSubstr(bad.error));
}

InstanceConfig complete_instance() {
  InstanceConfig instance;
  instance.instance.id = "na";
  instance.mqtt = MqttEndpoint{"host", 8883, {}};
  instance.tls_anchors = "/a.pem";
  instance.roots_json = R"([{"kty":"EC"}])";
  return instance;
}

TEST(Instances, an_incomplete_one_is_never_connected_to_and_says_why) {
  auto instance = complete_instance();
  instance.mqtt.reset();
  EXPECT_THAT(why_unusable(instance).value(), HasSubstr("\"na\": its MQTT host is not known"));
  instance = complete_instance();
  instance.tls_anchors.clear();
  EXPECT_THAT(why_unusable(instance).value(), HasSubstr("no CA certificate"));
  instance = complete_instance();
  instance.roots_json = "[]";
  EXPECT_THAT(why_unusable(instance).value(), HasSubstr("no root key"));
  instance = complete_instance();
  instance.sample_roots = true;
  EXPECT_THAT(why_unusable(instance).value(), HasSubstr("are samples"));
  EXPECT_EQ(why_unusable(complete_instance()), std::nullopt);
}

TEST(Instances, a_complete_file_is_taken_over) {
  const TempFolder folder;
  (void)folder.file("trust.jws", "eyJh.eyJi.c2ln\n");
  const auto loaded = load_instances(folder.file("i.json", R"({"instances":[
    {"id":"na","name":"N","portal":"p","residency":"r","serves":["NA","GLOBAL"],
     "mqtt":{"host":"mqtt.example","port":18883,"alpn":"mqtt","addresses":["10.0.0.1","fd00::1"]},
     "tls_anchors":"ca.pem","tls_revocations":"crl.der","roots":[{"kty":"EC","kid":"r1"}],"trust":"trust.jws"},
    {"id":"eu","trust":"eyJh.eyJi.c2ln"}]})"));
  ASSERT_TRUE(loaded) << to_text(loaded.error());
  const auto& na = loaded->front();
  EXPECT_THAT(na.instance.serves, ElementsAre(core::Region::na, core::Region::global));
  EXPECT_EQ(na.mqtt->host, "mqtt.example");
  EXPECT_EQ(na.mqtt->port, 18883);
  EXPECT_THAT(na.mqtt->addresses, ElementsAre("10.0.0.1", "fd00::1"));
  EXPECT_EQ(na.tls_anchors, folder / "ca.pem");
  EXPECT_EQ(na.tls_revocations, folder / "crl.der");
  EXPECT_EQ(na.mqtt->alpn, "mqtt");
  EXPECT_EQ(na.roots_json, R"([{"kid":"r1","kty":"EC"}])");
  EXPECT_FALSE(na.sample_roots);
  EXPECT_EQ(na.trust, "eyJh.eyJi.c2ln");
  EXPECT_EQ(loaded->back().trust, "eyJh.eyJi.c2ln");
  EXPECT_EQ(loaded->back().roots_json, "[]");
}

TEST(Instances, the_shipped_file_serves_each_region_once_and_connects_nowhere) {
  const auto loaded = load_instances(shipped + "instances.json");
  ASSERT_TRUE(loaded) << to_text(loaded.error());
  ASSERT_EQ(loaded->size(), 4u);
  EXPECT_EQ((*loaded)[0].mqtt->host, "na.airvantage.net");
  EXPECT_THAT((*loaded)[0].instance.serves, ElementsAre(core::Region::na));
  EXPECT_EQ((*loaded)[1].mqtt->host, "eu.airvantage.net");
  EXPECT_THAT((*loaded)[1].instance.serves, ElementsAre(core::Region::global));
  EXPECT_THAT((*loaded)[2].instance.serves, IsEmpty());
  EXPECT_THAT((*loaded)[3].instance.serves, IsEmpty());
  for (const auto& instance : *loaded) EXPECT_TRUE(why_unusable(instance)) << instance.instance.id;
}

// ---- the catalogue

Config catalogue_in(const TempFolder& folder, std::string_view main,
                    std::string_view dropped = {}) {
  Config config;
  config.catalogue_files = {folder.file("catalogue.json", main)};
  config.catalogue_folder = folder / "catalogue.d";
  if (!dropped.empty()) (void)folder.file("catalogue.d/10-vendor.json", dropped);
  return config;
}

std::string skus(const std::string& entries) { return "{\"skus\":[" + entries + "]}"; }

const std::string sample_80 = R"({"sku":"XR80-A","model":"XR80","region":"NA","sample":true})";
const std::string vendor_80 = R"({"sku":"XR80-A","model":"XR80","region":"GLOBAL"})";

TEST(Catalogue, refuses_and_names_file_and_place) {
  const Bad table[] = {
      {R"({"sku":"xr80"})", "skus[0].sku: SKU \"xr80\" may hold"},
      {R"({"model":"XR80","region":"NA"})", "skus[0].sku: SKU \"\" must have"},
      {R"({"sku":"XR80-A","region":"NA"})", "skus[0].model: is missing"},
      {R"({"sku":"XR80-A","model":"XR80"})", "skus[0].region: is missing; it is NA or GLOBAL"},
      {R"({"sku":"XR80-A","model":"XR80","region":"EU"})", "region: \"EU\" is none of: NA, GLOBAL"},
      {R"({"sku":"XR80-A","model":"XR80","region":"NA","price":1})", "skus[0].price: is no key"},
  };
  for (const auto& bad : table) {
    const TempFolder folder;
    const auto loaded = load_catalogue(catalogue_in(folder, skus(bad.text)));
    ASSERT_FALSE(loaded) << bad.text;
    EXPECT_THAT(to_text(loaded.error()), HasSubstr(bad.error));
  }
}

TEST(Catalogue, a_vendors_entry_is_not_overruled) {
  const TempFolder folder;
  const auto loaded = load_catalogue(catalogue_in(folder, skus(vendor_80), skus(sample_80)));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, folder / "catalogue.d/10-vendor.json");
  EXPECT_THAT(loaded.error().sentence, HasSubstr("is known with another model or region already"));
}

TEST(Catalogue, a_missing_file_is_an_error_and_a_missing_folder_is_none) {
  const TempFolder folder;
  auto config = catalogue_in(folder, skus(sample_80));
  EXPECT_TRUE(load_catalogue(config));
  config.catalogue_files.push_back(folder / "none.json");
  EXPECT_FALSE(load_catalogue(config));
}

TEST(Catalogue, too_many_entries_are_refused) {
  const TempFolder folder;
  Config config;
  config.catalogue_folder = folder / "none";
  config.catalogue_files.clear();
  for (int file = 0; file < 3; ++file) {
    std::string entries;
    for (int i = 0; i < 400; ++i)
      entries += (i == 0 ? "" : ",") + (R"({"sku":"SKU-)" + std::to_string(file * 400 + i)) +
                 R"(","model":"XR80","region":"NA"})";
    config.catalogue_files.push_back(folder.file(std::to_string(file) + ".json", skus(entries)));
  }
  const auto loaded = load_catalogue(config);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().sentence, HasSubstr("more than 1024 SKUs"));
  config.catalogue_files.pop_back();
  EXPECT_EQ(load_catalogue(config)->size(), 800u);
}

TEST(Catalogue, a_drop_in_adds_and_replaces_samples) {
  const TempFolder folder;
  const auto loaded = load_catalogue(
      catalogue_in(folder, skus(sample_80),
                   skus(vendor_80 + R"(,{"sku":"XR90-B","model":"XR90","region":"NA"})")));
  ASSERT_TRUE(loaded) << to_text(loaded.error());
  ASSERT_EQ(loaded->size(), 2u);
  EXPECT_EQ(loaded->front().region, core::Region::global);
  EXPECT_FALSE(loaded->front().sample);
}

TEST(Catalogue, the_shipped_file_holds_samples_alone) {
  Config config;
  config.catalogue_files = {shipped + "catalogue.json"};
  config.catalogue_folder = shipped + "none";
  const auto loaded = load_catalogue(config);
  ASSERT_TRUE(loaded) << to_text(loaded.error());
  EXPECT_EQ(loaded->size(), 4u);
  for (const auto& entry : *loaded) {
    EXPECT_TRUE(entry.sample);
    EXPECT_EQ(entry.sku.str().contains("-NA-"), entry.region == core::Region::na);
  }
}

}  // namespace
}  // namespace oobm::daemon
