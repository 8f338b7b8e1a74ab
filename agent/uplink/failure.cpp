#include "agent/uplink/failure.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace oobm::uplink {
namespace {

using enum Code;

constexpr std::array table = std::to_array<CodeInfo>({
    {permit_refused, Layer::permit, "PERMIT_REFUSED",
     "The router is not allowed to connect now; the reason given says why.",
     "Do what the reason says; `oobmctl status` has it."},
    {interface_missing, Layer::interface, "INTERFACE_MISSING",
     "The network interface of this uplink does not exist: look at the bearer and at the "
     "configured "
     "interface name.",
     "See whether the bearer is up (`oobmctl status`), and compare the interface with the board "
     "configuration."},
    {bind_failed, Layer::interface, "BIND_FAILED",
     "The connection could not be tied to its network interface, so it was not made.",
     "Use a kernel from Linux 5.7 on, or give the daemon CAP_NET_RAW."},
    {dns_no_server, Layer::dns, "DNS_NO_SERVER",
     "The bearer gave no usable name server, and no address is configured: look at the APN.",
     "Check the APN; or give the broker addresses in the instance data."},
    {dns_timeout, Layer::dns, "DNS_TIMEOUT",
     "No name server of the bearer answered in time: the link carries nothing, or the operator's "
     "name servers are down.",
     "Check signal and data plan; if both are good, ask the operator about its name servers."},
    {dns_no_such_name, Layer::dns, "DNS_NO_SUCH_NAME",
     "The name servers say that this host does not exist: look at the configured host name, or at "
     "a private APN that cannot see it.",
     "Compare the host in the instance data; on a private APN have its name servers know the "
     "host."},
    {dns_refused, Layer::dns, "DNS_REFUSED",
     "The bearer's name servers refused to answer or could not be reached.",
     "Ask the operator about its name servers; or give the broker addresses in the instance data."},
    {dns_bad_answer, Layer::dns, "DNS_BAD_ANSWER", "A name server sent an answer without sense.",
     "Ask the operator about its name servers; a configured address must be a plain IP address."},
    {route_unreachable, Layer::route, "ROUTE_UNREACHABLE",
     "There is no way to the server over this interface: the link is down, or has no route.",
     "Check that the board gives the OOBM interface a default route of its own."},
    {tcp_refused, Layer::tcp, "TCP_REFUSED",
     "The server's address answers, but nothing listens on that port: wrong port, the broker is "
     "down, or a firewall rejects.",
     "Compare host and port in the instance data; ask whether the broker is up."},
    {tcp_timeout, Layer::tcp, "TCP_TIMEOUT",
     "The server did not answer in time: no coverage, a firewall that drops, or a server that is "
     "gone.",
     "Check the signal; ask whether a firewall of the APN lets this port out."},
    {tcp_reset, Layer::tcp, "TCP_RESET",
     "The connection was reset from outside: a firewall, a NAT that forgot, or a server that "
     "crashed.",
     "Nothing if it happens once; if at every attempt, ask whether a firewall of the APN closes "
     "the connection."},
    {tls_unknown_ca, Layer::tls, "TLS_UNKNOWN_CA",
     "The server's certificate is not signed by an authority that this router trusts for the "
     "instance: wrong server, or something in between opens the connection.",
     "Compare the trust anchors in the instance data with the authority of the broker; suspect an "
     "inspecting proxy of the APN."},
    {tls_wrong_host, Layer::tls, "TLS_WRONG_HOST",
     "The server's certificate is for another host name: wrong address, or something in between.",
     "Compare host and addresses in the instance data with the certificate of the broker."},
    {tls_expired, Layer::tls, "TLS_EXPIRED",
     "By the router's trusted time a certificate of the server has expired: the server's, or the "
     "router's clock is wrong.",
     "Check the time with `oobmctl status`; if it is right, report the certificate to ALMS "
     "support."},
    {tls_not_yet_valid, Layer::tls, "TLS_NOT_YET_VALID",
     "By the router's trusted time a certificate of the server is not valid yet: most likely the "
     "router's clock is behind.",
     "Check the time with `oobmctl status`: let the router reach a time source."},
    {tls_dates_unknown, Layer::tls, "TLS_DATES_UNKNOWN",
     "The router does not know the time yet, so the dates of the server's certificate cannot be "
     "judged.",
     "Let the router reach a time source: the cellular network or NTP."},
    {tls_bad_certificate, Layer::tls, "TLS_BAD_CERTIFICATE",
     "The server's certificate is broken, too weak, or not meant for a server; or the revocation "
     "list is not signed by its authority.",
     "Report it to ALMS support with the detail."},
    {tls_revoked, Layer::tls, "TLS_REVOKED",
     "The server's certificate stands on the revocation list of this instance: it must not be "
     "trusted any more.",
     "Compare host and addresses in the instance data; report it to ALMS support."},
    {tls_client_cert_refused, Layer::tls, "TLS_CLIENT_CERT_REFUSED",
     "The server does not accept this router's certificate: expired, revoked, from another "
     "authority, or missing.",
     "Have a new certificate issued for this router, and check that ALMS knows its authority."},
    {tls_alert, Layer::tls, "TLS_ALERT",
     "The server ended the TLS handshake with an alert; its number is in the detail.",
     "Report it to ALMS support with the number of the alert."},
    {tls_version, Layer::tls, "TLS_VERSION",
     "The server offers neither TLS 1.3 nor TLS 1.2, and nothing older is accepted.",
     "Compare host and port in the instance data; the broker must speak TLS 1.2 or 1.3."},
    {tls_protocol, Layer::tls, "TLS_PROTOCOL",
     "What the server sent is not proper TLS: wrong port, or something in between.",
     "Compare the port in the instance data; suspect a portal or proxy of the APN."},
    {tls_timeout, Layer::tls, "TLS_TIMEOUT",
     "The server took the connection but did not complete TLS in time.",
     "Check the signal; if it is good, ask whether a firewall of the APN inspects TLS."},
    {mqtt_version_refused, Layer::mqtt, "MQTT_VERSION_REFUSED",
     "The broker does not speak MQTT 3.1.1.",
     "Compare host and port in the instance data: this is no AirVantage broker."},
    {mqtt_identifier_rejected, Layer::mqtt, "MQTT_IDENTIFIER_REJECTED",
     "The broker does not accept this router's client identifier.",
     "Compare the serial number in ALMS with the label."},
    {mqtt_server_unavailable, Layer::mqtt, "MQTT_SERVER_UNAVAILABLE",
     "The broker says that its service is unavailable now.",
     "Wait: the router tries again by itself."},
    {mqtt_bad_credentials, Layer::mqtt, "MQTT_BAD_CREDENTIALS",
     "Unknown here, or wrong credentials: the broker does not accept this router's user name, "
     "password or certificate.",
     "Check that the router is registered in ALMS, and its password file or certificate."},
    {mqtt_subscribe_refused, Layer::mqtt, "MQTT_SUBSCRIBE_REFUSED",
     "The broker does not let this router read its own task topic.",
     "Report it to ALMS support: the account of this router lacks a right."},
    {mqtt_protocol, Layer::mqtt, "MQTT_PROTOCOL",
     "What the broker sent is not proper MQTT, or the client gave the session up.",
     "Compare host and port in the instance data; if they are right, report it to ALMS support."},
    {mqtt_timeout, Layer::mqtt, "MQTT_TIMEOUT",
     "The broker took the connection but did not complete the login in time.",
     "Wait: the router tries again by itself; if it persists, report it to ALMS support."},
    {mqtt_packet_too_large, Layer::mqtt, "MQTT_PACKET_TOO_LARGE",
     "The broker announced an MQTT packet larger than this router accepts; the connection was cut "
     "before it arrived.",
     "Nothing: the next session drops what the broker has kept for this router."},
    {peer_closed, Layer::peer, "PEER_CLOSED", "The server closed the connection.",
     "Wait: the router tries again by itself; if it happens at every attempt, ask whether another "
     "router uses this serial number."},
    {keepalive_lost, Layer::peer, "KEEPALIVE_LOST",
     "The server no longer answers keepalives: coverage is gone, or a NAT on the way forgot the "
     "connection.",
     "Nothing: the router connects again, with a shorter keepalive where that helps. Check the "
     "signal if it happens often."},
    {key_file, Layer::local, "KEY_FILE",
     "The router's private key cannot be used: missing, unreadable, or readable by others than its "
     "owner (mode must be 0600).",
     "Set the mode of the key file to 0600 and its owner to the user of the daemon, or have a new "
     "key made."},
    {certificate_file, Layer::local, "CERTIFICATE_FILE",
     "The router's own certificate cannot be used: missing, broken, or not made for its key.",
     "Compare certificate and key in the configuration; have the certificate issued anew for the "
     "key."},
    {trust_anchors, Layer::local, "TRUST_ANCHORS",
     "The trust anchors of this instance cannot be used: missing or broken.",
     "Correct `tls_anchors` in the instance data: a PEM file with the authorities of the broker."},
    {revocation_list, Layer::local, "REVOCATION_LIST",
     "The revocation list of this instance cannot be used: missing or broken. Without it no server "
     "of the instance is trusted.",
     "Install the list anew, PEM or DER, or take it out of the instance data."},
    {message_too_large, Layer::local, "MESSAGE_TOO_LARGE",
     "A message of the router's own is larger than it may be; it was not sent.",
     "Report it to the maker of the agent."},
    {queue_full, Layer::local, "QUEUE_FULL",
     "Too many messages wait to be sent; this one was not taken.",
     "Wait: what counts is kept and sent in the next session."},
    {session_closed, Layer::local, "SESSION_CLOSED", "The session is over; nothing more is sent.",
     "Wait: what counts is kept and sent in the next session."},
    {stopped, Layer::local, "STOPPED", "The connection ended in good order.", "Nothing."},
    {cut, Layer::local, "CUT", "The router itself cut the connection.",
     "Nothing: the router connects again by itself."},
    {local_error, Layer::local, "LOCAL_ERROR",
     "Something in the router itself failed; the detail says what.",
     "See the detail and the log; restart the daemon if it persists."},
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

const CodeInfo* find_code(std::string_view name) {
  const auto* found = std::ranges::find(table, name, &CodeInfo::name);
  return found == table.end() ? nullptr : found;
}

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
