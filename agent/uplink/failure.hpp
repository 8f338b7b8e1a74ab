// Every way a connection can fail has a code of its own: whoever reads it must be able to tell a
// broker that refuses from a network that loses, and a wrong clock from a wrong certificate.
//
// A failure names the *first* cause. What follows from it (a closed descriptor, a lost session) is
// never reported in its place. Codes are stable: logs, the platform and the technician's tool use
// their upper-case names, which are part of the interface and are only ever added to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace oobm::uplink {

// Where a connection broke, from the agent outwards.
enum class Layer : std::uint8_t {
  permit,     // the agent's own rules said no; nothing was sent
  interface,  // the network interface of the uplink
  dns,
  route,
  tcp,
  tls,
  mqtt,
  peer,   // the other side ended it
  local,  // this program, its files or its own order to stop
};

// The order is free to change; the names are not.
enum class Code : std::uint8_t {
  permit_refused,
  interface_missing,
  bind_failed,
  dns_no_server,
  dns_timeout,
  dns_no_such_name,
  dns_refused,
  dns_bad_answer,
  route_unreachable,
  tcp_refused,
  tcp_timeout,
  tcp_reset,
  tls_unknown_ca,
  tls_wrong_host,
  tls_expired,
  tls_not_yet_valid,
  tls_dates_unknown,
  tls_bad_certificate,
  tls_revoked,
  tls_client_cert_refused,
  tls_alert,
  tls_version,
  tls_protocol,
  tls_timeout,
  mqtt_version_refused,
  mqtt_identifier_rejected,
  mqtt_server_unavailable,
  mqtt_bad_credentials,
  mqtt_subscribe_refused,
  mqtt_protocol,
  mqtt_timeout,
  mqtt_packet_too_large,
  peer_closed,
  keepalive_lost,
  key_file,
  certificate_file,
  trust_anchors,
  revocation_list,
  message_too_large,
  queue_full,
  session_closed,
  stopped,
  cut,
  local_error,
};

struct Failure {
  Layer layer = Layer::local;
  Code code = Code::local_error;
  std::string detail;  // one line for the log: what, to what; empty where the code says it all
};

// One row of the table of codes.
struct CodeInfo {
  Code code;
  Layer layer;
  std::string_view name;       // stable, upper case: "TLS_WRONG_HOST"
  std::string_view sentence;   // for a technician: what happened
  std::string_view next_step;  // ... and what to do now
};

// The whole table, one row for each code, in the order of the enumeration; documentation is made
// from it.
std::span<const CodeInfo> code_table();

const CodeInfo& info(Code code);
// The row with this name; null where there is none.
const CodeInfo* find_code(std::string_view name);
std::string_view name(Code code);
std::string_view name(Layer layer);
std::string_view sentence(Code code);

// A failure with the layer that belongs to `code`.
Failure failure(Code code, std::string detail = {});

// "TLS_WRONG_HOST: <detail>", or the bare name where there is no detail.
std::string to_string(const Failure& failure);

}  // namespace oobm::uplink
