// A router's life as somebody chooses it, step by step: true and forged statements, replays, faults
// of every link, wrong clocks, power cuts, events that nobody expects. The choices come from a seed
// or from anything else that can choose. After each step the invariants of support/watch.hpp are
// looked at; and when the faults are gone the router must come back.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {

// Choices: below(n), uniform in 0 .. n - 1, and one_in(n), as SeededRandom has them.
template <class Choices>
class Life {
 public:
  // `seed` is the router's own; the life is that of `choices`.
  explicit Life(std::uint64_t seed, Choices choices) : seed_(seed), random_(std::move(choices)) {
    State state;
    state.settings = {.heartbeat_period_s = 604'800, .telemetry_period_s = 604'800};
    restart(std::move(state));
  }

  void one_event() {
    if (random_.one_in(200)) return power_cut();
    switch (random_.below(12)) {
      case 0:
        return router_->advance(std::chrono::milliseconds(random_.below(5'000)));
      case 1:
        return router_->advance(seconds(random_.below(5'000)));
      case 2:
        if (random_.one_in(10)) router_->advance(hours(random_.below(72)));
        return;
      case 3:
        return faults();
      case 4:
        return surroundings();
      case 5:
        return clocks();
      case 6:
      case 7:
      case 8:
        return statement();
      case 9:
        return service_task();
      case 10:
        return results();
      default:
        return unexpected_event();
    }
  }

  // All faults are gone, and ALMS holds the router Active, in a registration of its own.
  void heal() {
    auto& world = router_->world;
    world = World{};
    claims_ = entitlement_for(placement_of(xr80_na()));
    claims_.base.registration = "r-final";
    claims_.base.issued_at = wall();
    claims_.valid_until = wall() + days(365);
    alms_ = std::make_unique<Alms>(claims_);
    world.alms = Alms::answering(*alms_);
    // A broker that acknowledged nothing has not heard it; the next session says it again.
    router_->feed(SessionClosed{refused_login});
    router_->feed(WanChanged{wan_up()});
    router_->feed(RadioChanged{registered_radio()});
    router_->feed(RegionInputsChanged{xr80_na()});
  }

  // How long it may take then. A router that ALMS has retired asks only now and then.
  [[nodiscard]] Duration way_back() const {
    return router_->state().lifecycle == Lifecycle::retired ? Duration(days(9))
                                                            : Duration(hours(29));
  }

  Router& router() { return *router_; }
  Choices& choices() { return random_; }
  [[nodiscard]] std::size_t connects() const { return connects_ + router_->count<Connect>(); }

 private:
  [[nodiscard]] UnixTime wall() const {
    return today + std::chrono::duration_cast<seconds>(lived_ + router_->now().since_boot);
  }

  void restart(State state) {
    ++boots_;
    router_ = std::make_unique<Router>(
        RouterOptions{.state = std::move(state),
                      .uplinks = {.main_wan_for_registration = !random_.one_in(4),
                                  .main_wan_for_service = random_.one_in(4)},
                      .boot_id = "boot-" + std::to_string(random_.one_in(3) ? boots_ - 1 : boots_),
                      .seed = seed_ * 1'000 + boots_});
    router_->boot();
  }

  void power_cut() {
    const auto state = router_->state();
    lived_ += router_->now().since_boot;
    connects_ += router_->count<Connect>();
    restart(state);
  }

  std::optional<LinkFault> maybe_fault(std::uint64_t one_in) {
    if (!random_.one_in(one_in)) return std::nullopt;
    return refused_login;
  }

  void faults() {
    auto& world = router_->world;
    world.bearer_fault = maybe_fault(6);
    world.oobm_fault = maybe_fault(4);
    world.wan_fault = maybe_fault(4);
    world.silent = random_.one_in(10);
    world.dates_ok = !random_.one_in(8);
    world.broker_acks = !random_.one_in(8);
  }

  void surroundings() {
    auto inputs = xr80_na();
    switch (random_.below(8)) {
      case 0:
        return router_->feed(WanChanged{random_.one_in(2) ? wan_up() : WanView{}});
      case 1:
        return router_->feed(RadioChanged{denied_radio()});
      case 2:
        return router_->feed(RadioChanged{random_.one_in(4) ? RadioView{} : searching_radio()});
      case 3:
        if (random_.one_in(4)) inputs.pinned = "eu";
        return router_->feed(RegionInputsChanged{inputs});
      case 4:
        if (random_.one_in(4)) inputs.board.sku = "XR80-GL-5G";
        return router_->feed(RegionInputsChanged{inputs});
      case 5:
        if (random_.one_in(4)) inputs.board.factory_imei.reset();
        return router_->feed(RegionInputsChanged{inputs});
      default:
        return router_->feed(RadioChanged{registered_radio()});
    }
  }

  void clocks() {
    const auto source = random_.one_in(2) ? TimeSource::modem : TimeSource::system;
    const std::array<UnixTime, 8> readings{
        wall(),           wall(),     wall(), wall() + minutes(3), wall() + days(400),
        wall() - days(9), UnixTime{}, today};
    router_->feed(TimeEvidence{source, readings[random_.below(readings.size())]});
  }

  Entitlement statement_claims() {
    auto claims =
        entitlement_for(placement_of(xr80_na()), static_cast<AlmsState>(random_.below(5)));
    if (random_.one_in(2)) claims.state = AlmsState::active;
    const auto& held = router_->state().registration;
    claims.base.registration =
        held && !random_.one_in(6) ? held->registration : "r-" + std::to_string(random_.below(20));
    claims.base.sequence = (held ? held->sequence : 0) + random_.below(3);
    claims.base.id = "e-" + std::to_string(claims.base.sequence);
    claims.base.issued_at = wall();
    if (!random_.one_in(4)) claims.base.nonce = router_->nonce();
    claims.valid_until = wall() + hours(random_.below(900)) - hours(200);
    if (random_.one_in(5)) claims.valid_until.reset();
    claims.grace = hours(random_.below(200));
    if (random_.one_in(3)) claims.data = DataAllowance{random_.below(1'000'000), "month"};
    if (random_.one_in(30)) claims.base.subject = "XR80NA0000002";
    if (random_.one_in(30)) claims.base.issuer = "eu";
    if (random_.one_in(30)) claims.offer.services.clear();
    return claims;
  }

  std::string uid() { return "u-" + std::to_string(random_.below(4'000)); }

  void statement() {
    if (!router_->online() && random_.one_in(2)) {
      router_->feed(OperatorSync{});
      router_->advance(seconds(5));
    }
    switch (random_.below(6)) {
      case 0: {
        auto claims = deregistration_for(placement_of(xr80_na()));
        claims.base = statement_claims().base;
        if (!random_.one_in(3)) return;
        return router_->task(uid(), Deregister{signed_statement(claims)});
      }
      case 1: {
        TrustSet set;
        set.issuer = random_.one_in(3) ? "eu" : "na";
        set.version = random_.below(100);
        return router_->task(uid(), TrustUpdate{signed_statement(set)});
      }
      case 2:
      case 3: {
        RegisterResult result;
        result.outcome = static_cast<RegisterResult::Outcome>(random_.below(3));
        result.code = std::string(reasons()[random_.below(reasons().size())].code);
        result.text = std::string(random_.below(300), 'x');
        result.nonce = random_.one_in(3) ? "other" : router_->nonce();
        if (random_.one_in(2)) result.entitlement = signed_statement(statement_claims());
        return router_->task(uid(), result, random_.one_in(20));
      }
      default:
        return router_->task(uid(), Entitle{signed_statement(statement_claims())});
    }
  }

  void service_task() {
    const std::array<TaskBody, 8> bodies{
        Reboot{},   ResetRadio{},
        Diagnose{}, ReadData{{"_RSRP"}},
        SyncTask{}, WriteSettings{{{"oobm.heartbeat_period_s", 86'400}}},
        Diagnose{}, BadTask{{Reason::malformed, std::string(500, '\x01')}}};
    router_->task(uid(), bodies[random_.below(bodies.size())], random_.one_in(10));
  }

  void results() {
    const auto& ledger = router_->state().ledger;
    if (ledger.empty()) return;
    const auto record = ledger[random_.below(ledger.size())];
    router_->feed(TaskFinished{{.uid = record.uid, .ok = random_.one_in(2), .message = "x"}});
  }

  UsageCounted some_usage() {
    UsageCounted counted{random_.one_in(4) ? Uplink::main_wan : Uplink::oobm, {}};
    counted.spent[random_.below(use_count)].wire = {random_.below(60'000), random_.below(60'000)};
    return counted;
  }

  void unexpected_event() {
    switch (random_.below(9)) {
      case 0:
        return router_->feed(OperatorSync{});
      case 1:
        return router_->feed(
            SessionReady{.uplink = random_.one_in(2) ? Uplink::oobm : Uplink::main_wan,
                         .interface = "x",
                         .address = "y",
                         .dates_ok = random_.one_in(2)});
      case 2:
        return router_->feed(SessionClosed{refused_login});
      case 3:
        return router_->feed(BearerUpDone{"x", "y"});
      case 4:
        return router_->feed(BearerFailed{refused_login});
      case 5:
        return router_->feed(Published{random_.below(500)});
      case 6:
        return router_->feed(Unreadable{{Reason::malformed, {}}});
      case 7:
        return router_->feed(some_usage());
      default:
        return router_->feed(TimerFired{static_cast<TimerId>(random_.below(timer_count))});
    }
  }

  std::uint64_t seed_;
  Choices random_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Alms> alms_;
  Entitlement claims_;
  Duration lived_{0};
  std::uint64_t boots_ = 0;
  std::size_t connects_ = 0;
};

}  // namespace oobm::core::test
