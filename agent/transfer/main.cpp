// oobm-transfer: moves one file and ends. Started by the daemon alone; without its descriptors it
// has nothing to do.
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

#include <curl/curl.h>
#include <unistd.h>

#include "agent/transfer/confinement.hpp"
#include "agent/transfer/download.hpp"
#include "agent/transfer/protocol.hpp"
#include "agent/transfer/upload.hpp"

namespace oobm::transfer {
namespace {

// Standard input to its end, or to one byte more than a job may have.
std::string read_job() {
  std::string text;
  std::array<char, 1024> part;
  while (text.size() <= max_job_bytes) {
    const auto got = ::read(STDIN_FILENO, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool tell(const Report& report) {
  const auto line = to_line(report);
  std::string_view rest(line);
  while (!rest.empty()) {
    const auto put = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

Exit fail(Exit exit, std::string detail) {
  tell({.kind = Report::Kind::detail, .number = 0, .text = std::move(detail)});
  return exit;
}

Exit run() {
  if (!shed()) return fail(Exit::confinement, "privileges or descriptors cannot be given up");
  const auto text = read_job();
  const auto job = text.size() <= max_job_bytes
                       ? parse_job(text)
                       : std::unexpected(std::string("the job is too long"));
  if (!job) return fail(Exit::bad_job, job.error());
  if (!prepare_requests()) return fail(Exit::library, "libcurl cannot be initialised");
  const bool sends = !job->put_type.empty();
  if (!limit_resources(sends ? 0 : job->max_bytes) || !filter_system_calls())
    return fail(Exit::confinement, "limits or the filter of system calls are refused");
  return sends ? upload(*job, tell) : download(*job, tell);
}

}  // namespace
}  // namespace oobm::transfer

int main(int argc, char**) {
  if (argc > 1) {
    std::fputs("oobm-transfer is started by oobmd and takes no arguments; it has libcurl ", stderr);
    std::fputs(curl_version_info(CURLVERSION_NOW)->version, stderr);
    std::fputs("\n", stderr);
    return static_cast<int>(oobm::transfer::Exit::bad_job);
  }
  return static_cast<int>(oobm::transfer::run());
}
