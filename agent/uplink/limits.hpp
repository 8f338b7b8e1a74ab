// Bounds of the gate that no caller sets.
#pragma once

#include <chrono>
#include <cstddef>

namespace oobm::uplink {

// Where the bearer does not tell its MTU: what GTP leaves of 1,500 bytes on most 3GPP networks.
inline constexpr int default_mtu = 1358;
// What a bearer may claim; the least that IPv4 hosts must take (RFC 1122 section 3.3.2), and jumbo
// frames.
inline constexpr int least_mtu = 576;
inline constexpr int most_mtu = 9000;
// IP and TCP header without options; the kernel takes what options need from the segment itself.
inline constexpr int headers_v4 = 40;
inline constexpr int headers_v6 = 60;

// Outbound bytes for each TLS record: with its overhead a record stays inside one segment of the
// smallest link MTU that cellular links have (1,280).
inline constexpr std::size_t outbound_chunk_bytes = 1'150;
// Inbound bytes held between TLS and the application.
inline constexpr std::size_t inbound_chunk_bytes = 4'096;

// After our FIN the peer has so long to send its own.
inline constexpr std::chrono::milliseconds linger_limit{2'000};

// One query to one name server, and how often the list of servers is gone through.
inline constexpr std::chrono::milliseconds dns_try_timeout{5'000};
inline constexpr int dns_tries = 2;
inline constexpr std::size_t max_dns_servers = 4;
inline constexpr std::size_t max_addresses = 8;
// The family that is preferred has so long to come second (RFC 8305 section 3).
inline constexpr std::chrono::milliseconds resolution_delay{50};

// Servers of which the gate remembers that they need TLS 1.2 offered alone.
inline constexpr std::size_t max_tls12_servers = 8;

// While a file moves, permission is asked for again after so many bytes.
inline constexpr std::size_t ask_again_bytes = 64 * 1024;

// Certificates and keys in a file.
inline constexpr std::size_t max_pem_file_bytes = 64 * 1024;

}  // namespace oobm::uplink
