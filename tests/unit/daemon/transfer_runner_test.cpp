#include "agent/daemon/transfer_runner.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/daemon/transfer_bench.hpp"

namespace oobm::daemon::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// The helper under way, or 0.
pid_t helper_pid() {
  const auto ours = " " + std::to_string(::getpid()) + " ";
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    const auto after = stat.rfind(") ");
    if (stat.find("(oobm-transfer)") != std::string::npos && stat[after + 2] != 'Z' &&
        stat.substr(after + 3).starts_with(ours))
      return std::stoi(entry.path().filename());
  }
  return 0;
}

std::string line_of(const std::filesystem::path& path, const std::string& start) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(start)) return line;
  return {};
}

// Sends the head and `part` of the file, then nothing until the other side has gone.
Answer stuck_after(const std::string& file, std::size_t part) {
  return [file, part](Peer& peer, const Request&, int) {
    const auto reply = whole(file);
    send(peer, reply.substr(0, reply.size() - file.size() + part));
    peer.wait_for_end();
  };
}

struct Transfer : testing::Test, TransferBench {
  const std::string file = content(100'000);

  // A killed program goes when the kernel comes to it.
  bool helper_goes() {
    return uplink.run_until([] { return helper_pid() == 0; });
  }
  // The first connection breaks off after `part` bytes of the file; the others are answered by
  // `then`.
  void break_off(std::size_t part, std::function<std::string(const Request&)> then) {
    serve([this, part, then = std::move(then)](Peer& peer, const Request& request, int connection) {
      const auto reply = whole(file);
      send(peer,
           connection == 0 ? reply.substr(0, reply.size() - file.size() + part) : then(request));
    });
  }
};

TEST_F(Transfer, WhatCanBeRefusedAtOnceOpensNoLink) {
  serve(always(whole(file)));
  const auto refused = [&](auto change) {
    auto wanted = order(file);
    change(wanted);
    return run(wanted);
  };
  EXPECT_EQ(refused([](auto& o) { o.name = "../image"; }), "NAME_INVALID");
  EXPECT_EQ(refused([](auto& o) { o.sha256 = "abc"; }), "HASH_INVALID");
  EXPECT_EQ(refused([](auto& o) { o.url = "files.example"; }), "URL_MALFORMED");
  EXPECT_EQ(refused([](auto& o) { o.url = "http://broker.example.test/"; }), "URL_NOT_HTTPS");
  EXPECT_EQ(refused([](auto& o) { o.url = "https://elsewhere.example/"; }), "HOST_NOT_ALLOWED");
  EXPECT_EQ(refused([&](auto& o) { o.size = limits.max_bytes + 1; }), "TOO_LARGE");
  helper = temp / "no-such-program";
  make_runner();
  EXPECT_EQ(run(order(file)), "NOT_INSTALLED");
  EXPECT_EQ(uplink.permit.asked, 0);
  EXPECT_TRUE(notes.empty());
}

TEST_F(Transfer, WithoutPermissionNothingIsFetched) {
  serve(always(whole(file)));
  uplink.permit.refusal = uplink::Refusal{"SUSPENDED", "not now"};
  EXPECT_EQ(run(order(file)), "NOT_IN_SERVICE");
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(Transfer, AServerOfAnotherAuthorityIsNotTrusted) {
  serve(always(whole(file)));
  anchors = uplink::test::read_file(uplink::test::Certificates::get().stranger_authority());
  EXPECT_EQ(run(order(file)), "LINK_NOT_TRUSTED");
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(Transfer, AThirdIsRefusedWhileOneWaits) {
  serve(stuck_after(file, 10));
  make_runner();
  ASSERT_TRUE(runner->submit(order(file)));
  ASSERT_TRUE(runner->submit(order(file)));
  EXPECT_EQ(run(order(file)), "BUSY");
  EXPECT_TRUE(runner->end_all({TransferCode::cancelled, {}}));
  for (const auto& view : runner->views()) EXPECT_EQ(view.code, "CANCELLED");
  EXPECT_FALSE(runner->end_all({TransferCode::cancelled, {}}));
}

// A manifest's package must not overtake a bundle that was ordered before it.
TEST_F(Transfer, WhatWaitsHasItsTurnBeforeWhatFollowsFromTheOneThatEnded) {
  serve(always(whole(file)));
  make_runner();
  std::uint64_t follower = 0;
  auto first = order(file);
  first.ended = [&](const TransferView&) { follower = runner->submit(order(file)).value_or(0); };
  const auto leader = runner->submit(first);
  const auto waiting = runner->submit(order(file));
  ASSERT_TRUE(leader && waiting);
  EXPECT_EQ(run_to_end(*leader), "OK");
  ASSERT_NE(follower, 0U);
  EXPECT_EQ(run_to_end(follower), "OK");
  const auto views = runner->views();
  ASSERT_EQ(views.size(), 3U);
  EXPECT_EQ(views[1].id, *waiting);
  EXPECT_EQ(views[2].id, follower);
}

TEST_F(Transfer, AnswersWithoutTheFileAreToldApart) {
  const std::pair<const char*, const char*> cases[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n", "SERVER_REFUSES"},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", "SERVER_REFUSES"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "SERVER_REFUSES"},
      {"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n", "SERVER_UNAVAILABLE"},
      {"HTTP/1.1 429 Slower\r\nContent-Length: 0\r\n\r\n", "SERVER_UNAVAILABLE"},
      {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "SERVER_REFUSES"},
      {"HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\n\r\nabcde", "RANGE_IGNORED"},
      {"220 mail.example ESMTP\r\n", "NOT_HTTP"},
      {"\x16\x03\x01 rubbish\r\n\r\n", "NOT_HTTP"},
  };
  for (const auto& [reply, code] : cases) {
    serve(always(reply));
    EXPECT_EQ(run(order(file)), code) << reply;
    EXPECT_EQ(kept(), "") << reply;
  }
}

TEST_F(Transfer, AServerThatSaysNothingHasLostTheConnection) {
  serve([](Peer&, const Request&, int) {});
  EXPECT_EQ(run(order(file)), "CONNECTION_LOST");
  EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(Transfer, AnotherFileGetsNoName) {
  serve(always(whole(content(100'000, 2))));
  EXPECT_EQ(run(order(file)), "HASH_MISMATCH");
  EXPECT_EQ(kept(), "");
  EXPECT_FALSE(part_exists());
  EXPECT_EQ(server->requests().size(), 1U);
}

TEST_F(Transfer, AnotherSizeIsNotPaidFor) {
  serve(stuck_after(file, 0));
  EXPECT_EQ(run(order(file, 99'999)), "SIZE_MISMATCH");
  EXPECT_FALSE(part_exists());
}

TEST_F(Transfer, AnAnnouncedGiantIsNotPaidFor) {
  limits.max_bytes = 50'000;
  serve(stuck_after(file, 0));
  EXPECT_EQ(run(order(file)), "TOO_LARGE");
}

TEST_F(Transfer, ABodyWithoutEndStopsAtTheCeiling) {
  limits.max_bytes = 50'000;
  serve([](Peer& peer, const Request&, int) {
    send(peer, "HTTP/1.1 200 OK\r\n\r\n");
    while (send(peer, content(4096))) {
    }
  });
  EXPECT_EQ(run(order(file)), "TOO_LARGE");
  EXPECT_LE(runner->views().back().bytes, limits.max_bytes);
}

TEST_F(Transfer, WhatDoesNotFitIsNotBegun) {
  limits.reserve_bytes = UINT64_MAX / 4;
  serve(stuck_after(file, 0));
  EXPECT_EQ(run(order(file, file.size())), "NO_SPACE");
  EXPECT_TRUE(server->requests().empty());
  EXPECT_EQ(run(order(file)), "NO_SPACE");
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(Transfer, AServerThatStopsIsAStall) {
  limits.stall = 1s;
  limits.fruitless_attempts = 1;
  serve(stuck_after(file, 0));
  EXPECT_EQ(run(order(file)), "STALLED");
}

TEST_F(Transfer, TimeHasAnEndThatAttemptsDoNotMove) {
  limits.time = 1s;
  serve(stuck_after(file, 1000));
  EXPECT_EQ(run(order(file)), "TIME_OVER");
  EXPECT_TRUE(part_exists());
  EXPECT_TRUE(helper_goes());
}

TEST_F(Transfer, RedirectsStayOnTheirHost) {
  serve(always(redirect("https://elsewhere.example/image")));
  EXPECT_EQ(run(order(file)), "REDIRECT_REFUSED");
  serve(always(redirect("http://broker.example.test/image")));
  EXPECT_EQ(run(order(file)), "REDIRECT_REFUSED");
  EXPECT_EQ(server->requests().size(), 1U);
  serve(always(redirect("again")));
  EXPECT_EQ(run(order(file)), "TOO_MANY_REDIRECTS");
  EXPECT_EQ(server->requests().size(), 4U);
}

TEST_F(Transfer, ARedirectOnTheSameHostIsFollowed) {
  serve([this](Peer& peer, const Request& request, int) {
    const bool there = request.head.starts_with("GET /v2/file ");
    send(peer, there ? whole(file) : redirect("/v2/file"));
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
}

TEST_F(Transfer, AWholeFileIsKeptUnderItsName) {
  serve(always(whole(file)));
  EXPECT_EQ(run(order(file, file.size())), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_FALSE(part_exists());
  const auto request = server->requests().at(0);
  EXPECT_THAT(request.head, testing::StartsWith("GET /image HTTP/1.1\r\n"));
  EXPECT_EQ(request.field("Host"), uplink::test::broker_host);
  EXPECT_EQ(request.field("Range"), "");
}

TEST_F(Transfer, ABodyInChunksIsAFile) {
  serve(always(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(run(order("abcde")), "OK");
  EXPECT_EQ(kept(), "abcde");
}

TEST_F(Transfer, AnEmptyFileIsAFile) {
  serve(always(whole("")));
  EXPECT_EQ(run(order("")), "OK");
  EXPECT_TRUE(std::filesystem::exists(folder + "/image.bin"));
}

TEST_F(Transfer, ABrokenOneGoesOnWhereItWas) {
  break_off(60'000, [this](const Request& request) { return proper(file, request); });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
  ASSERT_EQ(server->requests().size(), 2U);
  const auto second = server->requests().at(1);
  EXPECT_EQ(second.field("If-Range"), "\"v1\"");
  EXPECT_EQ(second.offset(), 60'000U);
}

TEST_F(Transfer, WithoutAStrongVersionItBeginsAgain) {
  serve([this](Peer& peer, const Request&, int connection) {
    const auto reply = whole(file, "W/\"weak\"");
    send(peer, connection == 0 ? reply.substr(0, reply.size() / 2) : reply);
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_EQ(server->requests().at(1).field("Range"), "");
}

TEST_F(Transfer, AServerThatKnowsNoRangesSendsItAnew) {
  break_off(60'000, [this](const Request&) { return whole(file); });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
}

TEST_F(Transfer, AChangedFileBeginsAgain) {
  const auto newer = content(120'000, 3);
  break_off(60'000, [&](const Request&) { return whole(newer, "\"v2\""); });
  EXPECT_EQ(run(order(newer)), "OK");
  EXPECT_TRUE(keeps(newer));
}

TEST_F(Transfer, ARestOfAnotherVersionIsNotPutBehind) {
  break_off(60'000, [this](const Request& request) {
    return request.offset() > 0 ? rest(file, 60'000, "\"v2\"") : whole(file, "\"v2\"");
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(Transfer, PiecesThatDoNotFitAreFetchedOnceMore) {
  const auto wrong = content(100'000, 4);
  break_off(60'000, [&](const Request& request) {
    return request.offset() > 0 ? rest(wrong, request.offset()) : whole(file);
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(Transfer, AWrongRangeBeginsAgain) {
  break_off(60'000, [this](const Request& request) {
    return request.offset() > 0 ? rest(file, 50'000) : whole(file);
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
}

TEST_F(Transfer, NothingBeyondTheEndMeansComplete) {
  const std::string beyond =
      "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */100000\r\n\r\n";
  serve([&](Peer& peer, const Request&, int connection) {
    // All bytes, without the end of the last chunk.
    send(peer, connection == 0 ? "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n"
                                 "\r\n186a0\r\n" +
                                     file
                               : beyond);
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
}

TEST_F(Transfer, AFileThatBecameShorterBeginsAgain) {
  const auto shorter = content(10'000, 5);
  break_off(60'000, [&](const Request& request) {
    return request.offset() > 0
               ? "HTTP/1.1 416 No\r\nContent-Range: bytes */10000\r\nContent-Length: 0\r\n\r\n"
               : whole(shorter, "\"v2\"");
  });
  EXPECT_EQ(run(order(shorter)), "OK");
  EXPECT_TRUE(keeps(shorter));
}

TEST_F(Transfer, ManySmallBreaksAreNoFailureWhileItGoesOn) {
  serve([this](Peer& peer, const Request& request, int) {
    const auto reply = proper(file, request);
    const auto body = file.size() - request.offset();
    send(peer, reply.substr(0, reply.size() - body + std::min<std::size_t>(body, 9000)));
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_EQ(server->requests().size(), 12U);
}

TEST_F(Transfer, ABusyServerIsAskedAgain) {
  serve([this](Peer& peer, const Request&, int connection) {
    send(peer, connection < 2 ? "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n" : whole(file));
  });
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_EQ(std::ranges::count_if(
                notes, [](const auto& note) { return note.starts_with("transfer_paused "); }),
            2);
}

TEST_F(Transfer, AKilledHelperIsNotTheEnd) {
  serve([this](Peer& peer, const Request& request, int connection) {
    if (connection > 0) return void(send(peer, proper(file, request)));
    send(peer, whole(file).substr(0, 50'000));
    peer.wait_for_end();
  });
  make_runner();
  const auto id = runner->submit(order(file));
  ASSERT_TRUE(id && run_until_moved(*id, 40'000));
  const auto helper_process = helper_pid();
  ASSERT_GT(helper_process, 0);
  ASSERT_EQ(::kill(helper_process, SIGKILL), 0);
  EXPECT_EQ(run_to_end(*id), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_GE(server->requests().at(1).offset(), 40'000U);
}

TEST_F(Transfer, ItOutlivesTheDaemon) {
  serve([this](Peer& peer, const Request& request, int connection) {
    if (connection > 0) return void(send(peer, proper(file, request)));
    send(peer, whole(file).substr(0, 50'000));
    peer.wait_for_end();
  });
  make_runner();
  const auto id = runner->submit(order(file));
  ASSERT_TRUE(id && run_until_moved(*id, 40'000));
  make_runner();
  EXPECT_TRUE(helper_goes());
  EXPECT_TRUE(part_exists());
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_TRUE(keeps(file));
  EXPECT_GE(server->requests().at(1).offset(), 40'000U);
}

TEST_F(Transfer, ACancelledOneLeavesNothing) {
  serve(stuck_after(file, 50'000));
  make_runner();
  const auto id = runner->submit(order(file));
  ASSERT_TRUE(id && run_until_moved(*id, 50'000));
  EXPECT_TRUE(runner->end_all({TransferCode::cancelled, {}}));
  EXPECT_EQ(view(*id).code, "CANCELLED");
  EXPECT_FALSE(part_exists());
  EXPECT_TRUE(helper_goes());
}

TEST_F(Transfer, WhatWaitsIsFetchedNext) {
  serve(always(whole(file)));
  make_runner();
  auto second = order(file);
  second.name = "second.bin";
  const auto first_id = runner->submit(order(file));
  const auto second_id = runner->submit(second);
  ASSERT_TRUE(first_id && second_id);
  EXPECT_EQ(view(*second_id).state, TransferView::State::waiting);
  EXPECT_EQ(run_to_end(*second_id), "OK");
  EXPECT_EQ(view(*first_id).code, "OK");
  EXPECT_TRUE(keeps(file, "second.bin"));
}

TEST_F(Transfer, TheRateHasACeiling) {
  limits.bytes_per_s = 50'000;
  serve(always(whole(file)));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 1s);
}

TEST_F(Transfer, TheHelperIsConfined) {
  // A descriptor that somebody forgot to close on exec.
  const auto leaked = temp.file("leaked", "");
  const int leak = ::open(leaked.c_str(), O_RDONLY);  // NOLINT(android-cloexec-open): on purpose
  serve(stuck_after(file, 50'000));
  make_runner();
  const auto id = runner->submit(order(file));
  ASSERT_TRUE(id && run_until_moved(*id, 50'000));
  const auto process = "/proc/" + std::to_string(helper_pid());
  for (const auto& entry : std::filesystem::directory_iterator(process + "/fd"))
    EXPECT_NE(std::filesystem::read_symlink(entry), leaked) << entry;
  ::close(leak);
  EXPECT_EQ(line_of(process + "/status", "NoNewPrivs:"), "NoNewPrivs:\t1");
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
  EXPECT_EQ(line_of(process + "/status", "Seccomp:"), "Seccomp:\t2");
  EXPECT_THAT(line_of(process + "/limits", "Max address space"), HasSubstr(" 268435456 "));
#endif
  EXPECT_EQ(line_of(process + "/status", "Umask:"), "Umask:\t0077");
  EXPECT_THAT(line_of(process + "/limits", "Max open files"), HasSubstr(" 16 "));
  EXPECT_THAT(line_of(process + "/limits", "Max file size"),
              HasSubstr(" " + std::to_string(limits.max_bytes) + " "));
}

struct BadHelper : Transfer {
  std::string run_script(const std::string& script) {
    helper = temp.file("helper", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
    serve(always(whole(file)));
    make_runner();
    return run(order(file));
  }
};

TEST_F(BadHelper, OneThatBabblesIsKilled) {
  EXPECT_EQ(run_script("exec yes"), "HELPER_FAILED");
  EXPECT_EQ(run_script("echo got=1; echo rubbish; exec sleep 60"), "HELPER_FAILED");
}

TEST_F(BadHelper, OneThatEndsWithoutAWordIsNoSuccess) {
  EXPECT_EQ(run_script("exit 0"), "SERVER_REFUSES");
  EXPECT_EQ(run_script("exit 77"), "HELPER_FAILED");
  EXPECT_EQ(run_script("kill -9 $$"), "HELPER_FAILED");
}

TEST_F(BadHelper, OneThatLiesIsFoundOut) {
  EXPECT_EQ(run_script("echo status=200; echo from=0; echo total=5; echo got=5; exit 0"),
            "HASH_MISMATCH");
  EXPECT_EQ(kept(), "");
}

TEST_F(BadHelper, ItIsGivenNoEnvironment) {
  ::setenv("https_proxy", "http://192.0.2.1", 1);
  run_script("/usr/bin/env >" + (temp / "env"));
  ::unsetenv("https_proxy");
  const auto environment = uplink::test::read_file(temp / "env");
  EXPECT_THAT(environment, HasSubstr("PWD=")) << "what the shell sets by itself: it did run";
  EXPECT_THAT(environment, testing::Not(HasSubstr("proxy")));
}

}  // namespace
}  // namespace oobm::daemon::test
