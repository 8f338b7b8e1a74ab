#include "agent/daemon/config.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using testing::HasSubstr;

std::string error_of(const TempFolder& folder, std::string_view text) {
  const auto config = load_config(folder.file("oobm.json", text));
  if (config) return "no error";
  EXPECT_EQ(config.error().file, folder / "oobm.json");
  return to_text(config.error()).substr(config.error().file.size() + 2);
}

struct Bad {
  const char* text;
  const char* error;
};

TEST(Config, refuses_and_names_key_and_what_is_allowed) {
  const TempFolder folder;
  const Bad table[] = {
      {"", "is not JSON: mistake in line 1"},
      {"{\n\"mqtt\": {\n}", "is not JSON: mistake in line 3"},
      {"[]", "must be an object, { ... }"},
      {R"({"instnace":"na"})", "instnace: is no key here; there are: instance, "},
      {R"({"instance":"na","instance":"eu"})", "instance: stands twice"},
      {R"({"instance":7})", "instance: must be a text of 1 to 32 characters"},
      {R"({"instance":""})", "instance: must be a text of 1 to 32 characters"},
      {R"({"catalogue":"a.json"})", "catalogue: must be a list of at most 16 entries"},
      {R"({"catalogue":[1]})", "catalogue: must hold texts"},
      {R"({"radio":"/dev/ttyUSB0"})", "radio: must be an object"},
      {R"({"radio":{"poll_s":0}})", "radio.poll_s: 0 is out of range, allowed is 1 to 3600"},
      {R"({"radio":{"poll_s":2.5}})", "radio.poll_s: must be a whole number from 1 to 3600"},
      {R"({"radio":{"poll_s":18446744073709551615}})", "radio.poll_s: 18446744073709551615 is out"},
      {R"({"radio":{"speed":9600}})",
       "radio.speed: is no key here; there are: port, technologies, bands"},
      {R"({"radio":{"port":7}})", "radio.port: must be a text"},
      {R"({"radio":{"port":"usb:1199:c001"}})",
       "radio.port: \"usb:1199:c001\" must have the form usb:VVVV:PPPP:I"},
      {R"({"radio":{"port":"usb:1199:c001:300"}})", "the interface from 0 to 255"},
      {R"({"radio":{"technologies":["lte_m","lte"]}})",
       "radio.technologies: \"lte\" is none of lte_m, nb_iot, gsm"},
      {R"({"radio":{"technologies":["gsm","gsm"]}})", "or stands twice"},
      {R"({"radio":{"technologies":["gsm","gsm","gsm","gsm"]}})", "at most 3 entries"},
      {R"({"radio":{"bands":[1]}})", "radio.bands: must be an object"},
      {R"({"radio":{"bands":{"lte":[1]}}})",
       "radio.bands.lte: is no key here; there are: lte_m, nb_iot, gsm"},
      {R"({"radio":{"bands":{"lte_m":[0]}}})",
       "radio.bands.lte_m: must hold whole numbers from 1 to 256, each once"},
      {R"({"radio":{"bands":{"lte_m":[257]}}})", "from 1 to 256, each once"},
      {R"({"radio":{"bands":{"lte_m":[-4]}}})", "from 1 to 256, each once"},
      {R"({"radio":{"bands":{"lte_m":[4,4]}}})", "from 1 to 256, each once"},
      {R"({"radio":{"bands":{"lte_m":["4"]}}})", "from 1 to 256, each once"},
      {R"({"mqtt":{"keepalive_s":299}})",
       "mqtt.keepalive_s: 299 is out of range, allowed is 300 to"},
      {R"({"mqtt":{"keepalive_s":1741}})", "allowed is 300 to 1740"},
      {R"({"tls":{"metered_version":"1.1"}})", "tls.metered_version: \"1.1\" is none of: 1.2, 1.3"},
      {R"({"identity":{"certificate":"c.pem"}})", "identity.key: is missing"},
      {R"({"identity":{"key":"k.pem"}})", "identity.certificate: is missing"},
      {R"({"uplinks":{"main_wan_service":"no"}})",
       "uplinks.main_wan_service: must be true or false"},
      {R"({"log":{"level":"verbose"}})",
       "log.level: \"verbose\" is none of: error, warning, notice, info, debug"},
      {R"({"board_helper":{"env":[]}})", "board_helper.env: must be an object of at most 32"},
      {R"({"board_helper":{"env":{"path":"x"}}})", "board_helper.env: \"path\" must be a name"},
      {R"({"board_helper":{"env":{"A":1}}})", "board_helper.env: \"A\" must be a name"},
  };
  for (const auto& bad : table) EXPECT_THAT(error_of(folder, bad.text), HasSubstr(bad.error));
}

TEST(Config, refuses_what_is_nested_to_harm) {
  const TempFolder folder;
  EXPECT_EQ(error_of(folder, std::string(20'000, '[') + std::string(20'000, ']')),
            "is nested too deep");
}

TEST(Config, refuses_a_file_that_goes_on_behind_a_nul_byte) {
  const TempFolder folder;
  const std::string text("{}\n\0{\"instnace\":\"na\"}", 21);
  EXPECT_EQ(error_of(folder, text), "is not JSON: NUL byte in line 2");
}

TEST(Config, names_a_missing_and_an_oversized_file) {
  const TempFolder folder;
  const auto missing = load_config(folder / "none.json");
  ASSERT_FALSE(missing);
  EXPECT_EQ(to_text(missing.error()),
            folder / "none.json: cannot be read: No such file or directory");
  EXPECT_EQ(error_of(folder, std::string(max_config_bytes + 1, ' ')),
            "cannot be read: File too large");
}

TEST(Config, an_empty_object_gives_the_defaults) {
  const TempFolder folder;
  const auto config = load_config(folder.file("oobm.json", R"({"note":"nothing set"})"));
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_FALSE(config->instance);
  EXPECT_EQ(config->instances_file, "/usr/share/oobm/instances.json");
  EXPECT_EQ(config->catalogue_folder, folder / "catalogue.d");
  EXPECT_EQ(config->control_socket, "/var/run/oobm/control.sock");
  EXPECT_TRUE(config->uplinks.main_wan_for_registration);
  EXPECT_FALSE(config->uplinks.main_wan_for_service);
  EXPECT_EQ(config->keepalive.count(), 900);
  EXPECT_TRUE(config->keepalive_adapts);
  EXPECT_EQ(config->log_level, LogLevel::info);
}

TEST(Config, every_key_is_taken_over_and_paths_are_relative_to_the_file) {
  const TempFolder folder;
  const auto config = load_config(folder.file("oobm.json", R"({
    "instance": "eu", "instances": "data/i.json", "catalogue": ["c.json", "/abs/c.json"],
    "catalogue_dir": "more", "state_dir": "/st", "run_dir": "run",
    "board_helper": {"path": "board.sh", "env": {"OOBM_IF": "wwan0"}},
    "radio": {"port": "/dev/ttyUSB2", "poll_s": 5, "technologies": ["lte_m", "nb_iot"],
              "bands": {"nb_iot": [20, 8]}},
    "identity": {"certificate": "c.pem", "key": "k.pem", "password_file": "pw"},
    "uplinks": {"main_wan_registration": false, "main_wan_service": true},
    "tls": {"metered_version": "1.2"},
    "mqtt": {"keepalive_s": 300, "keepalive_adapts": false}, "log": {"level": "debug", "target": "syslog"}})"));
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->instance, "eu");
  EXPECT_EQ(config->instances_file, folder / "data/i.json");
  EXPECT_THAT(config->catalogue_files, testing::ElementsAre(folder / "c.json", "/abs/c.json"));
  EXPECT_EQ(config->catalogue_folder, folder / "more");
  EXPECT_EQ(config->state_folder, "/st");
  EXPECT_TRUE(config->metered_tls12);
  EXPECT_EQ(config->control_socket, folder / "run/control.sock") << "follows run_dir";
  EXPECT_EQ(config->board.path, folder / "board.sh");
  EXPECT_EQ(config->board.environment.at("OOBM_IF"), "wwan0");
  EXPECT_EQ(config->radio.port, "/dev/ttyUSB2");
  EXPECT_EQ(config->radio.poll.count(), 5);
  EXPECT_THAT(config->radio.settings.technologies,
              testing::ElementsAre(hal::Technology::lte_m, hal::Technology::nb_iot));
  ASSERT_EQ(config->radio.settings.bands.size(), 1U);
  EXPECT_EQ(config->radio.settings.bands.front().technology, hal::Technology::nb_iot);
  EXPECT_THAT(config->radio.settings.bands.front().bands, testing::ElementsAre(20, 8));
  EXPECT_EQ(config->identity.certificate, folder / "c.pem");
  EXPECT_EQ(config->identity.password_file, folder / "pw");
  EXPECT_FALSE(config->uplinks.main_wan_for_registration);
  EXPECT_TRUE(config->uplinks.main_wan_for_service);
  EXPECT_EQ(config->keepalive.count(), 300);
  EXPECT_FALSE(config->keepalive_adapts);
  EXPECT_EQ(config->log_level, LogLevel::debug);
  EXPECT_EQ(config->log_target, LogTarget::syslog);
}

TEST(Config, the_radios_port_may_be_named_by_what_it_is_or_by_a_path) {
  const TempFolder folder;
  const auto port = [&](std::string_view text) {
    const auto config = load_config(folder.file("oobm.json", text));
    return config ? config->radio.port : to_text(config.error());
  };
  EXPECT_EQ(port(R"({"radio":{"port":"usb:1199:c001:3"}})"), "usb:1199:c001:3");
  EXPECT_EQ(port(R"({"radio":{"port":"modem"}})"), folder / "modem");
  EXPECT_EQ(port("{}"), "");
}

}  // namespace
}  // namespace oobm::daemon
