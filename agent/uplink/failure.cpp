#include "agent/uplink/failure.hpp"

#include <array>
#include <utility>

namespace oobm::uplink {
namespace {

using enum Code;

constexpr std::array table = std::to_array<CodeInfo>({
    {permit_refused, Layer::permit, "PERMIT_REFUSED",
     "The router is not allowed to connect now; the reason given says why."},
    {interface_missing, Layer::interface, "INTERFACE_MISSING",
     "The network interface of this uplink does not exist: look at the bearer and at the "
     "configured "
     "interface name."},
    {bind_failed, Layer::interface, "BIND_FAILED",
     "The connection could not be tied to its network interface, so it was not made."},
    {dns_no_server, Layer::dns, "DNS_NO_SERVER",
     "The bearer gave no usable name server, and no address is configured: look at the APN."},
    {dns_timeout, Layer::dns, "DNS_TIMEOUT",
     "No name server of the bearer answered in time: the link carries nothing, or the operator's "
     "name servers are down."},
    {dns_no_such_name, Layer::dns, "DNS_NO_SUCH_NAME",
     "The name servers say that this host does not exist: look at the configured host name, or at "
     "a private APN that cannot see it."},
    {dns_refused, Layer::dns, "DNS_REFUSED",
     "The bearer's name servers refused to answer or could not be reached."},
    {dns_bad_answer, Layer::dns, "DNS_BAD_ANSWER", "A name server sent an answer without sense."},
    {route_unreachable, Layer::route, "ROUTE_UNREACHABLE",
     "There is no way to the server over this interface: the link is down, or has no route."},
    {tcp_refused, Layer::tcp, "TCP_REFUSED",
     "The server's address answers, but nothing listens on that port: wrong port, the broker is "
     "down, or a firewall rejects."},
    {tcp_timeout, Layer::tcp, "TCP_TIMEOUT",
     "The server did not answer in time: no coverage, a firewall that drops, or a server that is "
     "gone."},
    {tcp_reset, Layer::tcp, "TCP_RESET",
     "The connection was reset from outside: a firewall, a NAT that forgot, or a server that "
     "crashed."},
    {tls_unknown_ca, Layer::tls, "TLS_UNKNOWN_CA",
     "The server's certificate is not signed by an authority that this router trusts for the "
     "instance: wrong server, or something in between opens the connection."},
    {tls_wrong_host, Layer::tls, "TLS_WRONG_HOST",
     "The server's certificate is for another host name: wrong address, or something in between."},
    {tls_expired, Layer::tls, "TLS_EXPIRED",
     "By the router's trusted time a certificate of the server has expired: the server's, or the "
     "router's clock is wrong."},
    {tls_not_yet_valid, Layer::tls, "TLS_NOT_YET_VALID",
     "By the router's trusted time a certificate of the server is not valid yet: most likely the "
     "router's clock is behind."},
    {tls_dates_unknown, Layer::tls, "TLS_DATES_UNKNOWN",
     "The router does not know the time yet, so the dates of the server's certificate cannot be "
     "judged."},
    {tls_bad_certificate, Layer::tls, "TLS_BAD_CERTIFICATE",
     "The server's certificate is broken, too weak, or not meant for a server; or the revocation "
     "list is not signed by its authority."},
    {tls_revoked, Layer::tls, "TLS_REVOKED",
     "The server's certificate stands on the revocation list of this instance: it must not be "
     "trusted any more."},
    {tls_client_cert_refused, Layer::tls, "TLS_CLIENT_CERT_REFUSED",
     "The server does not accept this router's certificate: expired, revoked, from another "
     "authority, or missing."},
    {tls_alert, Layer::tls, "TLS_ALERT",
     "The server ended the TLS handshake with an alert; its number is in the detail."},
    {tls_version, Layer::tls, "TLS_VERSION",
     "The server offers neither TLS 1.3 nor TLS 1.2, and nothing older is accepted."},
    {tls_protocol, Layer::tls, "TLS_PROTOCOL",
     "What the server sent is not proper TLS: wrong port, or something in between."},
    {tls_timeout, Layer::tls, "TLS_TIMEOUT",
     "The server took the connection but did not complete TLS in time."},
    {mqtt_version_refused, Layer::mqtt, "MQTT_VERSION_REFUSED",
     "The broker does not speak MQTT 3.1.1."},
    {mqtt_identifier_rejected, Layer::mqtt, "MQTT_IDENTIFIER_REJECTED",
     "The broker does not accept this router's client identifier."},
    {mqtt_server_unavailable, Layer::mqtt, "MQTT_SERVER_UNAVAILABLE",
     "The broker says that its service is unavailable now."},
    {mqtt_bad_credentials, Layer::mqtt, "MQTT_BAD_CREDENTIALS",
     "Unknown here, or wrong credentials: the broker does not accept this router's user name, "
     "password or certificate."},
    {mqtt_subscribe_refused, Layer::mqtt, "MQTT_SUBSCRIBE_REFUSED",
     "The broker does not let this router read its own task topic."},
    {mqtt_protocol, Layer::mqtt, "MQTT_PROTOCOL",
     "What the broker sent is not proper MQTT, or the client gave the session up."},
    {mqtt_timeout, Layer::mqtt, "MQTT_TIMEOUT",
     "The broker took the connection but did not complete the login in time."},
    {mqtt_packet_too_large, Layer::mqtt, "MQTT_PACKET_TOO_LARGE",
     "The broker announced an MQTT packet larger than this router accepts; the connection was cut "
     "before it arrived."},
    {peer_closed, Layer::peer, "PEER_CLOSED", "The server closed the connection."},
    {keepalive_lost, Layer::peer, "KEEPALIVE_LOST",
     "The server no longer answers keepalives: coverage is gone, or a NAT on the way forgot the "
     "connection."},
    {key_file, Layer::local, "KEY_FILE",
     "The router's private key cannot be used: missing, unreadable, or readable by others than its "
     "owner (mode must be 0600)."},
    {certificate_file, Layer::local, "CERTIFICATE_FILE",
     "The router's own certificate cannot be used: missing, broken, or not made for its key."},
    {trust_anchors, Layer::local, "TRUST_ANCHORS",
     "The trust anchors of this instance cannot be used: missing or broken."},
    {revocation_list, Layer::local, "REVOCATION_LIST",
     "The revocation list of this instance cannot be used: missing or broken. Without it no server "
     "of the instance is trusted."},
    {message_too_large, Layer::local, "MESSAGE_TOO_LARGE",
     "A message of the router's own is larger than it may be; it was not sent."},
    {queue_full, Layer::local, "QUEUE_FULL",
     "Too many messages wait to be sent; this one was not taken."},
    {session_closed, Layer::local, "SESSION_CLOSED", "The session is over; nothing more is sent."},
    {stopped, Layer::local, "STOPPED", "The connection ended in good order."},
    {cut, Layer::local, "CUT", "The router itself cut the connection."},
    {local_error, Layer::local, "LOCAL_ERROR",
     "Something in the router itself failed; the detail says what."},
});

constexpr std::array layer_names = std::to_array<std::string_view>(
    {"permit", "interface", "dns", "route", "tcp", "tls", "mqtt", "peer", "local"});

consteval bool in_enum_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (std::to_underlying(table[i].code) != i) return false;
  }
  return table.size() == std::to_underlying(local_error) + 1U;
}
static_assert(in_enum_order(), "a row for each code, in the order of the enumeration");
static_assert(layer_names.size() == std::to_underlying(Layer::local) + 1U);

}  // namespace

std::span<const CodeInfo> code_table() { return table; }

const CodeInfo& info(Code code) { return table[std::to_underlying(code)]; }

std::string_view name(Code code) { return info(code).name; }

std::string_view name(Layer layer) { return layer_names[std::to_underlying(layer)]; }

std::string_view sentence(Code code) { return info(code).sentence; }

Failure failure(Code code, std::string detail) {
  return {info(code).layer, code, std::move(detail)};
}

std::string to_string(const Failure& failure) {
  std::string text(name(failure.code));
  if (!failure.detail.empty()) text.append(": ").append(failure.detail);
  return text;
}

}  // namespace oobm::uplink
