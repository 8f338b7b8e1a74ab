#include "hal/board/board_answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

namespace oobm::hal {
namespace {

constexpr std::size_t max_addresses = 8;  // of each kind
constexpr int lowest_mtu = 576;           // bytes
constexpr int highest_mtu = 9000;

template <class T>
using Checked = std::expected<T, std::string>;

std::unexpected<std::string> refuse(std::string_view key, std::string_view value,
                                    std::string_view why) {
  std::string text(key);
  return std::unexpected(text.append("=").append(value).append(" ").append(why));
}

// The address without its prefix length.
Checked<std::string> address(std::string_view key, const std::string& value) {
  std::string text = value.substr(0, value.find('/'));
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return text;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return text;
  return refuse(key, value, "is no IP address");
}

Checked<std::vector<std::string>> addresses(const KeyValues& values, std::string_view key) {
  std::vector<std::string> list;
  for (const auto& value : values.all(key)) {
    auto one = address(key, value);
    if (!one) return std::unexpected(one.error());
    if (list.size() == max_addresses) return refuse(key, value, "is one too many");
    list.push_back(*std::move(one));
  }
  return list;
}

bool interface_name(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::ranges::none_of(name, [](char c) { return c == '/' || c == ' ' || c == ':'; });
}

Checked<std::optional<int>> mtu(const KeyValues& values) {
  const auto text = values.get("mtu");
  if (!text) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  if (!whole || number < lowest_mtu || number > highest_mtu)
    return refuse("mtu", *text, "is no number from 576 to 9000");
  return number;
}

// What bearer and WAN have in common.
template <class Status>
Checked<Status> link_status(const KeyValues& values) {
  Status status;
  const auto up = values.get("up");
  if (!up) return std::unexpected("the key up is missing");
  if (*up != "0" && *up != "1") return refuse("up", *up, "is neither 0 nor 1");
  status.up = *up == "1";
  status.interface = values.get("interface").value_or("");
  const bool named = !status.interface.empty();
  if (named && !interface_name(status.interface))
    return refuse("interface", status.interface, "is no interface name");
  if (status.up && !named) return std::unexpected("up=1, but the key interface is missing");
  auto own = addresses(values, "address");
  if (!own) return std::unexpected(own.error());
  auto servers = addresses(values, "dns");
  if (!servers) return std::unexpected(servers.error());
  status.addresses = *std::move(own);
  status.dns_servers = *std::move(servers);
  return status;
}

}  // namespace

std::expected<BoardIdentity, std::string> board_identity(const KeyValues& values) {
  return BoardIdentity{
      .serial = values.get("serial").value_or(""),
      .sku = values.get("sku").value_or(""),
      .model = values.get("model").value_or(""),
      .firmware = values.get("firmware").value_or(""),
      .imei = values.get("imei"),
      .region = values.get("region"),
  };
}

std::expected<BearerStatus, std::string> bearer_status(const KeyValues& values) {
  auto status = link_status<BearerStatus>(values);
  if (!status) return status;
  const auto bytes = mtu(values);
  if (!bytes) return std::unexpected(bytes.error());
  status->mtu = *bytes;
  status->apn = values.get("apn").value_or("");
  return status;
}

std::expected<BearerStatus, std::string> bearer_up_result(const KeyValues& values) {
  auto status = bearer_status(values);
  if (!status) return status;
  if (!status->up) return std::unexpected("it says up=0 after bearer-up");
  if (status->addresses.empty()) return std::unexpected("up=1, but the key address is missing");
  return status;
}

std::expected<WanStatus, std::string> wan_status(const KeyValues& values) {
  return link_status<WanStatus>(values);
}

std::expected<InstallStatus, std::string> install_status(const KeyValues& values) {
  // In the order of InstallStatus::State.
  constexpr std::array<std::string_view, 6> names{"none", "running", "trial",
                                                  "done", "failed",  "rolled-back"};
  const auto state = values.get("state");
  if (!state) return std::unexpected("the key state is missing");
  const auto* known = std::ranges::find(names, *state);
  if (known == names.end()) return refuse("state", *state, "has no meaning");
  InstallStatus status{.state = static_cast<InstallStatus::State>(known - names.begin()),
                       .version = values.get("version").value_or(""),
                       .reason = values.get("reason").value_or("")};
  if (status.state != InstallStatus::State::none && status.version.empty())
    return std::unexpected("the key version is missing");
  return status;
}

}  // namespace oobm::hal
