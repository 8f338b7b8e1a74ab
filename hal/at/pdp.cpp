#include "hal/at/pdp.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::size_t max_addresses = 8;  // of each kind
constexpr int lowest_mtu = 576;           // bytes
constexpr int highest_mtu = 9000;
constexpr std::size_t max_octets = 32;  // IPv6 address and mask

struct Octets {
  std::array<std::uint8_t, max_octets> value{};
  std::size_t count = 0;
};

std::optional<Octets> dotted_octets(std::string_view text) {
  Octets octets;
  while (octets.count < max_octets) {
    const auto dot = std::min(text.find('.'), text.size());
    const auto part = text.substr(0, dot);
    const auto number = to_number<int>(part);
    if (!all_digits(part) || !number || *number > 255) return std::nullopt;
    octets.value[octets.count++] = static_cast<std::uint8_t>(*number);
    if (dot == text.size()) return octets;
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

bool all_zero(const std::uint8_t* bytes, std::size_t count) {
  return std::all_of(bytes, bytes + count, [](std::uint8_t b) { return b == 0; });
}

std::optional<std::string> notation(int family, const std::uint8_t* bytes) {
  if (all_zero(bytes, family == AF_INET ? 4 : 16)) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!inet_ntop(family, bytes, text.data(), text.size())) return std::nullopt;
  return std::string(text.data());
}

std::optional<std::string> from_octets(const Octets& octets) {
  const bool v4 = octets.count == 4 || octets.count == 8;
  const bool v6 = octets.count == 16 || octets.count == 32;
  if (!v4 && !v6) return std::nullopt;
  return notation(v4 ? AF_INET : AF_INET6, octets.value.data());
}

std::optional<std::string> native_v6(std::string_view text) {
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return notation(AF_INET6, bytes.data());
}

bool is_mask(const Field& field) { return field.text.starts_with("255."); }

void add(std::vector<std::string>& list, const std::string& value) {
  if (list.size() < max_addresses && !std::ranges::contains(list, value)) list.push_back(value);
}

void add_address(std::vector<std::string>& list, const Field& field) {
  if (const auto address = parse_address(field.text)) add(list, *address);
}

std::expected<int, ParseError> context_id(const Fields& fields, std::string_view line) {
  constexpr int highest_cid = 255;
  const auto cid = fields[0].number();
  if (!cid || *cid < 0 || *cid > highest_cid)
    return parse_error("context", line, "has no context number");
  return *cid;
}

}  // namespace

std::optional<std::string> parse_address(std::string_view text) {
  text = trim(text);
  text = text.substr(0, std::min(text.find('/'), text.find(' ')));
  if (text.size() > 4 * max_octets) return std::nullopt;
  if (text.contains(':')) return native_v6(text);
  const auto octets = dotted_octets(text);
  return octets ? from_octets(*octets) : std::nullopt;
}

std::expected<PdpContext, ParseError> parse_cgdcont(std::string_view line) {
  const auto text = payload(line, "+CGDCONT");
  if (!text) return std::unexpected(text.error());
  const auto fields = Fields::split(*text);
  const auto cid = context_id(fields, line);
  if (!cid) return std::unexpected(cid.error());
  return PdpContext{.cid = *cid, .apn = printable(network_identifier(fields[2].text))};
}

std::expected<PdpFacts, ParseError> parse_cgpaddr(std::string_view line) {
  const auto text = payload(line, "+CGPADDR");
  if (!text) return std::unexpected(text.error());
  const auto fields = Fields::split(*text);
  const auto cid = context_id(fields, line);
  if (!cid) return std::unexpected(cid.error());
  PdpFacts facts;
  facts.cid = *cid;
  add_address(facts.addresses, fields[1]);
  add_address(facts.addresses, fields[2]);
  return facts;
}

std::expected<PdpFacts, ParseError> parse_cgcontrdp(std::string_view line) {
  const auto text = payload(line, "+CGCONTRDP");
  if (!text) return std::unexpected(text.error());
  const auto fields = Fields::split(*text);
  const auto cid = context_id(fields, line);
  if (!cid) return std::unexpected(cid.error());
  PdpFacts facts;
  facts.cid = *cid;
  facts.apn = printable(network_identifier(fields[2].text));
  add_address(facts.addresses, fields[3]);
  // After the address: gateway, two name servers, two P-CSCF, two flags, MTU.
  const std::size_t gateway = is_mask(fields[4]) ? 5 : 4;
  add_address(facts.dns_servers, fields[gateway + 1]);
  add_address(facts.dns_servers, fields[gateway + 2]);
  const auto mtu = fields[gateway + 7].number();
  if (mtu && *mtu >= lowest_mtu && *mtu <= highest_mtu) facts.mtu = mtu;
  return facts;
}

void merge(PdpFacts& facts, const PdpFacts& line) {
  facts.cid = line.cid;
  if (!line.apn.empty()) facts.apn = line.apn;
  for (const auto& address : line.addresses) add(facts.addresses, address);
  for (const auto& server : line.dns_servers) add(facts.dns_servers, server);
  if (line.mtu) facts.mtu = line.mtu;
}

std::string_view network_identifier(std::string_view apn) {
  constexpr std::string_view suffix = ".gprs";
  if (apn.size() < suffix.size() || !same_text(apn.substr(apn.size() - suffix.size()), suffix))
    return apn;
  const auto operator_part = apn.rfind(".mnc");
  return operator_part == std::string_view::npos ? apn : apn.substr(0, operator_part);
}

}  // namespace oobm::hal::at
