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

// No gateway has an address from 224.0.0.0 or ff00:: on: those are for groups.
bool is_mask(const Field& field) {
  constexpr std::uint8_t lowest_v4_mask = 224;
  if (starts_with_text(field.text, "ff") && field.text.contains(':')) return true;
  const auto octets = dotted_octets(field.text);
  if (!octets) return false;
  return octets->count == 16 ? octets->value[0] == 0xff : octets->value[0] >= lowest_v4_mask;
}

void add(std::vector<std::string>& list, const std::string& value) {
  if (list.size() < max_addresses && !std::ranges::contains(list, value)) list.push_back(value);
}

void add_address(std::vector<std::string>& list, const Field& field) {
  if (const auto address = parse_address(field.text)) add(list, *address);
}

// Several in one field, with blanks between them.
void add_addresses(std::vector<std::string>& list, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (const auto address = parse_address(text.substr(0, end))) add(list, *address);
    text = trim(text.substr(end));
  }
}

struct ContextLine {
  int cid = 0;
  Fields fields;
};

std::expected<ContextLine, ParseError> context_line(std::string_view line, std::string_view name) {
  constexpr int highest_cid = 255;
  const auto fields = fields_of(line, name);
  if (!fields) return std::unexpected(fields.error());
  const auto cid = (*fields)[0].number();
  if (!cid || *cid < 0 || *cid > highest_cid)
    return parse_error("context", line, "has no context number");
  return ContextLine{*cid, *fields};
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
  const auto context = context_line(line, "+CGDCONT");
  if (!context) return std::unexpected(context.error());
  const auto& fields = context->fields;
  return PdpContext{.cid = context->cid,
                    .type = printable(fields[1].text),
                    .apn = printable(network_identifier(fields[2].text))};
}

std::expected<ContextState, ParseError> parse_cgact(std::string_view line) {
  const auto context = context_line(line, "+CGACT");
  if (!context) return std::unexpected(context.error());
  const auto state = context->fields[1].number();
  if (state != 0 && state != 1) return parse_error("context", line, "has no known state");
  return ContextState{context->cid, state == 1};
}

std::expected<bool, ParseError> parse_cgatt(std::string_view line) {
  return parse_number(line, "+CGATT", 0, 1).transform([](int state) { return state == 1; });
}

std::expected<PdpFacts, ParseError> parse_cgpaddr(std::string_view line) {
  const auto context = context_line(line, "+CGPADDR");
  if (!context) return std::unexpected(context.error());
  PdpFacts facts;
  facts.cid = context->cid;
  add_addresses(facts.addresses, context->fields[1].text);
  add_addresses(facts.addresses, context->fields[2].text);
  return facts;
}

std::expected<PdpFacts, ParseError> parse_cgcontrdp(std::string_view line) {
  const auto context = context_line(line, "+CGCONTRDP");
  if (!context) return std::unexpected(context.error());
  const auto& fields = context->fields;
  PdpFacts facts;
  facts.cid = context->cid;
  facts.apn = printable(network_identifier(fields[2].text));
  add_address(facts.addresses, fields[3]);
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
