#include "agent/daemon/transfer_file.hpp"

#include <filesystem>
#include <fstream>
#include <set>

#include <asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/daemon/transfer_check.hpp"
#include "agent/transfer/protocol.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

const PartOrder order{"https://files.example/x", std::string(64, 'a'), 0};
constexpr const char* boot = "boot-1";

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename());
  return names;
}

class TransferFile : public testing::Test {
 protected:
  PartFile open(const PartOrder& which = order, const char* start = boot) {
    auto part = PartFile::open(folder, which, start);
    EXPECT_TRUE(part) << to_text(part.error());
    return *std::move(part);
  }
  // A part with so many bytes of a known version.
  void leave(std::size_t bytes) {
    auto part = open();
    const std::string text(bytes, 'x');
    EXPECT_EQ(::pwrite(part.descriptor(), text.data(), bytes, 0), static_cast<ssize_t>(bytes));
    EXPECT_TRUE(part.remember("\"v1\""));
  }
  TempFolder temp;
  std::string folder = temp / "files";
};

TEST_F(TransferFile, AFolderThatCannotBeMadeIsNamed) {
  const auto part = PartFile::open(temp / "none/files", order, boot);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, TransferCode::write_failed);
  EXPECT_NE(part.error().detail.find("none"), std::string::npos);
}

TEST_F(TransferFile, ALinkInItsPlaceIsNotFollowed) {
  leave(1);
  const auto victim = temp.file("victim", "precious");
  std::filesystem::remove(folder + "/.part");
  for (const char* name : {"/.part", "/.text"})
    std::filesystem::create_symlink(victim, folder + name);
  for (const auto& hash : {order.sha256, std::string()})
    EXPECT_FALSE(PartFile::open(folder, {"https://files.example/other", hash, 0}, boot));
  EXPECT_EQ(std::filesystem::file_size(victim), 8U);
}

TEST_F(TransferFile, AnotherOrderFindsNothing) {
  for (const auto& other :
       {PartOrder{"https://files.example/y", order.sha256, 0},
        PartOrder{order.url, std::string(64, 'b'), 0}, PartOrder{order.url, order.sha256, 7}}) {
    leave(100);
    EXPECT_EQ(open(other).size(), 0U);
  }
}

TEST_F(TransferFile, ADamagedRecordIsNotBelieved) {
  for (const char* record : {"", "{", "[]", "{}", R"({"url":1,"sha256":2,"size":"x"})"}) {
    leave(100);
    std::ofstream(folder + "/.part.json") << record;
    EXPECT_EQ(open().size(), 0U) << record;
  }
}

TEST_F(TransferFile, WithoutAKnownVersionItCannotBeGoneOnWith) {
  leave(100);
  EXPECT_TRUE(open().remember(""));
  EXPECT_EQ(open().size(), 0U);
}

TEST_F(TransferFile, TheSameOrderFindsItAgain) {
  leave(300'000);
  const auto part = open();
  EXPECT_EQ(part.size(), 300'000U);
  EXPECT_EQ(part.validator(), "\"v1\"");
}

TEST_F(TransferFile, AfterARestartOfTheRouterOnlyWhatWasOnTheMediumCounts) {
  constexpr auto step = static_cast<std::size_t>(transfer::sync_step);
  const std::pair<std::size_t, std::size_t> cases[] = {
      {step - 1, 0}, {step, 0}, {step + 1, step}, {2 * step, step}, {2 * step + 5, 2 * step}};
  for (const auto& [had, left] : cases) {
    open().remove();
    leave(had);
    EXPECT_EQ(open(order, "boot-2").size(), left) << had;
    EXPECT_EQ(open(order, "boot-2").size(), left) << had;
  }
}

TEST_F(TransferFile, OnlyAFinishedOneHasItsName) {
  leave(10);
  auto part = open();
  EXPECT_EQ(names_in(folder), (std::set<std::string>{".part", ".part.json"}));
  ASSERT_TRUE(part.finish("image.bin"));
  EXPECT_EQ(names_in(folder), (std::set<std::string>{"image.bin"}));
  const auto mode = std::filesystem::status(folder + "/image.bin").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(TransferFile, ARemovedOneLeavesNothing) {
  leave(10);
  open().remove();
  EXPECT_EQ(names_in(folder), std::set<std::string>{});
}

TEST_F(TransferFile, NamesThatLeadElsewhereAreNone) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(".part"),
        std::string("a/b"), std::string("a b"), std::string("a\n"), std::string(65, 'a')})
    EXPECT_FALSE(is_file_name(name)) << name;
  for (const char* name : {"a", "image-1.2_3.bin", "A..b"}) EXPECT_TRUE(is_file_name(name)) << name;
}

TEST_F(TransferFile, AHashHas64HexadecimalDigits) {
  for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(63, 'a') + "g", std::string(62, 'a') + "0x"})
    EXPECT_FALSE(parse_sha256(text)) << text;
  const auto hash = parse_sha256("00fF" + std::string(60, '1'));
  ASSERT_TRUE(hash);
  EXPECT_EQ((*hash)[1], 0xff);
  EXPECT_EQ((*hash)[31], 0x11);
}

// FIPS 180-4's examples: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines
TEST_F(TransferFile, IsCheckedFromItsFirstByteToItsLast) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
  for (const auto& [text, hash] : cases) {
    auto part = open();
    ASSERT_EQ(::write(part.descriptor(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    asio::io_context loop;
    std::optional<std::expected<Sha256, TransferFailure>> got;
    const TransferCheck check(loop, part.descriptor(), [&](const auto& result) { got = result; });
    EXPECT_FALSE(got);
    loop.run();
    ASSERT_TRUE(got && *got);
    EXPECT_EQ(**got, *parse_sha256(hash)) << text.size();
  }
}

TEST(TransferFailure, TheTableIsInTheOrderOfItsCodes) {
  int code = 0;
  std::set<std::string_view> names;
  for (const auto& row : transfer_rows()) {
    EXPECT_EQ(static_cast<int>(row.code), code++);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.name;
  }
  EXPECT_EQ(code, static_cast<int>(TransferCode::stopped) + 1);
}

TEST(TransferFailure, EachCodeIsDocumentedWithItsSentence) {
  std::ifstream file(OOBM_SOURCE_DIR "/docs/transfer.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const auto& row : transfer_rows()) {
    const std::string line = "| `" + std::string(row.name) + "` | " + std::string(row.sentence);
    EXPECT_NE(page.find(line + " | "), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace oobm::daemon
