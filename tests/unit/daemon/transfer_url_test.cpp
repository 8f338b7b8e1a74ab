#include "agent/daemon/transfer_url.hpp"

#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

TransferCode error_of(std::string_view text) {
  const auto url = parse_transfer_url(text);
  EXPECT_FALSE(url) << text;
  return url ? TransferCode::stopped : url.error().code;
}

TEST(TransferUrl, AnythingButHttpsIsRefused) {
  for (const char* text : {"http://files.example/x", "ftp://files.example/x", "file:///etc/passwd",
                           "httpss://files.example/"})
    EXPECT_EQ(error_of(text), TransferCode::url_not_https) << text;
}

TEST(TransferUrl, WhatCannotBeReadIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("files.example/x"), std::string("https://"),
        std::string("https:///x"), std::string("https://user@files.example/x"),
        std::string("https://user:secret@files.example/x"), std::string("https://files.example:0/"),
        std::string("https://files.example:65536/"), std::string("https://files.example:/"),
        std::string("https://files.example:44x/"), std::string("https://[2001:db8::1]/"),
        std::string("https://f\xc3\xbcr.example/"), std::string("https://files.example/a b"),
        std::string("https://files.example/a\r\nHost: b"),
        std::string("https://files.example\\@x/"),
        "https://files.example/" + std::string(3000, 'x'), "https://" + std::string(300, 'x')})
    EXPECT_EQ(error_of(text), TransferCode::url_malformed) << text;
}

TEST(TransferUrl, IsReadAsItsParts) {
  const auto url = parse_transfer_url("HTTPS://Files.Example:8443/a/b?c=d#part");
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, (TransferUrl{"files.example", 8443, "/a/b?c=d"}));
  EXPECT_EQ(host_field(*url), "files.example:8443");
  EXPECT_EQ(parse_transfer_url("https://files.example"), (TransferUrl{"files.example", 443, "/"}));
  EXPECT_EQ(parse_transfer_url("https://files.example?q"),
            (TransferUrl{"files.example", 443, "/?q"}));
  EXPECT_EQ(host_field({"files.example", 443, "/"}), "files.example");
}

TEST(TransferUrl, DotsLeadNoFurtherUpThanTheRoot) {
  const auto target = [](const std::string& path) {
    return parse_transfer_url("https://files.example" + path).value_or(TransferUrl{}).target;
  };
  EXPECT_EQ(target("/a/../../b"), "/b");
  EXPECT_EQ(target("/a/./b/.."), "/a/");
  EXPECT_EQ(target("/.."), "/");
  EXPECT_EQ(target("/a/..b/c"), "/a/..b/c");
  EXPECT_EQ(target("//a?/../b"), "//a?/../b");
}

TEST(TransferRedirect, LeadsNowhereElse) {
  const TransferUrl base{"files.example", 443, "/a/b"};
  for (const char* location :
       {"https://other.example/a", "http://files.example/a", "//other.example/a",
        "https://files.example:8443/a", "https://files.example.other.example/",
        "https://files.example@other.example/", "javascript:alert(1)", "https:", "/a b"}) {
    const auto next = follow_redirect(base, location);
    ASSERT_FALSE(next) << location;
    EXPECT_EQ(next.error().code, TransferCode::redirect_refused) << location;
  }
}

TEST(TransferRedirect, TellsNoMoreThanTheOrigin) {
  const TransferUrl base{"files.example", 443, "/a/b"};
  const auto told = [&](std::string_view location) {
    return follow_redirect(base, location).error().detail;
  };
  EXPECT_EQ(told("https://user:word@other.example:8443/token/x?key=1"),
            "https://other.example:8443");
  EXPECT_EQ(told("http://files.example/token"), "http://files.example");
  EXPECT_EQ(told("//other.example"), "https://other.example");
  EXPECT_EQ(told("/not printable"), "https://files.example");
  EXPECT_EQ(told("mailto:word"), "mailto:");
  EXPECT_EQ(told("https:"), "https:");
  EXPECT_EQ(told("https://" + std::string(1000, 'a')).size(), 100U);
}

TEST(TransferRedirect, IsSeenFromWhereItWasFound) {
  const TransferUrl base{"files.example", 8443, "/a/b?x"};
  const auto target = [&](std::string_view location) {
    return follow_redirect(base, location).value_or(TransferUrl{}).target;
  };
  EXPECT_EQ(target("c"), "/a/c");
  EXPECT_EQ(target("../c?y:z"), "/c?y:z");
  EXPECT_EQ(target("/c#d"), "/c");
  EXPECT_EQ(target("?y"), "/a/b?y");
  EXPECT_EQ(target("//FILES.example:8443/d"), "/d");
  EXPECT_EQ(target("https://files.example:8443/e"), "/e");
}

}  // namespace
}  // namespace oobm::daemon
