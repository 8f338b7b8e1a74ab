#include "agent/uplink/failure.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

TEST(Failure, EachCodeHasAStableNameOfItsOwn) {
  std::set<std::string_view> names;
  for (const CodeInfo& row : code_table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
    EXPECT_TRUE(std::ranges::all_of(row.name, [](unsigned char c) {
      return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
    })) << row.name;
  }
}

TEST(Failure, EachCodeHasASentence) {
  for (const CodeInfo& row : code_table()) {
    EXPECT_GT(row.sentence.size(), 20U) << row.name;
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.name;
  }
}

TEST(Failure, EachCodeSaysWhatToDoNow) {
  for (const CodeInfo& row : code_table()) {
    EXPECT_TRUE(row.next_step.ends_with('.')) << row.name;
    EXPECT_NE(row.next_step, row.sentence) << row.name;
  }
}

TEST(Failure, ACodeIsFoundByItsName) {
  for (const CodeInfo& row : code_table()) EXPECT_EQ(find_code(row.name), &row);
  for (const char* name : {"", "TLS", "tls_wrong_host", "INSTANCE_INCOMPLETE"})
    EXPECT_EQ(find_code(name), nullptr) << name;
}

TEST(Failure, TheNameBeginsWithItsLayerWhereTheLayerIsAProtocol) {
  for (const CodeInfo& row : code_table()) {
    for (const Layer layer :
         {Layer::permit, Layer::dns, Layer::route, Layer::tcp, Layer::tls, Layer::mqtt}) {
      std::string prefix(name(layer));
      std::ranges::transform(prefix, prefix.begin(),
                             [](unsigned char c) { return std::toupper(c); });
      EXPECT_EQ(row.layer == layer, row.name.starts_with(prefix + "_")) << row.name;
    }
  }
}

TEST(Failure, CarriesTheLayerOfItsCode) {
  const Failure made = failure(Code::tls_wrong_host, "broker.example.test");
  EXPECT_EQ(made.layer, Layer::tls);
  EXPECT_EQ(to_string(made), "TLS_WRONG_HOST: broker.example.test");
  EXPECT_EQ(to_string(failure(Code::stopped)), "STOPPED");
}

}  // namespace
}  // namespace oobm::uplink
