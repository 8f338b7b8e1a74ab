#include <variant>

#include <gtest/gtest.h>

#include "agent/daemon/config.hpp"
#include "agent/daemon/control_protocol.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

TEST(TransferControl, WhatIsNoOrderIsRefused) {
  for (const char* line : {R"({"cmd":"fetch"})", R"({"cmd":"fetch","url":"u","sha256":"s"})",
                           R"({"cmd":"fetch","url":1,"sha256":"s","name":"n"})",
                           R"({"cmd":"fetch","url":"u","sha256":"s","name":"n","size":-1})",
                           R"({"cmd":"fetch","url":"u","sha256":"s","name":"n","size":"1"})",
                           R"({"cmd":"fetch","url":"u","sha256":"s","name":"n","mode":1})",
                           R"({"cmd":"transfers","cancel":1})", R"({"cmd":"transfers","id":1})"}) {
    const auto request = parse_request(line);
    ASSERT_FALSE(request) << line;
    EXPECT_EQ(request.error().code, "BAD_REQUEST") << line;
  }
}

TEST(TransferControl, AnOrderIsReadAsItsParts) {
  const auto request =
      parse_request(R"({"cmd":"fetch","url":"u","sha256":"s","name":"n","size":7})");
  ASSERT_TRUE(request);
  const auto& fetch = std::get<FetchRequest>(*request);
  EXPECT_EQ(fetch.url, "u");
  EXPECT_EQ(fetch.sha256, "s");
  EXPECT_EQ(fetch.name, "n");
  EXPECT_EQ(fetch.size, 7U);
}

TEST(TransferControl, CancellingIsSaidInWords) {
  const auto look = parse_request(R"({"cmd":"transfers"})");
  const auto cancel = parse_request(R"({"cmd":"transfers","cancel":true})");
  ASSERT_TRUE(look && cancel);
  EXPECT_FALSE(std::get<TransfersRequest>(*look).cancel);
  EXPECT_TRUE(std::get<TransfersRequest>(*cancel).cancel);
}

TEST(TransferControl, RepliesAreWholeLines) {
  EXPECT_EQ(fetch_reply(3), "{\"id\":3,\"ok\":true}\n");
  EXPECT_EQ(transfers_reply("[]"), "{\"ok\":true,\"transfers\":[]}\n");
}

ConfigResult<std::vector<InstanceConfig>> instance_with(const TempFolder& temp,
                                                        const std::string& files) {
  return load_instances(temp.file(
      "instances.json", R"({"instances":[{"id":"na","serves":["NA"],"files":)" + files + "}]}"));
}

TEST(TransferConfig, AFileServerIsAHostOnAPort) {
  const TempFolder temp;
  for (const char* files : {R"([{}])", R"([{"host":"a b"}])", R"([{"host":"a","port":0}])",
                            R"([{"host":"a","path":"/"}])", R"(["a"])", R"({"host":"a"})"})
    EXPECT_FALSE(instance_with(temp, files)) << files;
  const auto good =
      instance_with(temp, R"([{"host":"a.example"},{"host":"b.example","port":8443}])");
  ASSERT_TRUE(good) << to_text(good.error());
  const auto& servers = good->front().files;
  ASSERT_EQ(servers.size(), 2U);
  EXPECT_EQ(servers[0].host, "a.example");
  EXPECT_EQ(servers[0].port, 443);
  EXPECT_EQ(servers[1].port, 8443);
}

TEST(TransferConfig, TheHelperAndItsRateCanBeChosen) {
  const TempFolder temp;
  for (const char* transfer : {R"({"bytes_per_s":10})", R"({"helper":""})", R"({"rate":1})"})
    EXPECT_FALSE(
        load_config(temp.file("oobm.json", R"({"transfer":)" + std::string(transfer) + "}")))
        << transfer;
  const auto config =
      load_config(temp.file("oobm.json", R"({"transfer":{"helper":"/opt/h","bytes_per_s":5000}})"));
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->transfer.helper, "/opt/h");
  EXPECT_EQ(config->transfer.bytes_per_s, 5000U);
  const auto plain = load_config(temp.file("oobm.json", "{}"));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->transfer.bytes_per_s, 0U);
}

}  // namespace
}  // namespace oobm::daemon
