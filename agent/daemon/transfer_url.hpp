// Where a file may be fetched: https alone, a host that is written out, and no user information, in
// which a password would end up in logs. A redirect is read by the same rules and stays on its host
// and port. RFC 3986 as far as https needs it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "agent/daemon/transfer_failure.hpp"

namespace oobm::daemon {

inline constexpr std::uint16_t https_port = 443;

struct TransferUrl {
  std::string host;  // a DNS name in lower case, or an IPv4 literal
  std::uint16_t port = https_port;
  std::string target;  // path and query, from '/' on, printable ASCII; no fragment
  friend bool operator==(const TransferUrl&, const TransferUrl&) = default;
};

// Errors: url_malformed, url_not_https.
std::expected<TransferUrl, TransferFailure> parse_transfer_url(std::string_view text);

// What a Location field means (RFC 9110 section 10.2.2), seen from `base`. Errors: redirect_refused
// where it leads to another host, port or scheme, or cannot be read.
std::expected<TransferUrl, TransferFailure> follow_redirect(const TransferUrl& base,
                                                            std::string_view location);

// For the field Host: the port only where it is not 443.
std::string host_field(const TransferUrl& url);

}  // namespace oobm::daemon
