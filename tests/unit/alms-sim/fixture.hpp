// One instance of ALMS with an AVC and a Standard account, and a router that can announce itself.
// Time is a variable of the test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/alms-sim/jws.hpp"
#include "tests/alms-sim/operator_desk.hpp"
#include "tests/alms-sim/subscription.hpp"

namespace oobm::alms_sim {

inline constexpr const char* test_serial = "XR80NA0000001";
inline constexpr const char* test_imei = "490154203237518";
inline constexpr const char* other_imei = "356938035643809";
inline constexpr const char* test_nonce = "9f86d081884c7d65";
inline constexpr const char* xr80_offer = "AirLink Complete (XR80)";

// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "alms-sim-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class AlmsTest : public ::testing::Test {
 protected:
  explicit AlmsTest(const std::string& instance = "na")
      : platform_(fresh_world(), *Keyring::open(folder_.path(), instance, now_),
                  {.instance = instance, .expiry_lag = std::chrono::seconds{0}}) {
    perform("account-add", {{"id", "acme"}});
    perform("account-add", {{"id", "old"}, {"class", "Standard"}});
    perform("account-add", {{"id", "card"}, {"billing", "direct"}});
  }

  Json perform(const std::string& verb, const Json& arguments) {
    const auto reply = desk_.perform(verb, arguments, now_);
    return reply ? *reply : Json{{"error", reply.error().code}};
  }

  Json enrol(const char* account = "acme", const char* offer = xr80_offer,
             const char* imei = test_imei) {
    return perform(
        "register",
        {{"serial", test_serial}, {"imei", imei}, {"account", account}, {"offer", offer}});
  }

  Json on_system(const std::string& verb, Json arguments = Json::object()) {
    arguments["serial"] = test_serial;
    return perform(verb, arguments);
  }

  void say(const Json& data) {
    reception_.on_message(std::string(test_serial) + "/messages/json", data.dump(), now_);
  }

  void announce(const Json& more = Json::object()) {
    Json data = {{"oobm.serial", test_serial},
                 {"oobm.imei", test_imei},
                 {"oobm.sku", "XR80-NA-SAMPLE"},
                 {"oobm.announce_nonce", test_nonce},
                 {"oobm.entitlement_seq", 0}};
    data.update(more);
    say(data);
  }

  // The commands that were published since the last call.
  std::vector<Json> sent() {
    std::vector<Json> commands;
    last_outputs_ = platform_.take_outputs();
    for (const Publication& publication : last_outputs_.publications) {
      commands.push_back(Json::parse(publication.payload).at(0).at("command"));
    }
    return commands;
  }

  // The only command since the last call.
  Json only_sent() {
    const auto commands = sent();
    EXPECT_EQ(commands.size(), 1U);
    return commands.empty() ? Json{{"id", ""}, {"params", Json::object()}} : commands.back();
  }

  TemporaryFolder folder_;
  Millis now_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};
  Platform platform_;
  Reception reception_{platform_};
  OperatorDesk desk_{platform_, reception_};
  Outputs last_outputs_;
};

}  // namespace oobm::alms_sim
