#include "agent/daemon/daemon.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <asio/post.hpp>

#include "agent/core/lifecycle.hpp"
#include "agent/daemon/diagnosis.hpp"
#include "agent/daemon/radio_view.hpp"
#include "agent/daemon/status_json.hpp"

namespace oobm::daemon {
namespace {

// A synchronised system clock is told to the core again after this long.
constexpr core::Duration system_time_interval = std::chrono::hours(1);

core::AgentConfig agent_config(const Setup& setup) {
  return {.agent_version = setup.version,
          .boot_id = boot_id(),
          .build_time = core::UnixTime{OOBM_BUILD_TIME},
          .uplinks = setup.config.uplinks};
}

core::LinkFault bearer_fault(const hal::Error& error) {
  return {.reason = core::Reason::bearer_down,
          .code = std::string(hal::to_string(error.code)),
          .sentence = error.text};
}

}  // namespace

Daemon::Daemon(asio::io_context& loop, Setup setup, Log log, hal::Radio& radio, hal::Board& board)
    : loop_(loop),
      setup_(std::move(setup)),
      log_(std::move(log)),
      radio_(radio),
      board_(board),
      directory_(setup_.instances),
      memory_(setup_.config.state_folder),
      agent_(agent_config(setup_), memory_.load(directory_), random_),
      link_memory_(
          setup_.config.state_folder, boot_id(), [this] { return link_moment(); },
          [this](std::string text) { note("link_memory", core::Reason::none, std::move(text)); }),
      credentials_(
          setup_.config, boot_id(),
          [this] {
            const auto now = boot_now();
            const auto belief = agent_.time(now);
            uplink::Moment moment{.boot_ms = now.since_boot.count(), .unix_s = std::nullopt};
            if (belief.level != core::TimeLevel::floor) moment.unix_s = belief.time.seconds;
            return moment;
          },
          [this](std::string text) { note("tls", core::Reason::none, std::move(text)); }),
      // A file spends so fast that the allowance may end long before the next look around.
      permit_(agent_, {.oobm = oobm_way_, .main_wan = wan_way_, .chosen = connecting_over_},
              [this] { asio::post(loop_, [this] { collect_usage(); }); }),
      courier_(
          loop, setup_.config, directory_, link_memory_, credentials_, permit_,
          [this]() -> std::optional<std::int64_t> {
            const auto belief = agent_.time(boot_now());
            if (belief.level == core::TimeLevel::floor) return std::nullopt;
            return belief.time.seconds;
          },
          [this](const core::Event& event) { feed(event); }),
      control_(loop, setup_.config.control_socket,
               {.status =
                    [this] {
                      collect_usage();
                      const auto recovery = recovery_.view();
                      return status_json(status(), radio_.facts(), boot_now(), &recovery);
                    },
                .sync = [this] { return operator_sync(); },
                .at =
                    [this](const AtRequest& request, ControlHandlers::AtAnswer answer) {
                      operator_at(request, std::move(answer));
                    },
                .identity =
                    [this](const IdentityRequest& request) {
                      const auto identity = agent_.status(boot_now()).identity;
                      return credentials_.answer(request, identity ? identity->serial.str() : "");
                    },
                .fetch = [this](const FetchRequest& request) { return transfers_.fetch(request); },
                .transfers = [this](bool cancel) { return transfers_.list(cancel); },
                .install = [this] { return install_.view(); },
                .record = [this](const RecordRequest& request) { return record(request); },
                .version = setup_.version},
               events_),
      signals_(loop, SIGTERM, SIGINT),
      identity_timer_(loop),
      environment_timer_(loop),
      network_watch_(loop,
                     [this] {
                       if (!stopping_) look_at_wan();
                     }),
      stop_timer_(loop),
      recovery_(loop, setup_.config.state_folder, radio, board,
                [this](core::Reason reason, std::string text) {
                  note("recovery", reason, std::move(text));
                }),
      transfers_(
          loop, courier_.gate(), random_, setup_.config, directory_, setup_.version, setup_.spawner,
          [this] { return permit_.transfer_way(); },
          [this](std::string event, std::string text) {
            note(std::move(event), core::Reason::none, std::move(text));
          }),
      install_(
          loop, board, transfers_, directory_, setup_.config, setup_.version,
          {.instance = [this] { return agent_.status(boot_now()).instance_id; },
           .answer = [this](const core::TaskFinished& done) { feed(done); },
           .note = [this](std::string event, core::Reason reason,
                          std::string text) { note(std::move(event), reason, std::move(text)); }}),
      bundles_(loop, transfers_,
               {.bundle = [this] { return support_bundle(); },
                .answer = [this](const core::TaskFinished& done) { feed(done); }}) {
  for (auto& timer : timers_) timer.timer = std::make_unique<BootTimer>(loop);
}

Daemon::~Daemon() = default;

std::expected<void, std::string> Daemon::start() {
  if (auto listening = control_.start(); !listening) return listening;
  signals_.async_wait([this](const std::error_code& error, int) {
    if (!error) stop();
  });
  log_.notice("started", {{"version", setup_.version}});
  for (const auto& remark : directory_.remarks()) note("instance_data", core::Reason::none, remark);
  for (const auto& remark : memory_.remarks()) note("store", core::Reason::none, remark);
  for (const auto& remark : recovery_.remarks()) note("recovery", core::Reason::none, remark);
  for (const auto& remark : install_.remarks()) note("install", core::Reason::none, remark);
  feed(core::Started{});
  tell_last_exit();
  install_.start();
  radio_.start([this](const hal::RadioFacts& facts) { radio_changed(facts); });
  // Modules exist that keep airplane mode over a restart: whoever switched it on may be gone. A
  // blocked router transmits too, and sends nothing (docs/radio.md).
  radio_.set_power(true, [](const std::expected<void, hal::Error>&) {});
  ask_identity();
  look_around();
  return {};
}

// ---- inputs

void Daemon::feed(const core::Event& event) {
  if (stopping_) {
    if (std::holds_alternative<core::SessionClosed>(event)) leave();
    return;
  }
  recovery_.heard(event, connecting_over_);
  const auto effects = agent_.handle(event, boot_now());
  for (const auto& effect : effects) std::visit([this](const auto& e) { apply(e); }, effect);
  const auto status = agent_.status(boot_now());
  recovery_.observe(link_use(status, connecting_over_));
  install_.observe(status.phase == core::LinkPhase::online);
  transfers_.observe();
}

core::Status Daemon::status() const {
  auto status = agent_.status(boot_now());
  status.storage_fault = storage_fault_;
  status.store_generation = memory_.generation();
  status.store_commits = memory_.commits();
  status.wire_measured = usage_meters_[static_cast<std::size_t>(core::Uplink::oobm)].measured();
  return status;
}

LinkMoment Daemon::link_moment() const {
  const auto now = boot_now();
  const auto belief = agent_.time(now);
  LinkMoment moment{.boot = now, .time = std::nullopt};
  if (belief.level != core::TimeLevel::floor) moment.time = belief.time;
  return moment;
}

void Daemon::ask_identity() {
  board_.identity([this](std::expected<hal::BoardIdentity, hal::Error> identity) {
    if (stopping_) return;
    if (identity) {
      claim_ = board_claim(*identity);
    } else {
      claim_ = {.error = std::string(hal::to_string(identity.error().code)) + ": " +
                         identity.error().text};
      identity_timer_.expires_after(identity_retry);
      identity_timer_.async_wait([this](const std::error_code& error) {
        if (!error) ask_identity();
      });
    }
    send_region_inputs();
  });
}

void Daemon::send_region_inputs() {
  feed(core::RegionInputsChanged{{.board = claim_,
                                  .radio_imei = radio_imei_,
                                  .catalogue = setup_.catalogue,
                                  .instances = directory_.instances(),
                                  .pinned = setup_.config.instance}});
  show_led();
}

void Daemon::radio_changed(const hal::RadioFacts& facts) {
  const bool other_imei = facts.imei && facts.imei != radio_imei_;
  if (facts.imei) radio_imei_ = facts.imei;
  const auto view = radio_view(facts);
  if (core::radio_fault(view)) courier_.radio_lost();
  feed(core::RadioChanged{view});
  if (other_imei && (!claim_.error.empty() || claim_.serial)) send_region_inputs();
  if (facts.network_time && facts.network_time->at != network_time_at_) {
    network_time_at_ = facts.network_time->at;
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(boot_now() - facts.network_time->at);
    feed(core::TimeEvidence{core::TimeSource::modem, facts.network_time->time + age});
  }
}

void Daemon::look_around() {
  if (setup_.alive) setup_.alive();
  collect_usage();
  // What could not be stored is stored as soon as the medium works again.
  if (!storage_fault_.empty()) apply(core::Persist{});
  const auto now = boot_now();
  const bool told = network_watch_.works() && wan_looked_at_ && now - *wan_looked_at_ < wan_poll;
  if (!told) look_at_wan();
  if (!system_time_at_ || now - *system_time_at_ >= system_time_interval) {
    if (const auto time = synchronised_system_time()) {
      system_time_at_ = now;
      feed(core::TimeEvidence{core::TimeSource::system, *time});
    }
  }
  environment_timer_.expires_after(environment_poll);
  environment_timer_.async_wait([this](const std::error_code& error) {
    if (!error && !stopping_) look_around();
  });
}

void Daemon::look_at_wan() {
  wan_looked_at_ = boot_now();
  board_.wan_status([this](std::expected<hal::WanStatus, hal::Error> status) {
    const auto seen = status.value_or(hal::WanStatus{});
    if (!status) {
      log_.warning("wan_status", {{"error", status.error().text}});
      wan_looked_at_.reset();
    }
    wan_way_.interface = seen.interface;
    wan_way_.dns_servers = seen.dns_servers;
    feed(core::WanChanged{wan_view(seen)});
  });
}

std::expected<core::BootTime, ControlError> Daemon::operator_sync() {
  const auto now = boot_now();
  // A blocked router cannot be synchronised, and the technician must not be told that it was.
  const auto refuse = [](core::Reason reason) {
    return std::unexpected(
        ControlError{std::string(core::code(reason)), std::string(core::row(reason).sentence)});
  };
  const auto status = agent_.status(now);
  if (stopping_) return refuse(core::Reason::busy);
  if (status.blocked) return refuse(status.verdict.reason);
  if (!status.identity->imei) return refuse(core::Reason::imei_unknown);
  radio_.refresh();
  wan_looked_at_.reset();
  look_around();
  feed(core::OperatorSync{});
  return now;
}

void Daemon::operator_at(const AtRequest& request, ControlHandlers::AtAnswer answer) {
  // What is typed may hold a PIN, what is answered an IMSI: of both nothing is noted here.
  if (request.force) note("at_forced", core::Reason::none, "an AT command was forced by hand");
  radio_.command(
      {.text = request.command, .force = request.force},
      [answer = std::move(answer)](std::expected<hal::RawAnswer, hal::Error> result) mutable {
        if (result)
          answer(AtReply{.ok = result->ok,
                         .result = std::move(result->result),
                         .lines = std::move(result->lines)});
        else
          answer(std::unexpected(
              ControlError{std::string(hal::to_string(result.error().code)), result.error().text}));
      });
}

void Daemon::collect_usage() {
  collect_usage(oobm_way_);
  collect_usage(wan_way_);
}

void Daemon::collect_usage(const Way& way) {
  if (way.interface.empty()) return;
  auto& meter = usage_meters_[static_cast<std::size_t>(way.uplink)];
  // The main WAN's counters count the customer's traffic.
  const auto counters =
      way.uplink == core::Uplink::oobm ? interface_counters(way.interface) : std::nullopt;
  meter.begin(way.interface, counters);
  const auto spent = meter.collect(courier_.take_by_use(way.interface), counters);
  if (spent != core::SpentByUse{}) feed(core::UsageCounted{way.uplink, spent});
}

// ---- effects

void Daemon::apply(const core::Persist&) {
  const auto stored = memory_.commit(agent_.state());
  const auto fault = stored ? std::string() : stored.error();
  // Service goes on from memory; the technician is told, in the status too.
  if (fault.empty() != storage_fault_.empty())
    note(stored ? "store_works" : "store_failed",
         stored ? core::Reason::none : core::Reason::storage_fault, fault);
  storage_fault_ = fault;
}

void Daemon::apply(const core::BearerUp&) {
  board_.bearer_up({}, [this](std::expected<hal::BearerStatus, hal::Error> status) {
    if (!status) {
      feed(core::BearerFailed{bearer_fault(status.error())});
      return;
    }
    collect_usage(oobm_way_);
    oobm_way_.interface = status->interface;
    // What the interface has counted until now was not for this uplink.
    collect_usage(oobm_way_);
    oobm_way_.dns_servers = status->dns_servers;
    const auto pdp = radio_.facts().pdp.value_or(hal::PdpFacts{});
    oobm_way_.apn = status->apn.empty() ? pdp.apn : status->apn;
    oobm_way_.mtu = status->mtu.value_or(pdp.mtu.value_or(0));
    feed(core::BearerUpDone{status->interface,
                            status->addresses.empty() ? std::string() : status->addresses.front()});
  });
}

void Daemon::apply(const core::BearerDown&) {
  board_.bearer_down([this](std::expected<void, hal::Error> done) {
    if (!done) log_.warning("bearer_down", {{"error", done.error().text}});
  });
}

void Daemon::apply(const core::CycleRadio&) { recovery_.cycle_radio(); }

void Daemon::apply(const core::Connect& effect) {
  connecting_over_ = effect.uplink;
  const auto identity = agent_.status(boot_now()).identity;
  if (!identity) return;
  courier_.connect(effect, identity->serial,
                   effect.uplink == core::Uplink::oobm ? oobm_way_ : wan_way_);
}

void Daemon::apply(const core::Disconnect&) { courier_.disconnect(); }
void Daemon::apply(const core::Publish& effect) { courier_.publish(effect); }
void Daemon::apply(const core::ReleaseTask& effect) { courier_.release(effect.uid); }

void Daemon::apply(const core::ArmTimer& effect) {
  auto& timer = timers_[static_cast<std::size_t>(effect.id)];
  timer.timer->expires_at(BootClock::time_point(effect.at.since_boot));
  timer.timer->async_wait(
      [this, &timer, id = effect.id, armed = ++timer.armed](const std::error_code& error) {
        if (error || armed != timer.armed) return;
        if (id == core::TimerId::telemetry) collect_usage();
        feed(core::TimerFired{id});
      });
}

void Daemon::apply(const core::CancelTimer& effect) {
  auto& timer = timers_[static_cast<std::size_t>(effect.id)];
  ++timer.armed;
  timer.timer->cancel();
}

void Daemon::apply(const core::RunTask& effect) {
  const auto done = [this, uid = effect.uid](const std::expected<void, hal::Error>& outcome) {
    finish_task(uid, outcome);
  };
  if (!storage_fault_.empty() && !core::is_idempotent(effect.body)) {
    // That it was begun could not be stored, so after a power cut it would run a second time.
    asio::post(loop_, [done, fault = storage_fault_] {
      done(std::unexpected(hal::Error{hal::ErrorCode::stopped, fault}));
    });
  } else if (std::holds_alternative<core::Reboot>(effect.body)) {
    // The result is known after the restart, by the boot id that the ledger holds.
    board_.reboot([done](std::expected<void, hal::Error> accepted) {
      if (!accepted) done(accepted);
    });
  } else if (std::holds_alternative<core::ResetRadio>(effect.body)) {
    recovery_.reset_module(done);
  } else if (const auto* order = std::get_if<core::SoftwareInstall>(&effect.body)) {
    install_.run(effect.uid, *order);
  } else if (const auto* bundle = std::get_if<core::SendSupportBundle>(&effect.body)) {
    bundles_.send(effect.uid, *bundle);
  } else {
    radio_.refresh();
    const auto text = diagnosis(status());
    asio::post(loop_, [this, uid = effect.uid, text] {
      feed(core::TaskFinished{{.uid = uid, .ok = true, .message = text}});
    });
  }
}

void Daemon::finish_task(const std::string& uid, const std::expected<void, hal::Error>& outcome) {
  core::Ack ack{.uid = uid, .ok = outcome.has_value(), .message = {}};
  if (!outcome)
    ack.message = std::string(core::code(core::Reason::failed)) + ": " + outcome.error().text;
  feed(core::TaskFinished{std::move(ack)});
}

void Daemon::apply(const core::TrustChanged&) {
  const auto& trust = agent_.state().trust;
  if (trust) directory_.adopt(trust->claims.issuer, trust->claims);
}

void Daemon::apply(const core::StatementJudged& effect) { statement_refusal_ = effect.refusal; }

void Daemon::apply(const core::Notify& effect) {
  note(effect.event, effect.reason, effect.text);
  show_led();
}

void Daemon::note(std::string event, core::Reason reason, std::string text) {
  const auto now = boot_now();
  const auto belief = agent_.time(now);
  log_.notice(event, {{"reason", core::code(reason)}, {"text", text}});
  events_.add(
      {.at = now,
       .time = belief.level == core::TimeLevel::floor ? std::nullopt : std::optional(belief.time),
       .event = std::move(event),
       .reason = reason,
       .text = std::move(text)});
}

void Daemon::show_led() {
  const auto led = led_for(status());
  if (shown_led_ == led) return;
  shown_led_ = led;
  board_.led(led, [](std::expected<void, hal::Error>) {});
}

// ---- leaving

void Daemon::stop() {
  collect_usage();
  if (!stopping_) feed(core::Stopping{});
  if (std::exchange(stopping_, true)) {
    loop_.stop();
    return;
  }
  log_.notice("stopping");
  signals_.async_wait([this](const std::error_code& error, int) {
    if (!error) stop();
  });
  for (auto& timer : timers_) timer.timer->cancel();
  identity_timer_.cancel();
  environment_timer_.cancel();
  recovery_.stop();
  transfers_.stop();
  stop_timer_.expires_after(stop_limit);
  stop_timer_.async_wait([this](const std::error_code& error) {
    if (!error) loop_.stop();
  });
  courier_.disconnect();
}

void Daemon::leave() {
  credentials_.leave();
  radio_.stop();
  control_.stop();
  board_.bearer_down([this](std::expected<void, hal::Error>) {
    log_.notice("stopped");
    loop_.stop();
  });
}

}  // namespace oobm::daemon
