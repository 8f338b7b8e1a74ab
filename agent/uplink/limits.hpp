// Bounds of the gate that no caller sets.
#pragma once

#include <chrono>
#include <cstddef>

namespace oobm::uplink {

// Sent data that stays unacknowledged for so long ends a connection (TCP_USER_TIMEOUT): a lost
// bearer is found without TCP keepalives, which would wake the radio.
inline constexpr std::chrono::milliseconds tcp_user_timeout{90'000};

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

// Servers of which the gate remembers that they need TLS 1.2 offered alone.
inline constexpr std::size_t max_tls12_servers = 8;

// Certificates and keys in a file.
inline constexpr std::size_t max_pem_file_bytes = 64 * 1024;

}  // namespace oobm::uplink
