#include "tests/sim/router.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "agent/alms/decode.hpp"
#include "agent/alms/encode.hpp"
#include "agent/alms/topics.hpp"
#include "agent/core/outbox.hpp"
#include "agent/daemon/diagnosis.hpp"
#include "agent/daemon/radio_view.hpp"

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using core::BootTime;

constexpr core::Duration system_clock_interval = 1h;
constexpr core::Duration reboot_delay = 4s;
constexpr core::Duration install_time = 2min;
constexpr core::Duration refused_connect = 10ms;
// A broker's certificate is renewed each quarter, and each holds a little longer.
constexpr std::chrono::seconds certificate_life{90 * 86'400};
constexpr std::chrono::seconds certificate_overlap{14 * 86'400};

core::AgentConfig config(const Router::Place& place) {
  return {.agent_version = "1.0.0",
          .boot_id = "boot-" + std::to_string(place.iron.boots),
          .build_time = firmware_built,
          .uplinks = {.main_wan_for_registration = true,
                      .main_wan_for_service = place.main_wan_for_service}};
}

core::Use use_of(const core::Message& message) {
  if (std::holds_alternative<core::Heartbeat>(message)) return core::Use::heartbeat;
  if (std::holds_alternative<core::Telemetry>(message)) return core::Use::telemetry;
  const bool task = std::holds_alternative<core::Ack>(message) ||
                    std::holds_alternative<core::ReadAnswer>(message);
  return task ? core::Use::tasks : core::Use::lifecycle;
}

}  // namespace

Router::Router(Place place)
    : place_(std::move(place)),
      directory_(place_.shipped),
      memory_(state_folder, *place_.iron.flash),
      random_(place_.chance.source().next()),
      agent_(config(place_), memory_.load(directory_), random_),
      bay_(place_.time, place_.iron, place_.every_poll,
           {.changed = [this](const hal::RadioFacts& facts) { radio_changed(facts); },
            .step =
                [this](const hal::StepReport& report) {
                  if (report.phase == hal::StepReport::Phase::begun)
                    ++place_.figures.counts["radio steps"];
                }}) {
  ++place_.figures.counts["runs"];
  place_.oracle.booted(agent_.state());
}

Router::~Router() {
  place_.figures.counts["polls let by"] += bay_.polls_let_by();
  place_.figures.counts["polls played"] += bay_.polls_played();
}

template <class Action>
void Router::later(core::Duration pause, Action action) {
  place_.time.after(pause, [alive = std::weak_ptr(alive_), action = std::move(action)]() mutable {
    if (!alive.expired()) action();
  });
}

void Router::start() {
  feed(core::Started{});
  bay_.board().identity([this](std::expected<hal::BoardIdentity, hal::Error> identity) {
    identity_ = *identity;
    send_region_inputs();
  });
  look_around();
}

// ---- inputs

void Router::feed(const core::Event& event) {
  const auto before = agent_.state().lifecycle;
  const auto effects = agent_.handle(event, boot_time());
  place_.oracle.stepped(agent_);
  for (const auto& effect : effects) {
    if (effects_left_ > 0 && --effects_left_ == 0) throw store::PowerCut{};
    std::visit([this](const auto& e) { apply(e); }, effect);
  }
  if (!effects.empty() || agent_.state().lifecycle != before) observe_link();
}

// What the daemon lets the recovery know of the agent's wishes.
void Router::observe_link() {
  using core::Capability;
  using core::Grant;
  using core::LinkPhase;
  const auto status = agent_.status(boot_time());
  const auto connect = core::grant(status.lifecycle, status.blocked, Capability::connect);
  const bool waiting =
      status.phase == LinkPhase::waiting_for_radio || status.phase == LinkPhase::waiting_for_bearer;
  const bool over_oobm = connecting_over_ == core::Uplink::oobm;
  const bool trying = waiting || (over_oobm && status.phase != LinkPhase::idle);
  bay_.observe(
      {.wanted = connect == Grant::yes || connect == Grant::by_schedule ||
                 (connect != Grant::no && trying),
       .bearer_kept =
           core::grant(status.lifecycle, status.blocked, Capability::bearer) == Grant::yes,
       .attempting = status.phase == LinkPhase::waiting_for_bearer ||
                     (over_oobm && status.phase == LinkPhase::connecting),
       .online = status.phase == LinkPhase::online && status.uplink == core::Uplink::oobm});
  place_.oracle.bearer(bearer_wanted_, status.phase != LinkPhase::idle, status.lifecycle);
}

void Router::send_region_inputs() {
  feed(core::RegionInputsChanged{{.board = daemon::board_claim(*identity_),
                                  .radio_imei = radio_imei_,
                                  .catalogue = place_.iron.catalogue,
                                  .instances = directory_.instances(),
                                  .pinned = std::nullopt}});
}

void Router::radio_changed(const hal::RadioFacts& facts) {
  const bool other_imei = facts.imei && facts.imei != radio_imei_;
  if (facts.imei) radio_imei_ = facts.imei;
  feed(core::RadioChanged{daemon::radio_view(facts)});
  if (other_imei && identity_) send_region_inputs();
  if (!facts.network_time || facts.network_time->at == network_time_at_) return;
  network_time_at_ = facts.network_time->at;
  const auto age =
      std::chrono::duration_cast<std::chrono::seconds>(boot_time() - facts.network_time->at);
  const auto value = facts.network_time->time + age;
  place_.oracle.read_clock(core::TimeSource::modem, value);
  feed(core::TimeEvidence{core::TimeSource::modem, value});
}

void Router::look_around() {
  const bool up = place_.weather.wan_up;
  feed(core::WanChanged{up ? core::WanView{.up = true, .interface = "wan0", .address = "192.0.2.7"}
                           : core::WanView{}});
  read_system_clock();
}

void Router::read_system_clock() {
  system_clock_at_ = place_.time.now() + system_clock_interval;
  const auto& clock = place_.weather.system_time;
  if (clock.silent || !place_.weather.wan_up) return;
  const auto value = place_.time.true_time() + clock.lie;
  place_.oracle.read_clock(core::TimeSource::system, value);
  feed(core::TimeEvidence{core::TimeSource::system, value});
}

void Router::count_usage() {
  const auto spent = std::exchange(spent_, {});
  if (spent != core::SpentByUse{}) feed(core::UsageCounted{core::Uplink::oobm, spent});
}

BootTime Router::deadline() const {
  auto at = std::min(bay_.deadline(), system_clock_at_);
  for (const auto& timer : timers_)
    if (timer) at = std::min(at, place_.iron.booted_at + timer->since_boot);
  return at;
}

void Router::run() {
  bay_.run();
  for (std::size_t i = 0; i < timers_.size(); ++i) {
    if (!timers_[i] || *timers_[i] > boot_time()) continue;
    timers_[i].reset();
    const auto id = static_cast<core::TimerId>(i);
    if (id == core::TimerId::telemetry) count_usage();
    feed(core::TimerFired{id});
  }
  if (system_clock_at_ <= place_.time.now()) read_system_clock();
}

void Router::cut_link() {
  if (connection_)
    connection_->cut({.reason = core::Reason::uplink_failed, .code = "TCP_RESET", .sentence = {}});
}

void Router::stop() {
  count_usage();
  feed(core::Stopping{});
}

// ---- effects

void Router::apply(const core::Persist&) {
  ++place_.figures.counts["commits"];
  const auto stored = memory_.commit(agent_.state());
  if (!stored) ++place_.figures.counts["commits that failed"];
  storage_failed_ = !stored;
  if (stored) place_.oracle.stored(agent_.state());
}

void Router::apply(const core::BearerUp&) {
  bearer_wanted_ = true;
  bay_.board().bearer_up({}, [this](std::expected<hal::BearerStatus, hal::Error> status) {
    bay_.recovery().bearer_result(status.has_value(), boot_time());
    if (status) return feed(core::BearerUpDone{status->interface, status->addresses.front()});
    feed(core::BearerFailed{{.reason = core::Reason::bearer_down,
                             .code = std::string(hal::to_string(status.error().code)),
                             .sentence = status.error().text}});
  });
}

void Router::apply(const core::BearerDown&) {
  bearer_wanted_ = false;
  bay_.board().bearer_down([](const std::expected<void, hal::Error>&) {});
}

void Router::apply(const core::CycleRadio&) { bay_.recovery().ask_for_function_cycle(boot_time()); }

core::UnixTime Router::certificate_begin() const {
  const auto lived = place_.time.true_time() - world_begin;
  return world_begin + lived / certificate_life * certificate_life;
}

// The dates are judged by what the agent believes, and cannot be where it knows no time.
bool Router::dates_ok() const {
  const auto belief = agent_.time(boot_time());
  if (belief.level == core::TimeLevel::floor) return false;
  const auto begin = certificate_begin();
  return belief.time >= begin - certificate_overlap &&
         belief.time < begin + certificate_life + certificate_overlap;
}

void Router::apply(const core::Connect& effect) {
  connecting_over_ = effect.uplink;
  ++session_;
  place_.oracle.connects(effect.instance);
  const auto closed = [this, session = session_](const core::LinkFault& fault) {
    if (session != session_) return;
    deliveries_.clear();
    durable_.clear();
    connection_.reset();
    const bool dead = fault.code == "TCP_TIMEOUT" || fault.code == "KEEPALIVE_LOST";
    if (dead && connecting_over_ == core::Uplink::oobm)
      bay_.recovery().path_result(false, boot_time());
    feed(core::SessionClosed{fault});
  };
  if (!agent_.may_connect(effect.instance, effect.uplink))
    return later(refused_connect, [closed] {
      closed({.reason = core::Reason::uplink_failed, .code = "REFUSED", .sentence = {}});
    });
  instance_ = effect.instance;
  connection_ = std::make_unique<Connection>(
      Connection::Place{place_.time, place_.chance, place_.weather, place_.ways,
                        place_.broker(effect.instance)},
      effect.uplink, effect.fresh_session,
      Connection::Handlers{.ready =
                               [this, uplink = effect.uplink] {
                                 ++place_.figures.counts["sessions"];
                                 const bool oobm = uplink == core::Uplink::oobm;
                                 if (oobm) bay_.recovery().path_result(true, boot_time());
                                 feed(
                                     core::SessionReady{.uplink = uplink,
                                                        .interface = oobm ? "oobm0" : "wan0",
                                                        .address = oobm ? "10.64.0.2" : "192.0.2.7",
                                                        .dates_ok = dates_ok()});
                               },
                           .message = [this](const Packet& packet) { received(packet); },
                           .published =
                               [this](std::uint64_t token) {
                                 const auto durable = durable_.extract(token);
                                 if (!durable.empty()) feed(core::Published{durable.mapped()});
                               },
                           .closed = closed});
}

void Router::apply(const core::Disconnect&) {
  if (connection_) connection_->disconnect();
}

void Router::apply(const core::Publish& effect) {
  place_.oracle.says(instance_, effect.outgoing.message, agent_.state());
  if (!connection_) return;
  auto encoded = alms::encode(effect.outgoing);
  if (encoded.payload.empty()) return;
  ++place_.figures.counts["messages"];
  if (connecting_over_ == core::Uplink::oobm)
    spent_[static_cast<std::size_t>(use_of(effect.outgoing.message))].wire.sent +=
        encoded.payload.size();
  const auto token = next_token_++;
  if (effect.id != 0) durable_.emplace(token, effect.id);
  const auto serial = core::Serial::parse(place_.iron.serial);
  connection_->publish(alms::topic_name(*serial, encoded.topic), std::move(encoded.payload), token);
}

void Router::apply(const core::ArmTimer& effect) {
  timers_[static_cast<std::size_t>(effect.id)] = effect.at;
}

void Router::apply(const core::CancelTimer& effect) {
  timers_[static_cast<std::size_t>(effect.id)].reset();
}

void Router::apply(const core::RunTask& effect) {
  place_.story.tell("router", "runs " + std::string(core::task_name(effect.body)));
  ++place_.figures.counts["tasks run"];
  const auto finish = [this, uid = effect.uid](std::string error, std::string text = {}) {
    const bool ok = error.empty();
    feed(core::TaskFinished{
        {.uid = uid, .ok = ok, .message = ok ? std::move(text) : "FAILED: " + error}});
  };
  if (storage_failed_ && !core::is_idempotent(effect.body))
    return later(0ms, [finish] { finish("the state cannot be stored"); });
  place_.oracle.runs(effect.uid, effect.body, agent_.state());
  if (std::holds_alternative<core::Reboot>(effect.body)) {
    bay_.board().reboot([](const std::expected<void, hal::Error>&) {});
    return later(reboot_delay, [this] { place_.reboot(); });
  }
  // A package is never there: fetching and installing one is proven elsewhere.
  if (std::holds_alternative<core::SoftwareInstall>(effect.body))
    return later(install_time, [finish] { finish("the package cannot be fetched"); });
  if (std::holds_alternative<core::ResetRadio>(effect.body))
    return bay_.recovery().order(
        hal::RecoveryStep::module_reset,
        [this, finish](const std::expected<void, hal::Error>& result) {
          later(0ms,
                [finish, error = result ? std::string() : result.error().text] { finish(error); });
        },
        boot_time());
  // Nobody takes a bundle here: sending one is proven elsewhere.
  if (std::holds_alternative<core::SendSupportBundle>(effect.body))
    return later(install_time, [finish] { finish("the bundle cannot be sent"); });
  later(0ms, [this, finish] {
    bay_.refresh();
    finish({}, daemon::diagnosis(agent_.status(boot_time())));
  });
}

void Router::apply(const core::TrustChanged&) {
  const auto& trust = agent_.state().trust;
  if (trust) directory_.adopt(trust->claims.issuer, trust->claims);
}

void Router::apply(const core::Notify& effect) {
  ++place_.figures.counts["notices"];
  if (!place_.story.told()) return;
  std::string text = effect.event;
  if (effect.reason != core::Reason::none) text += " " + std::string(core::code(effect.reason));
  if (!effect.text.empty()) text += ": " + effect.text;
  place_.story.tell("router", text);
}

// ---- messages

void Router::received(const Packet& packet) {
  const auto verify = [this](std::string_view jws) { return directory_.verify(instance_, jws); };
  auto tasks = alms::decode_tasks(packet.payload, verify);
  auto delivery = std::make_shared<Delivery>(Delivery{packet.id, 0, packet.retained});
  for (const auto& task : tasks) {
    if (!task) continue;
    ++delivery->open;
    deliveries_.emplace(task->uid, delivery);
  }
  if (delivery->open == 0) connection_->puback(packet.id);
  for (auto& task : tasks) {
    if (task) {
      place_.oracle.arrives(*task);
      feed(core::TaskArrived{*std::move(task), packet.retained});
    } else {
      feed(core::Unreadable{task.error()});
    }
  }
}

void Router::apply(const core::ReleaseTask& effect) {
  const auto found = deliveries_.find(effect.uid);
  if (found == deliveries_.end()) return;
  const auto delivery = found->second;
  deliveries_.erase(found);
  if (--delivery->open > 0 || !connection_) return;
  const bool taken = core::find_task(agent_.state(), effect.uid) != nullptr;
  if (taken && !delivery->retained) place_.oracle.released(effect.uid);
  connection_->puback(delivery->packet);
}

}  // namespace oobm::sim
