// What the daemon and its transfer helper say to each other. The daemon never reads HTTP and the
// helper never sees TLS, a name server or a path: it is given one connected socket, one open file
// and a job, and answers with a few bounded lines. Whatever comes from the helper may have been
// written by a hostile server, so its lines are parsed as strictly as if they came from the
// network.
//
// Job (standard input, then its end) and reports (standard output): one "key=value" a line. The
// exit status says how it ended. docs/transfer.md describes all of it. A job that fetches has no
// line about sending, so that a helper of before still understands it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::transfer {

// Descriptors that the helper is started with, beside standard input and output.
inline constexpr int link_descriptor = 3;  // one end of a socket pair: plain HTTP/1.1
inline constexpr int file_descriptor = 4;  // the file, for reading and, to fetch, writing

inline constexpr std::size_t max_host_bytes = 262;  // "[IPv6]:port" and names with a port
inline constexpr std::size_t max_target_bytes = 2048;
inline constexpr std::size_t max_validator_bytes = 256;
inline constexpr std::size_t max_agent_bytes = 64;
inline constexpr std::size_t max_type_bytes = 64;
inline constexpr std::size_t max_job_bytes = 4096;      // fits into any pipe
inline constexpr std::size_t max_report_bytes = 2304;   // one line, without its line feed
inline constexpr std::uint64_t sync_step = 256 * 1024;  // bytes; see Job::offset

struct Job {
  std::string host;        // for the field Host (RFC 9110 section 7.2)
  std::string target;      // path and query, from '/' on
  std::string user_agent;  // one product token
  std::string validator;   // for If-Range (RFC 9110 section 13.1.5); empty: nothing to go on with
  // Bytes that the file holds already. The helper has the file's bytes on the medium up to each
  // multiple of sync_step before it writes the first byte beyond.
  std::uint64_t offset = 0;
  std::uint64_t max_bytes = 0;        // of the whole file; at least 1. To send: exactly its size
  std::uint64_t bytes_per_s = 0;      // ceiling of the rate; 0: none
  std::uint32_t min_bytes_per_s = 1;  // slower than this for stall_s is a stall
  std::uint32_t stall_s = 60;
  std::uint32_t time_limit_s = 3600;
  std::uint32_t progress_ms = 1000;  // least distance of two `got` reports
  // Media type (RFC 9110 section 8.3.1) of the file that is to be sent (PUT, section 9.3.4) from
  // its first byte on; empty: it is to be fetched (GET).
  std::string put_type{};
  friend bool operator==(const Job&, const Job&) = default;
};

std::string to_text(const Job& job);
// Errors: a sentence.
std::expected<Job, std::string> parse_job(std::string_view text);

struct Report {
  enum class Kind : std::uint8_t {
    status,     // of the response (RFC 9110 section 15)
    from,       // the body goes into the file from this byte on; 0: from its start
    total,      // bytes of the whole file, as the server says
    validator,  // strong ETag, else Last-Modified
    location,   // of a redirect, as written
    got,        // bytes that the file has by now; to send: that were handed to the link
    detail,     // words about a failure, for the log
  };
  Kind kind = Kind::status;
  std::uint64_t number = 0;  // status, from, total, got
  std::string text;          // validator, location, detail: printable ASCII
  friend bool operator==(const Report&, const Report&) = default;
};

std::string to_line(const Report& report);  // line feed included; text beyond the bound is cut
// Total: nothing for a line that is no report.
std::optional<Report> parse_report(std::string_view line);

// Cuts what arrives into reports.
class ReportReader {
 public:
  // False once the bytes cannot be the helper's: a line too long or of no meaning. Nothing is
  // reported from then on.
  bool feed(std::string_view bytes, const std::function<void(const Report&)>& take);

 private:
  std::string line_;
  bool broken_ = false;
};

// Exit status of the helper.
enum class Exit : std::uint8_t {
  finished = 0,       // the response is complete; `status` says what it was
  bad_job = 10,       // the job cannot be read
  confinement = 11,   // the kernel refused to confine the helper, which then does nothing
  link_ended = 20,    // the connection ended before the response did, or before all was sent
  stalled = 21,       // slower than the least rate for too long
  time_over = 22,     // time_limit_s
  too_large = 23,     // announced or sent more than max_bytes
  not_http = 24,      // what came is no HTTP/1 response
  wrong_range = 25,   // 206 with another range than the one asked for
  no_space = 26,      // the file system is full
  write_failed = 27,  // the file cannot be written, or read, for another reason
  library = 28,       // libcurl: out of memory and the like
};
std::optional<Exit> exit_from(int status);

}  // namespace oobm::transfer
