#include "agent/uplink/segment_headers.hpp"

#include <array>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace oobm::uplink {
namespace {

// The kernel's own struct tcp_info (include/uapi/linux/tcp.h), which only ever grows; the C
// library's ends before these members, and the two headers cannot be included together.
constexpr std::size_t options_at = 5;      // tcpi_options
constexpr std::size_t segments_out = 136;  // tcpi_segs_out
constexpr std::size_t segments_in = 140;   // tcpi_segs_in
constexpr std::size_t info_bytes = 144;
constexpr unsigned char has_timestamps = 1;  // TCPI_OPT_TIMESTAMPS

constexpr std::uint64_t ipv4_header = 20;
constexpr std::uint64_t ipv6_header = 40;
constexpr std::uint64_t tcp_header = 20;
constexpr std::uint64_t timestamp_option = 12;  // RFC 7323 appendix A, padding included

}  // namespace

ByteCount segment_headers(int fd, bool ipv6) {
  std::array<unsigned char, info_bytes> info{};
  socklen_t size = info.size();
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, info.data(), &size) != 0 || size < info.size())
    return {};
  std::uint32_t out = 0;
  std::uint32_t in = 0;
  std::memcpy(&out, &info[segments_out], sizeof out);
  std::memcpy(&in, &info[segments_in], sizeof in);
  const bool timestamps = (info[options_at] & has_timestamps) != 0;
  const auto each =
      (ipv6 ? ipv6_header : ipv4_header) + tcp_header + (timestamps ? timestamp_option : 0);
  return {.sent = out * each, .received = in * each};
}

}  // namespace oobm::uplink
