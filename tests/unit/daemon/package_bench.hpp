// A router as the root side of an installation sees it: the firmware's instance data, and what a
// daemon has fetched, or says that it has.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <psa/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/daemon/package_guard.hpp"
#include "agent/daemon/system.hpp"
#include "tests/unit/alms/signer.hpp"
#include "tests/unit/daemon/instance_entry.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon::test {

using alms::testing::Authority;
using alms::testing::Json;
using alms::testing::Signer;

inline std::string sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> hash{};
  std::size_t length = 0;
  psa_hash_compute(PSA_ALG_SHA_256, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                   bytes.size(), hash.data(), hash.size(), &length);
  std::string text;
  for (const auto byte : hash) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

class PackageBench : public testing::Test {
 protected:
  static constexpr ::uid_t user = 977;
  static constexpr ::gid_t group = 978;
  static constexpr std::string_view content = "the package as it was signed";

  PackageBench() {
    ::chmod((folder_ / ".").c_str(), 0755);
    std::filesystem::create_directories(files());
    EXPECT_EQ(::chown((folder_ / "state").c_str(), user, group), 0) << "this test runs as root";
    give_to_daemon(files());
    write_instances(Json::array({package_.jwk()}));
    hold(content);
    hold_manifest(claims());
  }

  [[nodiscard]] std::string files() const { return folder_ / "state/files"; }
  [[nodiscard]] std::string package() const { return files() + "/" + package_file; }
  [[nodiscard]] std::string manifest() const { return files() + "/" + manifest_file; }
  [[nodiscard]] std::string copied() const { return (folder_ / "run-root/") + package_file; }

  [[nodiscard]] MonitorPlan plan() const {
    return {.board_helper = folder_ / "board",
            .transfer_helper = folder_ / "transfer",
            .port = {},
            .state_folder = folder_ / "state",
            .run_folder = folder_ / "run",
            .instances_file = folder_ / "instances.json",
            .instance = {},
            .version = running_,
            .user = user,
            .group = group,
            .environment = {"PATH=/usr/bin:/bin"}};
  }

  [[nodiscard]] static Json claims() {
    return {{"iss", "na"},          {"aud", "oobm-agent"},  {"name", "oobm-agent"},
            {"version", "0.6.0"},   {"arch", built_for()},  {"size", content.size()},
            {"iat", 1'790'000'000}, {"min_agent", "0.1.0"}, {"sha256", sha256(content)}};
  }
  [[nodiscard]] static Json with(std::string_view name, const Json& value) {
    auto changed = claims();
    changed[std::string(name)] = value;
    return changed;
  }

  void write_instances(const Json& packages) const {
    const Json document{{"instances", Json::array({instance_entry(authority_, packages)})}};
    ::chmod(folder_.file("instances.json", document.dump()).c_str(), 0644);
  }

  // As the daemon's user writes them.
  void give_to_daemon(const std::string& path) const {
    EXPECT_EQ(::lchown(path.c_str(), user, group), 0);
  }
  void hold(std::string_view bytes) const {
    give_to_daemon(folder_.file(std::string("state/files/") + package_file, bytes));
  }
  void hold_text(std::string_view text) const {
    give_to_daemon(folder_.file(std::string("state/files/") + manifest_file, text));
  }
  void hold_manifest(const Json& said) const { hold_text(package_.sign("oobm-package", said)); }

  std::string running_ = "0.5.0";
  TempFolder folder_;
  Authority authority_{"na"};
  Signer package_{"na-package"};
};

}  // namespace oobm::daemon::test
