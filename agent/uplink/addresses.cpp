#include "agent/uplink/addresses.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/uplink/limits.hpp"

namespace oobm::uplink {
namespace {

std::optional<asio::ip::address> literal(std::string_view text) {
  asio::error_code error;
  auto address = asio::ip::make_address(std::string(text), error);
  if (error) return {};
  return address;
}

// "addr", "addr:port" (IPv4) or "[addr]:port" as c-ares takes it: always with a port.
std::optional<std::string> server_entry(std::string_view text) {
  std::string_view host = text;
  std::string_view port = "53";
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  if (bracketed || (colon != std::string_view::npos && text.find(':') == colon)) {
    if (colon == std::string_view::npos) return {};
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (bracketed) {
    if (!host.ends_with(']')) return {};
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() || number == 0) return {};
  const auto address = literal(host);
  if (!address) return {};
  const std::string plain = address->to_string();
  return (address->is_v6() ? "[" + plain + "]" : plain) + ":" + std::to_string(number);
}

}  // namespace

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

std::string name_server_list(const std::vector<std::string>& servers) {
  std::string list;
  std::size_t count = 0;
  for (const std::string& server : servers) {
    const auto entry = server_entry(server);
    if (!entry || count == max_dns_servers) continue;
    list.append(list.empty() ? "" : ",").append(*entry);
    ++count;
  }
  return list;
}

AddressQueue::AddressQueue(Order order, bool v6_first) : order_(order), v6_next_(v6_first) {}

void AddressQueue::add(const Addresses& more) {
  for (const auto& address : more) {
    if (known_.size() >= max_addresses) return;
    if (std::ranges::contains(known_, address)) continue;
    known_.push_back(address);
    waiting_.push_back(address);
  }
}

std::optional<asio::ip::address> AddressQueue::next() {
  if (waiting_.empty()) return std::nullopt;
  auto chosen = waiting_.begin();
  if (order_ == Order::families_in_turn) {
    const auto fits = [this](const auto& address) { return address.is_v6() == v6_next_; };
    const auto found = std::ranges::find_if(waiting_, fits);
    if (found != waiting_.end()) chosen = found;
  }
  const auto address = *chosen;
  waiting_.erase(chosen);
  v6_next_ = !address.is_v6();
  return address;
}

Addresses remembered_addresses(const Target& target) {
  Addresses remembered;
  for (const std::string& text : target.remembered_addresses) {
    const auto address = literal(text);
    if (address && remembered.size() < max_addresses) remembered.push_back(*address);
  }
  return remembered;
}

std::expected<Addresses, Failure> known_addresses(const Target& target) {
  Addresses known;
  for (const std::string& text : target.static_addresses) {
    const auto address = literal(text);
    if (!address) {
      return std::unexpected(failure(Code::dns_bad_answer, "\"" + text + "\" is no IP address"));
    }
    known.push_back(*address);
  }
  if (known.empty()) {
    if (const auto address = literal(target.host)) known.push_back(*address);
  }
  if (known.size() > max_addresses) known.resize(max_addresses);
  return known;
}

}  // namespace oobm::uplink
