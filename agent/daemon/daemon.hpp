// The daemon joins the parts: it turns what radio, board, ALMS, clock and technician do into events
// for the core, and carries the core's effects out in their order. It decides nothing that the core
// could decide.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include "agent/core/agent.hpp"
#include "agent/daemon/bundle_desk.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/control_socket.hpp"
#include "agent/daemon/courier.hpp"
#include "agent/daemon/credentials.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/daemon/event_log.hpp"
#include "agent/daemon/exit_record.hpp"
#include "agent/daemon/gate_permit.hpp"
#include "agent/daemon/install_desk.hpp"
#include "agent/daemon/link_memory.hpp"
#include "agent/daemon/log.hpp"
#include "agent/daemon/memory.hpp"
#include "agent/daemon/radio_recovery.hpp"
#include "agent/daemon/system.hpp"
#include "agent/daemon/transfer_desk.hpp"
#include "agent/daemon/usage_meter.hpp"
#include "agent/uplink/network_watch.hpp"
#include <oobm/hal/board.hpp>
#include <oobm/hal/radio.hpp>

namespace oobm::daemon {

// How often the system clock and what could not be stored are looked at, and the main WAN where the
// kernel does not tell of changes.
inline constexpr core::Duration environment_poll = std::chrono::seconds(60);
// ... and the main WAN where it does: a change that is none of the kernel's, say of a name server.
inline constexpr core::Duration wan_poll = std::chrono::minutes(15);
// A board that does not tell its identity is asked again after this long.
inline constexpr core::Duration identity_retry = std::chrono::seconds(10);
// Leaving in good order takes no longer than this: a module that is slow to hang up may need all
// the time that the verb bearer-down has (docs/board.md).
inline constexpr core::Duration stop_limit = std::chrono::seconds(35);

// Everything the daemon reads at start, complete and checked.
struct Setup {
  Config config;
  std::vector<InstanceConfig> instances;
  std::vector<core::CatalogueEntry> catalogue;
  std::string version;
  // Who starts programs, outlives the daemon; null: they are started directly.
  hal::Spawner* spawner = nullptr;
  std::function<void()> alive{};          // called at least every environment_poll
  std::optional<ExitRecord> last_exit{};  // of a run before, where it was abnormal
};

class Daemon {
 public:
  // `loop`, `log`, `radio` and `board` outlive the daemon.
  Daemon(asio::io_context& loop, Setup setup, Log log, hal::Radio& radio, hal::Board& board);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Starts to work. Errors: a sentence (control socket). Returns at once; the work is done by the
  // loop.
  std::expected<void, std::string> start();

  // Leaves in good order (session, bearer, socket), then stops the loop; a second call stops at
  // once.
  void stop();

 private:
  // Inputs.
  void feed(const core::Event& event);
  [[nodiscard]] core::Status status() const;
  [[nodiscard]] LinkMoment link_moment() const;
  void tell_last_exit();
  void ask_identity();
  void radio_changed(const hal::RadioFacts& facts);
  void send_region_inputs();
  void look_around();
  void look_at_wan();
  void collect_usage();
  void collect_usage(const Way& way);
  std::expected<core::BootTime, ControlError> operator_sync();
  void operator_at(const AtRequest& request, ControlHandlers::AtAnswer answer);
  std::expected<std::string, ControlError> record(const RecordRequest& request);
  std::string support_bundle();
  std::expected<std::string, ControlError> request_entitlement();
  std::expected<std::string, ControlError> take_statement(const RecordRequest& request);

  // Effects.
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
  void apply(const core::StatementJudged& effect);
  void apply(const core::Notify& effect);

  void finish_task(const std::string& uid, const std::expected<void, hal::Error>& outcome);
  void note(std::string event, core::Reason reason, std::string text);
  void show_led();
  void leave();

  asio::io_context& loop_;
  Setup setup_;
  Log log_;
  hal::Radio& radio_;
  hal::Board& board_;
  EventLog events_;
  SystemRandom random_;
  Directory directory_;
  Memory memory_;
  core::Agent agent_;
  LinkMemory link_memory_;
  Credentials credentials_;
  Way oobm_way_;
  Way wan_way_{.uplink = core::Uplink::main_wan, .interface = {}, .dns_servers = {}};
  core::Uplink connecting_over_ = core::Uplink::oobm;
  GatePermit permit_;
  Courier courier_;
  ControlSocket control_;
  asio::signal_set signals_;
  // A timer that was armed anew or cancelled may have a call on its way already; the number tells.
  struct Timer {
    std::unique_ptr<BootTimer> timer;
    std::uint64_t armed = 0;
  };
  std::array<Timer, core::timer_count> timers_;
  BootTimer identity_timer_;
  BootTimer environment_timer_;
  uplink::NetworkWatch network_watch_;
  std::optional<core::BootTime> wan_looked_at_;  // nothing: it is to be looked at again
  BootTimer stop_timer_;

  core::BoardClaim claim_;
  std::optional<core::Imei> radio_imei_;
  std::optional<core::BootTime> network_time_at_;
  std::optional<core::BootTime> system_time_at_;
  std::array<UsageMeter, core::uplink_count> usage_meters_;  // by uplink
  RadioRecovery recovery_;
  TransferDesk transfers_;
  InstallDesk install_;
  BundleDesk bundles_;
  std::optional<hal::Led> shown_led_;
  std::string storage_fault_;                       // empty while the state can be stored
  std::optional<core::Refusal> statement_refusal_;  // of the statement that was brought last
  bool stopping_ = false;
};

}  // namespace oobm::daemon
