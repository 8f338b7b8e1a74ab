#include "agent/transfer/download.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

#include <unistd.h>

namespace oobm::transfer {
namespace {

using Kind = Report::Kind;

constexpr long status_partial = 206;
constexpr long status_bad_range = 416;

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

class Download final : public Request {
 public:
  Download(const Job& job, const Tell& tell) : Request(job, tell) { moved_ = job.offset; }

 private:
  bool set_direction() override {
    add_field("Accept-Encoding: identity");
    if (job_.offset > 0) {
      add_field("Range: bytes=" + std::to_string(job_.offset) + "-");
      add_field("If-Range: " + job_.validator);
    }
    return true;
  }

  bool respond(long status) override {
    if (status == status_ok) return begin_whole();
    if (status == status_partial) return begin_rest();
    if (const auto total = parse_content_range(field("Content-Range")).total;
        total && status == status_bad_range)
      report(Kind::total, *total);
    return end_here();
  }

  bool begin_whole() {
    moved_ = 0;
    if (::ftruncate(file_descriptor, 0) != 0) return end(Exit::write_failed);
    auto length = field("Content-Length");
    // RFC 9112 section 6.3: the length of a body in chunks is not said in advance.
    return begin(field("Transfer-Encoding").empty() ? leading_number(length) : std::nullopt);
  }

  bool begin_rest() {
    const auto range = parse_content_range(field("Content-Range"));
    if (job_.offset == 0 || range.first != job_.offset) return end(Exit::wrong_range);
    moved_ = job_.offset;
    return begin(range.total);
  }

  bool begin(std::optional<std::uint64_t> total) {
    if (::lseek(file_descriptor, static_cast<off_t>(moved_), SEEK_SET) < 0)
      return end(Exit::write_failed);
    report(Kind::from, moved_);
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

  bool take(std::string_view bytes) override {
    if (bytes.size() > job_.max_bytes - moved_) return end(Exit::too_large);
    while (!bytes.empty()) {
      const auto step = std::min<std::uint64_t>(bytes.size(), sync_step - moved_ % sync_step);
      if (!put(bytes.substr(0, step))) return false;
      bytes.remove_prefix(step);
    }
    return true;
  }

  // At most up to the next multiple of sync_step.
  bool put(std::string_view bytes) {
    if (moved_ > 0 && moved_ % sync_step == 0 && ::fdatasync(file_descriptor) != 0)
      return end(Exit::write_failed);
    while (!bytes.empty()) {
      const auto put = ::write(file_descriptor, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0)
        return end(errno == ENOSPC || errno == EDQUOT ? Exit::no_space : Exit::write_failed);
      moved_ += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
};

}  // namespace

Exit download(const Job& job, const Tell& tell) { return Download(job, tell).run(); }

}  // namespace oobm::transfer
