// One run of the agent in the simulated router, from its start to its end: the real core, codec,
// keys, store and radio service, with the daemon's event loop replaced by the timeline. It carries
// effects out as agent/daemon does, in their order, and decides nothing.
//
// Power may go before any effect and before any operation of the flash: PowerCut then flies out of
// whatever runs, and the run is destroyed.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/agent.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/daemon/memory.hpp"
#include "tests/sim/connection.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/radio_bay.hpp"

namespace oobm::sim {

class Router {
 public:
  struct Place {
    Timeline& time;
    Chance& chance;
    const Weather& weather;
    const Story& story;
    Figures& figures;
    Oracle& oracle;
    Iron& iron;
    Ways& ways;
    std::function<Broker&(const std::string& instance)> broker;
    std::function<void()> reboot;      // the board has accepted a reboot
    const daemon::Directory& shipped;  // as the firmware has it
    bool every_poll = false;
    bool main_wan_for_service = false;
  };

  // Loads what the flash holds. May throw PowerCut, as every call.
  explicit Router(Place place);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  void start();
  // Does what is due; called whenever deadline() has come.
  void run();
  [[nodiscard]] core::BootTime deadline() const;

  // The surroundings have changed.
  void look_around();
  void disturb_radio() { bay_.disturb(); }
  void sync() { feed(core::OperatorSync{}); }
  void cut_link();
  // A technician's way: a request, and a statement brought by hand.
  void stop();  // in good order, as far as the store goes

  // The power goes before so many effects from now have been carried out.
  void cut_before_effect(std::uint64_t effects) { effects_left_ = effects; }

  [[nodiscard]] const core::State& state() const { return agent_.state(); }
  [[nodiscard]] core::Status status() const { return agent_.status(boot_time()); }
  [[nodiscard]] bool storage_failed() const { return storage_failed_; }
  [[nodiscard]] const RadioBay& bay() const { return bay_; }

 private:
  struct Delivery {
    std::uint64_t packet = 0;
    std::size_t open = 0;   // tasks not stored yet
    bool retained = false;  // never answered
  };

  [[nodiscard]] core::BootTime boot_time() const {
    return core::BootTime{place_.time.now() - place_.iron.booted_at};
  }
  [[nodiscard]] core::UnixTime certificate_begin() const;
  [[nodiscard]] bool dates_ok() const;
  template <class Action>
  void later(core::Duration pause, Action action);
  void feed(const core::Event& event);
  void observe_link();
  void radio_changed(const hal::RadioFacts& facts);
  void send_region_inputs();
  void read_system_clock();
  void count_usage();
  void received(const Packet& packet);

  void apply(const core::Persist&);
  void apply(const core::BearerUp&);
  void apply(const core::BearerDown&);
  void apply(const core::CycleRadio&);
  void apply(const core::Connect& effect);
  void apply(const core::Disconnect&);
  void apply(const core::Publish& effect);
  void apply(const core::ArmTimer& effect);
  void apply(const core::CancelTimer& effect);
  void apply(const core::RunTask& effect);
  void apply(const core::ReleaseTask& effect);
  void apply(const core::TrustChanged&);
  void apply(const core::StatementJudged&) {}
  void apply(const core::Notify& effect);

  Place place_;
  daemon::Directory directory_;
  daemon::Memory memory_;
  core::test::SeededRandom random_;
  core::Agent agent_;
  RadioBay bay_;
  std::unique_ptr<Connection> connection_;
  std::string instance_;  // of the connection
  core::Uplink connecting_over_ = core::Uplink::oobm;
  std::uint64_t session_ = 0;
  std::map<std::uint64_t, std::uint64_t> durable_;  // token -> outbox id
  std::uint64_t next_token_ = 1;
  std::multimap<std::string, std::shared_ptr<Delivery>> deliveries_;     // by task uid
  std::array<std::optional<core::BootTime>, core::timer_count> timers_;  // by the boot clock
  core::BootTime system_clock_at_{};
  std::optional<hal::BoardIdentity> identity_;
  std::optional<core::Imei> radio_imei_;
  std::optional<core::BootTime> network_time_at_;
  bool bearer_wanted_ = false;
  bool storage_failed_ = false;
  core::SpentByUse spent_{};
  std::uint64_t effects_left_ = 0;  // 0: no cut is planned
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oobm::sim
