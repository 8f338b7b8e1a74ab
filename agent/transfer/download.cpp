#include "agent/transfer/download.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>
#include <unistd.h>

namespace oobm::transfer {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = Report::Kind;

constexpr int status_ok = 200;
constexpr int status_partial = 206;
constexpr int status_bad_range = 416;
constexpr long buffer_bytes = 16 * 1024;

struct CurlEnd {
  void operator()(CURL* curl) const { ::curl_easy_cleanup(curl); }
};
struct ListEnd {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};

struct ContentRange {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> total;
};

std::optional<std::uint64_t> leading_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return value;
}

// "bytes 100-199/200", "bytes 100-199/*", "bytes */200" (RFC 9110 section 14.4).
ContentRange parse_content_range(std::string_view text) {
  ContentRange range;
  if (!text.starts_with("bytes ")) return range;
  text.remove_prefix(6);
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return range;
  auto total = text.substr(slash + 1);
  range.total = leading_number(total);
  if (text.starts_with('*')) return range;
  const auto first = leading_number(text);
  if (text.starts_with('-')) range.first = first;
  return range;
}

class Download {
 public:
  Download(const Job& job, const std::function<bool(const Report&)>& tell)
      : job_(job), tell_(tell), curl_(::curl_easy_init()) {}

  Exit run() {
    if (!curl_ || !set_options()) return Exit::library;
    began_ = Clock::now();
    const auto code = ::curl_easy_perform(curl_.get());
    if (!verdict_) verdict_ = judge(code);
    report(Kind::got, written_);
    if (*verdict_ != Exit::finished) report(Kind::detail, 0, ::curl_easy_strerror(code));
    return *verdict_;
  }

 private:
  template <class T>
  bool set(CURLoption option, T value) {
    return ::curl_easy_setopt(curl_.get(), option, value) == CURLE_OK;
  }

  bool set_options() { return set_request() && set_limits() && set_callbacks(); }

  bool set_request() {
    // The name was resolved and proved by others; an address keeps libcurl from asking anybody.
    const std::string url = "http://192.0.2.1" + job_.target;
    add_field("Host: " + job_.host);
    add_field("Accept:");
    add_field("Accept-Encoding: identity");
    add_field("Connection: close");
    if (job_.offset > 0) {
      add_field("Range: bytes=" + std::to_string(job_.offset) + "-");
      add_field("If-Range: " + job_.validator);
    }
    return fields_ && set(CURLOPT_URL, url.c_str()) && set(CURLOPT_HTTPHEADER, fields_.get()) &&
           set(CURLOPT_USERAGENT, job_.user_agent.c_str()) && set(CURLOPT_PROXY, "") &&
           set(CURLOPT_NOPROXY, "*") && set(CURLOPT_PROTOCOLS_STR, "http") &&
           set(CURLOPT_PATH_AS_IS, 1L) && set(CURLOPT_FOLLOWLOCATION, 0L) &&
           set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) &&
           set(CURLOPT_HTTP_CONTENT_DECODING, 0L) && set(CURLOPT_NOSIGNAL, 1L);
  }

  void add_field(const std::string& field) {
    auto* longer = ::curl_slist_append(fields_.get(), field.c_str());
    if (longer == nullptr) return;
    (void)fields_.release();
    fields_.reset(longer);
  }

  bool set_limits() {
    return set(CURLOPT_TIMEOUT, static_cast<long>(job_.time_limit_s)) &&
           set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(job_.min_bytes_per_s)) &&
           set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(job_.stall_s)) &&
           set(CURLOPT_MAX_RECV_SPEED_LARGE, static_cast<curl_off_t>(job_.bytes_per_s)) &&
           set(CURLOPT_BUFFERSIZE, buffer_bytes);
  }

  bool set_callbacks() {
    const curl_opensocket_callback open = [](void*, curlsocktype, curl_sockaddr*) -> curl_socket_t {
      return link_descriptor;
    };
    const curl_sockopt_callback connected = [](void*, curl_socket_t, curlsocktype) -> int {
      return CURL_SOCKOPT_ALREADY_CONNECTED;
    };
    const curl_write_callback head = [](char* data, std::size_t, std::size_t bytes,
                                        void* self) -> std::size_t {
      return static_cast<Download*>(self)->take_field({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
    };
    const curl_write_callback body = [](char* data, std::size_t, std::size_t bytes,
                                        void* self) -> std::size_t {
      return static_cast<Download*>(self)->take({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
    };
    const curl_xferinfo_callback progress = [](void* self, curl_off_t, curl_off_t, curl_off_t,
                                               curl_off_t) -> int {
      return static_cast<Download*>(self)->tick() ? 0 : 1;
    };
    return set(CURLOPT_OPENSOCKETFUNCTION, open) && set(CURLOPT_SOCKOPTFUNCTION, connected) &&
           set(CURLOPT_HEADERFUNCTION, head) && set(CURLOPT_HEADERDATA, this) &&
           set(CURLOPT_WRITEFUNCTION, body) && set(CURLOPT_WRITEDATA, this) &&
           set(CURLOPT_NOPROGRESS, 0L) && set(CURLOPT_XFERINFOFUNCTION, progress) &&
           set(CURLOPT_XFERINFODATA, this);
  }

  bool report(Kind kind, std::uint64_t number, std::string text = {}) {
    return tell_({.kind = kind, .number = number, .text = std::move(text)});
  }

  bool tick() {
    const auto now = Clock::now();
    if (written_ == told_ || now - told_at_ < std::chrono::milliseconds(job_.progress_ms))
      return true;
    told_ = written_;
    told_at_ = now;
    return report(Kind::got, written_);
  }

  std::string_view field(const char* name) {
    curl_header* header = nullptr;
    const auto found = ::curl_easy_header(curl_.get(), name, 0, CURLH_HEADER, -1, &header);
    return found == CURLHE_OK ? std::string_view(header->value) : std::string_view();
  }

  bool end(Exit verdict) {
    if (!verdict_) verdict_ = verdict;
    return false;
  }

  // One line of the head; an empty one ends it. What came before the final response does not count
  // (RFC 9110 section 15.2).
  bool take_field(std::string_view line) {
    if (line != "\r\n" && line != "\n") return true;
    long status = 0;
    ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status < status_ok || responded_ || respond(status);
  }

  // The head of the response has arrived. False: its body is not wanted.
  bool respond(long status) {
    responded_ = true;
    report(Kind::status, static_cast<std::uint64_t>(status));
    if (status == status_ok) return begin_whole();
    if (status == status_partial) return begin_rest();
    if (const auto total = parse_content_range(field("Content-Range")).total;
        total && status == status_bad_range)
      report(Kind::total, *total);
    if (const auto place = field("Location"); !place.empty()) tell_location(place);
    return end(Exit::finished);
  }

  // A reference that is cut would lead elsewhere: too long is as good as none.
  void tell_location(std::string_view place) {
    if (place.size() <= max_target_bytes) report(Kind::location, 0, std::string(place));
  }

  bool begin_whole() {
    written_ = 0;
    if (::ftruncate(file_descriptor, 0) != 0) return end(Exit::write_failed);
    auto length = field("Content-Length");
    // RFC 9112 section 6.3: the length of a body in chunks is not said in advance.
    return begin(field("Transfer-Encoding").empty() ? leading_number(length) : std::nullopt);
  }

  bool begin_rest() {
    const auto range = parse_content_range(field("Content-Range"));
    if (job_.offset == 0 || range.first != job_.offset) return end(Exit::wrong_range);
    written_ = job_.offset;
    return begin(range.total);
  }

  bool begin(std::optional<std::uint64_t> total) {
    if (::lseek(file_descriptor, static_cast<off_t>(written_), SEEK_SET) < 0)
      return end(Exit::write_failed);
    report(Kind::from, written_);
    if (total) report(Kind::total, *total);
    tell_validator();
    return !total || *total <= job_.max_bytes || end(Exit::too_large);
  }

  // A weak ETag does not stand for the same bytes (RFC 9110 section 8.8.1).
  void tell_validator() {
    auto text = field("ETag");
    if (!text.starts_with('"')) text = field("Last-Modified");
    if (!text.empty() && text.size() <= max_validator_bytes)
      report(Kind::validator, 0, std::string(text));
  }

  bool take(std::string_view bytes) {
    if (!responded_ || verdict_) return false;
    if (bytes.size() > job_.max_bytes - written_) return end(Exit::too_large);
    while (!bytes.empty()) {
      const auto step = std::min<std::uint64_t>(bytes.size(), sync_step - written_ % sync_step);
      if (!put(bytes.substr(0, step))) return false;
      bytes.remove_prefix(step);
    }
    return true;
  }

  // At most up to the next multiple of sync_step.
  bool put(std::string_view bytes) {
    if (written_ > 0 && written_ % sync_step == 0 && ::fdatasync(file_descriptor) != 0)
      return end(Exit::write_failed);
    while (!bytes.empty()) {
      const auto put = ::write(file_descriptor, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0)
        return end(errno == ENOSPC || errno == EDQUOT ? Exit::no_space : Exit::write_failed);
      written_ += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  Exit judge(CURLcode code) const {
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

  const Job& job_;
  const std::function<bool(const Report&)>& tell_;
  std::unique_ptr<CURL, CurlEnd> curl_;
  std::unique_ptr<curl_slist, ListEnd> fields_;
  Clock::time_point began_;
  Clock::time_point told_at_;
  std::uint64_t written_ = job_.offset;
  std::uint64_t told_ = job_.offset;
  bool responded_ = false;
  std::optional<Exit> verdict_;  // found before libcurl has ended
};

}  // namespace

bool prepare_download() { return ::curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK; }

Exit download(const Job& job, const std::function<bool(const Report&)>& tell) {
  return Download(job, tell).run();
}

}  // namespace oobm::transfer
