#include "agent/daemon/transfer_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "agent/transfer/protocol.hpp"

namespace oobm::daemon {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t max_name_bytes = 253;  // RFC 1035 section 2.3.4, without the final dot
constexpr unsigned max_port = 65'535;

std::unexpected<TransferFailure> malformed(std::string detail) {
  return std::unexpected(TransferFailure{TransferCode::url_malformed, std::move(detail)});
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= max_name_bytes && std::ranges::all_of(text, allowed);
}

std::optional<std::uint16_t> port_from(std::string_view text) {
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || rest != end || error != std::errc() || port == 0 || port > max_port)
    return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// RFC 3986 section 5.2.4, for a path that begins with '/'.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto next = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, next);
    path.remove_prefix(next);
    const bool up = segment == "/..";
    if (up) out.erase(std::min(out.rfind('/'), out.size()));
    if (!up && segment != "/.")
      out += segment;
    else if (path.empty())
      out += '/';
  }
  return out;
}

// Path and query without the fragment; nothing where they are no printable ASCII or too long.
std::optional<std::string> target_from(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (text.size() > transfer::max_target_bytes || !std::ranges::all_of(text, printable))
    return std::nullopt;
  const auto query = std::min(text.find('?'), text.size());
  auto path = text.substr(0, query);
  if (path.empty()) path = "/";
  return without_dots(path).append(text.substr(query));
}

// The absolute form of a reference (RFC 3986 section 5.2.2), as far as it stays text.
std::string absolute(const TransferUrl& base, std::string_view reference) {
  const std::string origin = std::string(scheme) + host_field(base);
  const auto path = base.target.substr(0, base.target.find('?'));
  if (reference.starts_with("//")) return "https:" + std::string(reference);
  if (reference.starts_with('/')) return origin + std::string(reference);
  if (reference.starts_with('?')) return origin + path + std::string(reference);
  const auto colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?#"))
    return std::string(reference);
  return origin + path.substr(0, path.rfind('/') + 1) + std::string(reference);
}

// Scheme and host of an address, for people: what else it holds may be a secret.
std::string origin_shown(std::string_view address) {
  constexpr std::size_t most_bytes = 100;
  const auto behind_scheme = std::min(address.find(':'), address.size() - 1) + 1;
  std::string shown(address.substr(0, behind_scheme));
  address.remove_prefix(behind_scheme);
  if (address.starts_with("//")) {
    const auto authority = address.substr(2, address.find_first_of("/?#", 2) - 2);
    const auto user = authority.rfind('@');
    shown.append("//").append(authority.substr(user == authority.npos ? 0 : user + 1));
  }
  shown.resize(std::min(shown.size(), most_bytes));
  return shown;
}

}  // namespace

std::expected<TransferUrl, TransferFailure> parse_transfer_url(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return malformed("no scheme");
  if (lowered(text.substr(0, colon)) != "https")
    return std::unexpected(TransferFailure{TransferCode::url_not_https, {}});
  text.remove_prefix(scheme.size());
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  if (authority.contains('@')) return malformed("user information is not taken");
  const auto port_sign = authority.find(':');
  TransferUrl url;
  url.host = lowered(authority.substr(0, port_sign));
  if (!is_name(url.host)) return malformed("the host is no name");
  if (port_sign != std::string_view::npos) {
    const auto port = port_from(authority.substr(port_sign + 1));
    if (!port) return malformed("the port is none");
    url.port = *port;
  }
  auto target = target_from(text.substr(authority.size()));
  if (!target) return malformed("the path is too long or not printable");
  url.target = *std::move(target);
  return url;
}

std::expected<TransferUrl, TransferFailure> follow_redirect(const TransferUrl& base,
                                                            std::string_view location) {
  const auto address = absolute(base, location);
  auto url = parse_transfer_url(address);
  if (url && url->host == base.host && url->port == base.port) return url;
  return std::unexpected(TransferFailure{TransferCode::redirect_refused, origin_shown(address)});
}

std::string host_field(const TransferUrl& url) {
  return url.port == https_port ? url.host : url.host + ":" + std::to_string(url.port);
}

}  // namespace oobm::daemon
