#include "agent/daemon/transfer_desk.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/daemon/credentials.hpp"
#include "agent/daemon/system.hpp"

namespace oobm::daemon {
namespace {

using nlohmann::json;

TransferLimits with_rate(TransferLimits limits, const Config& config) {
  limits.bytes_per_s = config.transfer.bytes_per_s;
  return limits;
}

json to_json(const TransferView& view) {
  return {{"id", view.id},
          {"name", view.name},
          {"direction", view.sent ? "to_server" : "from_server"},
          {"state", to_text(view.state)},
          {"bytes", view.bytes},
          {"total", view.total},
          {"attempts", view.attempts},
          {"code", view.code},
          {"sentence", view.sentence}};
}

bool is_open(const TransferView& view) {
  return view.state != TransferView::State::done && view.state != TransferView::State::failed;
}

}  // namespace

TransferDesk::TransferDesk(asio::io_context& loop, uplink::Gate& gate, core::Random& random,
                           const Config& config, const Directory& directory,
                           const std::string& version, hal::Spawner* spawner, FindWay find_way,
                           TransferRunner::Note note)
    : config_(config),
      directory_(directory),
      find_way_(std::move(find_way)),
      runner_(
          TransferTools{.loop = loop,
                        .gate = gate,
                        .route = [this](const TransferUrl& url) { return route(url); },
                        .helper = config.transfer.helper,
                        .user_agent = "oobm-agent/" + version,
                        .limits = with_rate({}, config),
                        .uploads = with_rate(upload_limits(), config),
                        .spawner = spawner},
          TransferSetup{.folder = config.state_folder + "/" + transfer_folder, .boot = boot_id()},
          random, std::move(note)) {}

std::expected<uplink::LinkRequest, TransferFailure> TransferDesk::route(
    const TransferUrl& url) const {
  const auto way = find_way_();
  if (!way) return std::unexpected(way.error());
  const auto* instance = directory_.find(way->instance);
  const auto same = [&](const MqttEndpoint& server) {
    return server.host == url.host && server.port == url.port;
  };
  if (instance == nullptr || std::ranges::none_of(instance->files, same))
    return std::unexpected(TransferFailure{TransferCode::host_not_allowed, url.host});
  auto tls = trust_settings(*instance, config_, way->way.uplink == core::Uplink::oobm);
  tls.wrong_dates = uplink::WrongDates::refuse;
  return uplink::LinkRequest{
      .target = {.instance = way->instance,
                 .host = url.host,
                 .port = url.port,
                 .interface = way->way.interface,
                 .dns_servers = way->way.dns_servers,
                 .static_addresses = std::ranges::find_if(instance->files, same)->addresses,
                 .mtu = way->way.mtu,
                 .purpose = uplink::Purpose::transfer},
      .tls = std::move(tls),
      .carries = uplink::Carries::opaque};
}

std::string TransferDesk::path(const std::string& name) const {
  return config_.state_folder + "/" + transfer_folder + "/" + name;
}

std::expected<std::uint64_t, ControlError> TransferDesk::fetch(const FetchRequest& request) {
  auto id = runner_.submit(
      {.url = request.url, .sha256 = request.sha256, .name = request.name, .size = request.size});
  if (id) return *id;
  const auto& known = row(id.error().code);
  std::string sentence(known.sentence);
  if (!id.error().detail.empty()) sentence += " (" + id.error().detail + ")";
  return std::unexpected(ControlError{std::string(known.name), std::move(sentence)});
}

std::string TransferDesk::list(bool cancel) {
  if (cancel) runner_.end_all({TransferCode::cancelled, {}});
  json all = json::array();
  for (const auto& view : runner_.views()) all.push_back(to_json(view));
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

void TransferDesk::observe() {
  if (std::ranges::none_of(runner_.views(), is_open)) return;
  const auto way = find_way_();
  // Without a session it may go on over the link that it has; the gate asks.
  if (!way && row(way.error().code).retry == Retry::no) runner_.end_all(way.error());
}

void TransferDesk::stop() { runner_.end_all({TransferCode::stopped, {}}); }

}  // namespace oobm::daemon
