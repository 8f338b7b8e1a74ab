// The packet data context as the network granted it (3GPP TS 27.007
// sections 10.1.1, 10.1.14, 10.1.23). Name servers and link MTU are taken from here, because the
// router's own resolver asks through the main WAN. Addresses come in every form: with the mask as
// four more octets, with a separate mask, with a prefix length, IPv6 as sixteen decimal octets;
// none may get through unchecked.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "hal/at/text.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal::at {

// The address in its usual notation, mask and prefix length removed. Nothing: no address, or the
// unspecified one.
std::optional<std::string> parse_address(std::string_view text);

struct PdpContext {
  int cid = 0;
  std::string type;  // as received: "IP", "IPV6", "IPV4V6", "NONIP" or a module's own
  std::string apn;   // empty: the network's default
};

// +CGDCONT: <cid>,<type>,<apn>,... (one line of the answer to the read command).
std::expected<PdpContext, ParseError> parse_cgdcont(std::string_view line);

// +CGACT: <cid>,<state> (section 10.1.10, one line of the answer to the read command).
struct ContextState {
  int cid = 0;
  bool active = false;
};
std::expected<ContextState, ParseError> parse_cgact(std::string_view line);

// +CGATT: <state> (section 10.1.9): attached to the packet domain or not.
std::expected<bool, ParseError> parse_cgatt(std::string_view line);

// +CGPADDR: <cid>[,<address>[,<address>]], in old modules with a blank between the addresses. The
// result has cid and addresses only.
std::expected<PdpFacts, ParseError> parse_cgpaddr(std::string_view line);

// +CGCONTRDP: one line per address family. <cid>,<bearer>,<apn>, then the address with its mask
// behind it, or the mask in a field of its own (before release 9), gateway, two name servers, two
// P-CSCF addresses, two flags, MTU in bytes.
std::expected<PdpFacts, ParseError> parse_cgcontrdp(std::string_view line);

// Adds what `line` knows to `facts`, without doubles and within the bounds.
void merge(PdpFacts& facts, const PdpFacts& line);

// "internet.mnc004.mcc204.gprs" is the APN "internet" (3GPP TS 23.003 section 9.1).
std::string_view network_identifier(std::string_view apn);

}  // namespace oobm::hal::at
