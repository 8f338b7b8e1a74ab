#include "agent/transfer/request.hpp"

#include <utility>

namespace oobm::transfer {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = Report::Kind;

constexpr long buffer_bytes = 16 * 1024;

}  // namespace

bool prepare_requests() { return ::curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK; }

Request::Request(const Job& job, const Tell& tell)
    : job_(job), tell_(tell), curl_(::curl_easy_init()) {}

Exit Request::run() {
  const bool ready = curl_ && set_request() && set_direction() && set_limits() && set_callbacks() &&
                     set(CURLOPT_HTTPHEADER, fields_.get());
  if (!ready) {
    report(Kind::detail, 0, "libcurl cannot be set up, option " + std::to_string(refused_));
    return Exit::library;
  }
  told_ = moved_;
  began_ = Clock::now();
  const auto code = ::curl_easy_perform(curl_.get());
  if (!verdict_) verdict_ = judge(code);
  report(Kind::got, moved_);
  if (*verdict_ != Exit::finished) report(Kind::detail, 0, words(code));
  return *verdict_;
}

bool Request::set_request() {
  // The name was resolved and proved by others; an address keeps libcurl from asking anybody.
  const std::string url = "http://192.0.2.1" + job_.target;
  add_field("Host: " + job_.host);
  add_field("Accept:");
  add_field("Connection: close");
  return fields_ && set(CURLOPT_URL, url.c_str()) &&
         set(CURLOPT_USERAGENT, job_.user_agent.c_str()) && use_no_proxy() &&
         set(CURLOPT_ERRORBUFFER, words_.data()) && set(CURLOPT_PROTOCOLS_STR, "http") &&
         set(CURLOPT_PATH_AS_IS, 1L) && set(CURLOPT_FOLLOWLOCATION, 0L) &&
         set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) &&
         set(CURLOPT_HTTP_CONTENT_DECODING, 0L) && set(CURLOPT_NOSIGNAL, 1L);
}

// One that was built without proxies does not know the options.
bool Request::use_no_proxy() {
  const auto unknown = ::curl_easy_setopt(curl_.get(), CURLOPT_PROXY, "") == CURLE_UNKNOWN_OPTION;
  return unknown || (set(CURLOPT_PROXY, "") && set(CURLOPT_NOPROXY, "*"));
}

void Request::add_field(const std::string& field) {
  auto* longer = ::curl_slist_append(fields_.get(), field.c_str());
  if (longer == nullptr) return;
  (void)fields_.release();
  fields_.reset(longer);
}

bool Request::set_limits() {
  return set(CURLOPT_TIMEOUT, static_cast<long>(job_.time_limit_s)) &&
         set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(job_.min_bytes_per_s)) &&
         set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(job_.stall_s)) &&
         set(CURLOPT_MAX_RECV_SPEED_LARGE, static_cast<curl_off_t>(job_.bytes_per_s)) &&
         set(CURLOPT_MAX_SEND_SPEED_LARGE, static_cast<curl_off_t>(job_.bytes_per_s)) &&
         set(CURLOPT_BUFFERSIZE, buffer_bytes) && set(CURLOPT_UPLOAD_BUFFERSIZE, buffer_bytes);
}

bool Request::set_callbacks() {
  const curl_opensocket_callback open = [](void*, curlsocktype, curl_sockaddr*) -> curl_socket_t {
    return link_descriptor;
  };
  const curl_sockopt_callback connected = [](void*, curl_socket_t, curlsocktype) -> int {
    return CURL_SOCKOPT_ALREADY_CONNECTED;
  };
  const curl_write_callback head = [](char* data, std::size_t, std::size_t bytes,
                                      void* self) -> std::size_t {
    return static_cast<Request*>(self)->take_field({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
  };
  const curl_write_callback body = [](char* data, std::size_t, std::size_t bytes,
                                      void* self) -> std::size_t {
    return static_cast<Request*>(self)->take_body({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
  };
  const curl_xferinfo_callback progress = [](void* self, curl_off_t, curl_off_t, curl_off_t,
                                             curl_off_t) -> int {
    return static_cast<Request*>(self)->tick() ? 0 : 1;
  };
  return set(CURLOPT_OPENSOCKETFUNCTION, open) && set(CURLOPT_SOCKOPTFUNCTION, connected) &&
         set(CURLOPT_HEADERFUNCTION, head) && set(CURLOPT_HEADERDATA, this) &&
         set(CURLOPT_WRITEFUNCTION, body) && set(CURLOPT_WRITEDATA, this) &&
         set(CURLOPT_NOPROGRESS, 0L) && set(CURLOPT_XFERINFOFUNCTION, progress) &&
         set(CURLOPT_XFERINFODATA, this);
}

bool Request::tick() {
  const auto now = Clock::now();
  if (moved_ == told_ || now - told_at_ < std::chrono::milliseconds(job_.progress_ms)) return true;
  told_ = moved_;
  told_at_ = now;
  return report(Kind::got, moved_);
}

std::string_view Request::field(const char* name) {
  curl_header* header = nullptr;
  const auto found = ::curl_easy_header(curl_.get(), name, 0, CURLH_HEADER, -1, &header);
  return found == CURLHE_OK ? std::string_view(header->value) : std::string_view();
}

bool Request::end(Exit verdict) {
  if (!verdict_) verdict_ = verdict;
  return false;
}

// A reference that is cut would lead elsewhere: too long is as good as none.
bool Request::end_here() {
  if (const auto place = field("Location"); !place.empty() && place.size() <= max_target_bytes)
    report(Kind::location, 0, std::string(place));
  return end(Exit::finished);
}

// One line of the head; an empty one ends it. What came before the final response does not count
// (RFC 9110 section 15.2).
bool Request::take_field(std::string_view line) {
  if (line != "\r\n" && line != "\n") return true;
  long status = 0;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < status_ok || responded_) return true;
  responded_ = true;
  report(Kind::status, static_cast<std::uint64_t>(status));
  return respond(status);
}

// libcurl's own about what happened; not every failure has some.
std::string Request::words(CURLcode code) const {
  return words_.front() != '\0' ? words_.data() : "libcurl's error " + std::to_string(code);
}

Exit Request::judge(CURLcode code) const {
  switch (code) {
    case CURLE_OK:
      return responded_ ? Exit::finished : Exit::not_http;
    case CURLE_OPERATION_TIMEDOUT:
      return Clock::now() - began_ >= std::chrono::seconds(job_.time_limit_s) ? Exit::time_over
                                                                              : Exit::stalled;
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_TOO_LARGE:  // head of the response
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
      return Exit::not_http;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_COULDNT_CONNECT:
      return Exit::link_ended;
    default:
      return Exit::library;
  }
}

}  // namespace oobm::transfer
