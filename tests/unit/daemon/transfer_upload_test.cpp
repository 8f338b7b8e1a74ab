#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/transfer_bench.hpp"

namespace oobm::daemon::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
const std::string taken = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

// What has come of the body, at most `most` bytes of it.
std::string body_of(Peer& peer, const Request& request, std::size_t most = SIZE_MAX) {
  const auto size = std::min<std::size_t>(most, std::stoul("0" + request.field("Content-Length")));
  auto body = request.head.substr(request.head.find("\r\n\r\n") + 4);
  while (body.size() < size) {
    const auto more = peer.read_some();
    if (more.empty()) break;
    body += more;
  }
  return body;
}

std::string status(const std::string& line) {
  return "HTTP/1.1 " + line + "\r\nContent-Length: 0\r\n\r\n";
}
std::string moved_to(int code, const std::string& location) {
  return "HTTP/1.1 " + std::to_string(code) +
         " Moved\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n";
}

struct Upload : testing::Test, TransferBench {
  const std::string file = content(160'000);
  std::vector<std::string> bodies;  // that arrived whole or in part; read when the run has ended

  // Takes the body of each request, then answers.
  void take(std::function<std::string(const Request&)> answer) {
    serve([this, answer = std::move(answer)](Peer& peer, const Request& request, int) {
      send(peer, go_on);
      bodies.push_back(body_of(peer, request));
      send(peer, answer(request));
      peer.wait_for_end();
    });
  }
  // Answers without a word of wanting it.
  void refuse(const std::string& reply) {
    serve([this, reply](Peer& peer, const Request& request, int) {
      send(peer, reply);
      bodies.push_back(body_of(peer, request));
    });
  }
  [[nodiscard]] TransferOrder upload(const std::string& target = "/bundle") const {
    TransferOrder order;
    order.url = url(target);
    order.name = "bundle.json";
    order.content = std::make_shared<const MemoryFile>(*MemoryFile::of("test", file));
    order.content_type = "application/json";
    return order;
  }
  // Not compared as text: a hundred thousand bytes are no message.
  [[nodiscard]] bool arrived(std::size_t times = 1) {
    server.reset();
    return bodies == std::vector<std::string>(times, file);
  }
  std::string run_script(const std::string& script) {
    helper = temp.file("helper", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
    make_runner();
    return run(upload());
  }
};

TEST_F(Upload, WhatCanBeRefusedAtOnceOpensNoLink) {
  take([](const Request&) { return taken; });
  const auto refused = [&](auto change) {
    auto wanted = upload();
    change(wanted);
    return run(wanted);
  };
  EXPECT_EQ(refused([](auto& o) { o.url = "bundles.example"; }), "URL_MALFORMED");
  EXPECT_EQ(refused([](auto& o) { o.url = "http://broker.example.test/"; }), "URL_NOT_HTTPS");
  EXPECT_EQ(refused([](auto& o) { o.url = "https://elsewhere.example/"; }), "HOST_NOT_ALLOWED");
  uploads.max_bytes = file.size() - 1;
  make_runner();
  EXPECT_EQ(run(upload()), "TOO_LARGE");
  uploads.max_bytes = file.size();
  helper = temp / "no-such-program";
  make_runner();
  EXPECT_EQ(run(upload()), "NOT_INSTALLED");
  EXPECT_EQ(uplink.permit.asked, 0);
  EXPECT_TRUE(notes.empty());
}

TEST_F(Upload, WithoutPermissionNothingIsSent) {
  take([](const Request&) { return taken; });
  uplink.permit.refusal = uplink::Refusal{"SUSPENDED", "not now"};
  EXPECT_EQ(run(upload()), "NOT_IN_SERVICE");
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(Upload, AServerOfAnotherAuthorityGetsNothing) {
  take([](const Request&) { return taken; });
  anchors = uplink::test::read_file(uplink::test::Certificates::get().stranger_authority());
  EXPECT_EQ(run(upload()), "LINK_NOT_TRUSTED");
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(Upload, WhatTheServerDoesNotWantIsNotPaidFor) {
  const std::pair<std::string, const char*> cases[] = {
      {status("403 Forbidden"), "SERVER_REFUSES"},
      {status("404 Not Found"), "SERVER_REFUSES"},
      {status("417 Expectation Failed"), "SERVER_REFUSES"},
      {moved_to(303, "/elsewhere"), "SERVER_REFUSES"},
      {status("413 Content Too Large"), "TOO_LARGE"},
      {"220 mail.example ESMTP\r\n", "NOT_HTTP"},
  };
  for (const auto& [reply, code] : cases) {
    refuse(reply);
    EXPECT_EQ(run(upload()), code) << reply;
    EXPECT_EQ(server->requests().size(), 1U) << reply;
    server.reset();
    for (const auto& body : std::exchange(bodies, {})) EXPECT_EQ(body.size(), 0U) << reply;
  }
}

TEST_F(Upload, ARefusalAfterTheLastByteIsOneToo) {
  take([](const Request&) { return status("422 Unprocessable Content"); });
  EXPECT_EQ(run(upload()), "SERVER_REFUSES");
  EXPECT_THAT(runner->views().back().sentence, HasSubstr("(HTTP 422)"));
}

TEST_F(Upload, AServerThatCannotAnswerNowIsAskedAFewTimes) {
  refuse(status("503 Later"));
  EXPECT_EQ(run(upload()), "SERVER_UNAVAILABLE");
  EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(Upload, AnAnswerBeforeTheLastByteTakesNothing) {
  refuse(taken);
  EXPECT_EQ(run(upload()), "CONNECTION_LOST");
}

TEST_F(Upload, OneThatBreaksOffBeginsAnew) {
  serve([this](Peer& peer, const Request& request, int connection) {
    send(peer, go_on);
    if (connection == 0) return void(body_of(peer, request, 50'000));
    bodies.push_back(body_of(peer, request));
    send(peer, taken);
    peer.wait_for_end();
  });
  EXPECT_EQ(run(upload()), "OK");
  EXPECT_EQ(server->requests().size(), 2U);
  EXPECT_TRUE(arrived());
}

TEST_F(Upload, ItsAttemptsHaveAnEnd) {
  serve([](Peer& peer, const Request& request, int) {
    send(peer, go_on);
    body_of(peer, request, 50'000);
  });
  EXPECT_EQ(run(upload()), "CONNECTION_LOST");
  EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(Upload, AServerThatTakesNothingIsAStall) {
  uploads.stall = 1s;
  uploads.fruitless_attempts = 1;
  serve([](Peer& peer, const Request&, int) {
    send(peer, go_on);
    peer.wait_for_end();
  });
  EXPECT_EQ(run(upload()), "STALLED");
}

TEST_F(Upload, TimeHasAnEnd) {
  uploads.time = 1s;
  serve([](Peer& peer, const Request&, int) {
    send(peer, go_on);
    peer.wait_for_end();
  });
  EXPECT_EQ(run(upload()), "TIME_OVER");
}

TEST_F(Upload, RedirectsStayOnTheirHost) {
  refuse(moved_to(307, "https://elsewhere.example/bundle"));
  EXPECT_EQ(run(upload()), "REDIRECT_REFUSED");
  refuse(moved_to(308, "again"));
  EXPECT_EQ(run(upload()), "TOO_MANY_REDIRECTS");
  EXPECT_EQ(server->requests().size(), 4U);
  server.reset();
  for (const auto& body : bodies) EXPECT_EQ(body.size(), 0U);
}

TEST_F(Upload, ARedirectOnTheSameHostIsFollowedWithTheFile) {
  serve([this](Peer& peer, const Request& request, int connection) {
    if (connection == 0) return void(send(peer, moved_to(307, "/v2/bundle")));
    EXPECT_THAT(request.head, StartsWith("PUT /v2/bundle HTTP/1.1\r\n"));
    send(peer, go_on);
    bodies.push_back(body_of(peer, request));
    send(peer, taken);
    peer.wait_for_end();
  });
  EXPECT_EQ(run(upload()), "OK");
  EXPECT_TRUE(arrived());
}

TEST_F(Upload, TheWholeFileArrives) {
  take([](const Request&) { return taken; });
  EXPECT_EQ(run(upload("/bundles/1?key=a%2Fb")), "OK");
  const auto view = runner->views().back();
  EXPECT_TRUE(view.sent);
  EXPECT_EQ(view.bytes, file.size());
  EXPECT_EQ(view.total, file.size());
  const auto request = server->requests().at(0);
  EXPECT_THAT(request.head, StartsWith("PUT /bundles/1?key=a%2Fb HTTP/1.1\r\n"));
  EXPECT_EQ(request.field("Content-Type"), "application/json");
  EXPECT_EQ(request.field("Content-Length"), std::to_string(file.size()));
  EXPECT_EQ(request.field("Transfer-Encoding"), "");
  EXPECT_TRUE(arrived());
  EXPECT_FALSE(std::filesystem::exists(folder)) << "it never touches the flash";
  // The address may hold a key.
  for (const auto& note : notes) EXPECT_THAT(note, testing::Not(HasSubstr("a%2Fb")));
}

TEST_F(Upload, AServerThatKnowsNoExpectationGetsItAllTheSame) {
  serve([this](Peer& peer, const Request& request, int) {
    bodies.push_back(body_of(peer, request));
    send(peer, taken);
    peer.wait_for_end();
  });
  EXPECT_EQ(run(upload()), "OK");
  EXPECT_TRUE(arrived());
}

TEST_F(Upload, ItWaitsForWhatIsUnderWay) {
  take([](const Request&) { return taken; });
  make_runner();
  ASSERT_TRUE(runner->submit(upload()));
  const auto second = runner->submit(upload());
  ASSERT_TRUE(second);
  EXPECT_EQ(run(upload()), "BUSY");
  EXPECT_EQ(run_to_end(*second), "OK");
  EXPECT_TRUE(arrived(2));
}

TEST_F(Upload, AHelperThatLiesMakesNoSuccess) {
  take([](const Request&) { return taken; });
  EXPECT_EQ(run_script("echo status=200; exit 0"), "CONNECTION_LOST");
  EXPECT_EQ(run_script("echo status=201; echo got=5; exit 0"), "CONNECTION_LOST");
}

TEST_F(Upload, AHelperThatCannotSendSaysSo) {
  take([](const Request&) { return taken; });
  EXPECT_EQ(run_script("echo 'detail=more lines than a job has'; exit 10"), "HELPER_FAILED");
  EXPECT_THAT(runner->views().back().sentence, HasSubstr("more lines than a job has"));
}

}  // namespace
}  // namespace oobm::daemon::test
