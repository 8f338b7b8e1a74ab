#include "agent/transfer/upload.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

#include "agent/transfer/request.hpp"

namespace oobm::transfer {
namespace {

class Upload final : public Request {
 public:
  using Request::Request;

 private:
  bool set_direction() override {
    add_field("Content-Type: " + job_.put_type);
    add_field("Expect: 100-continue");
    const curl_read_callback body = [](char* into, std::size_t, std::size_t room,
                                       void* self) -> std::size_t {
      return static_cast<Upload*>(self)->give(into, room);
    };
    return narrow_link() && ::lseek(file_descriptor, 0, SEEK_SET) == 0 && set(CURLOPT_UPLOAD, 1L) &&
           set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(job_.max_bytes)) &&
           set(CURLOPT_EXPECT_100_TIMEOUT_MS, expect_wait_ms) && set(CURLOPT_READFUNCTION, body) &&
           set(CURLOPT_READDATA, this);
  }

  static bool narrow_link() {
    return ::setsockopt(link_descriptor, SOL_SOCKET, SO_SNDBUF, &link_buffer_bytes,
                        sizeof link_buffer_bytes) == 0;
  }

  std::size_t give(char* into, std::size_t room) {
    const auto wanted = std::min<std::uint64_t>(room, job_.max_bytes - moved_);
    if (wanted == 0) return 0;
    for (;;) {
      const auto got = ::read(file_descriptor, into, wanted);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {  // it is shorter than the job says, or cannot be read
        end(Exit::write_failed);
        return CURL_READFUNC_ABORT;
      }
      moved_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
  }

  bool respond(long status) override {
    const bool taken = status < 300;
    if (taken && moved_ < job_.max_bytes) return end(Exit::link_ended);
    return end_here();
  }

  bool take(std::string_view) override { return false; }
};

}  // namespace

Exit upload(const Job& job, const Tell& tell) { return Upload(job, tell).run(); }

}  // namespace oobm::transfer
