// One HTTP request over the link that the helper was given, and its response. Which way the file
// goes is said by those who derive from it (download.hpp, upload.hpp); here is what holds for both:
// HTTP/1.1, no redirect followed, bounded time and rate, and reports on the way.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "agent/transfer/protocol.hpp"

namespace oobm::transfer {

inline constexpr long status_ok = 200;

// False from it ends the request (nobody listens any more).
using Tell = std::function<bool(const Report&)>;

// libcurl's global state, initialised once. False: it cannot be.
bool prepare_requests();

class Request {
 public:
  // Both outlive it.
  Request(const Job& job, const Tell& tell);
  virtual ~Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Blocks until the response has ended, for at most job.time_limit_s. Called once.
  Exit run();

 protected:
  // Fields and options of this way.
  virtual bool set_direction() = 0;
  // The head of the final response has arrived and its status was reported. False: its body is not
  // wanted.
  virtual bool respond(long status) = 0;
  // Of the body. False: no more of it.
  virtual bool take(std::string_view bytes) = 0;

  template <class T>
  bool set(CURLoption option, T value) {
    if (::curl_easy_setopt(curl_.get(), option, value) == CURLE_OK) return true;
    refused_ = option;
    return false;
  }
  void add_field(const std::string& field);
  bool report(Report::Kind kind, std::uint64_t number, std::string text = {}) {
    return tell_({.kind = kind, .number = number, .text = std::move(text)});
  }
  // Of the response; empty where it has none. Good until the next call.
  std::string_view field(const char* name);
  // Where the next request may go is the daemon's decision. Always false.
  bool end_here();
  // The first verdict stands. Always false.
  bool end(Exit verdict);

  const Job& job_;
  std::uint64_t moved_ = 0;      // bytes of the file that were written, or handed to the link
  std::optional<Exit> verdict_;  // found before libcurl has ended

 private:
  struct CurlEnd {
    void operator()(CURL* curl) const { ::curl_easy_cleanup(curl); }
  };
  struct ListEnd {
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
  };

  bool set_request();
  bool use_no_proxy();
  bool set_limits();
  bool set_callbacks();
  bool take_field(std::string_view line);
  bool take_body(std::string_view bytes) { return responded_ && !verdict_ && take(bytes); }
  bool tick();
  [[nodiscard]] std::string words(CURLcode code) const;
  [[nodiscard]] Exit judge(CURLcode code) const;

  const Tell& tell_;
  std::array<char, CURL_ERROR_SIZE> words_{};  // outlives the handle, which writes into it
  int refused_ = 0;                            // the option that libcurl did not take
  std::unique_ptr<CURL, CurlEnd> curl_;
  std::unique_ptr<curl_slist, ListEnd> fields_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point told_at_;
  std::uint64_t told_ = 0;
  bool responded_ = false;
};

}  // namespace oobm::transfer
