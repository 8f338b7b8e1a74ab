// A cellular module as its host sees it: V.250 framing, echo, answers after a module's latencies,
// unsolicited reports, registration that depends on card, coverage, network and subscription, data
// calls, and faults that can be switched while it runs (faults.hpp). Sans-I/O: bytes and the time
// go in, bytes come out, so that the same module lives on a pseudo-terminal or in virtual time.
// Every random choice comes from one seed.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/time.hpp"
#include "tests/modem-sim/faults.hpp"
#include "tests/modem-sim/personality.hpp"
#include "tests/modem-sim/sim_line.hpp"

namespace oobm::modem_sim {

struct SimConfig {
  const Personality* personality = find_personality("hl78xx");
  std::string imei = "359459090001236";
  std::string imsi = "001010123456789";
  std::string iccid = "89014103211118510720";
  std::string model;  // empty: the personality's
  std::string apn = "oobm.example";
  std::string operator_name = "Test Network";
  std::string address = "10.64.0.2";
  std::string dns = "10.64.0.1";
  std::string pin = "1234";
  std::string puk = "12345678";
  int mtu = 1358;                 // bytes
  core::UnixTime network_time{};  // at the start; 0: the network sends none
  double speed = 1.0;             // latencies and delays are divided by it
  std::uint64_t seed = 1;
  bool data_port = false;  // a second line, which alone takes data calls
};

enum class Card { ready, absent, pin, puk, locked, failure, busy };
enum class PortId : std::uint8_t { command, data };

// The far end of a data call. None of them is called inside set_data_peer() or send_to_host().
struct DataPeer {
  std::function<void()> connected;  // the line has just said CONNECT; bytes pass from now on
  std::function<void(std::string_view bytes)> received;  // from the host, raw
  std::function<void()> ended;
};

class SimModem {
 public:
  static constexpr std::size_t max_command_bytes = SimLine::max_command_bytes;
  static constexpr std::size_t max_waiting_commands = SimLine::max_waiting_commands;
  static constexpr std::size_t max_output_bytes = SimLine::max_output_bytes;
  static constexpr std::size_t max_planned = 4096;  // control commands for later

  // Begins with a start of the module.
  SimModem(SimConfig config, core::BootTime now);

  void feed(std::string_view bytes, core::BootTime now, PortId port = PortId::command);
  void tick(core::BootTime now);
  [[nodiscard]] std::optional<core::BootTime> deadline() const;
  std::string take_output(core::BootTime now, PortId port = PortId::command);

  // One control command, for example "deny 7" (README.md lists them). The reply is "ok", "ok TEXT"
  // or "error TEXT".
  std::string control(std::string_view line, core::BootTime now);

  // Control commands, one a line; empty ones and those that begin with '#' say nothing. Nothing, or
  // the first line that makes no sense, which ends it.
  std::optional<std::string> play(std::string_view script, core::BootTime now);

  // The value must be one that the fault's row accepts, or 0.
  void apply(const Fault& fault, core::BootTime now);
  [[nodiscard]] std::int64_t fault(FaultId id) const;
  // Ends every fault, also those planned for later.
  void behave(core::BootTime now);
  // The board cuts the module's power for a moment.
  void power_cycle(core::BootTime now);

  // Whether the operator's subscription lets the SIM attach.
  void set_subscription_active(bool active, core::BootTime now);

  // Data calls: without a far end there are none (NO CARRIER).
  void set_data_peer(DataPeer peer) { peer_ = std::move(peer); }
  // Raw bytes for the host; lost when no call is in data mode.
  void send_to_host(std::string_view bytes);
  // The far end has ended the call: NO CARRIER.
  void far_end_left(core::BootTime now);
  // The host has closed the port (DTR dropped).
  void hang_up(PortId port, core::BootTime now);

  // False while the port has vanished.
  [[nodiscard]] bool port_present() const { return port_present_; }
  // True while another process has it.
  [[nodiscard]] bool port_held() const { return now_ < held_until_; }
  // How often the port came back under another number.
  [[nodiscard]] int port_number() const { return port_number_; }
  // Whether packets get through: registered, a context active, and not half dead.
  [[nodiscard]] bool traffic_passes() const;
  // Restarts seen so far, the first start not counted.
  [[nodiscard]] int restarts() const { return restarts_; }
  [[nodiscard]] const SimConfig& config() const { return config_; }

 private:
  struct Request {
    std::string name;  // "+CEREG", "E", "&F"; upper case
    char form = 'x';   // 'x' execute, '?' read, 't' test, '=' set
    std::string arguments;
    PortId port = PortId::command;
  };
  struct Reply {
    std::vector<std::string> lines;
    std::string final = "OK";
    core::Duration latency{15};
    std::function<void(core::BootTime)> then;  // after the final code
  };
  using Handler = Reply (SimModem::*)(const Request&);
  enum class Knower : std::uint8_t { all, hl78xx, own };
  struct Row {
    std::string_view name;
    Handler handler;
    Knower knower = Knower::all;
  };
  static constexpr int any_life = -1;
  struct Timed {
    core::BootTime at;
    int life;  // of the module; what it planned before a restart never happens
    std::function<void(core::BootTime)> action;
  };

  // Life (sim_modem.cpp).
  void start(core::BootTime now, bool report);
  void started(core::BootTime now, bool report);
  void after(core::BootTime now, core::Duration delay, std::function<void(core::BootTime)> action);
  void plan(Timed timed);
  core::Duration scaled(core::Duration delay) const;
  bool hears() const;
  SimLine& line(PortId port) { return lines_[static_cast<std::size_t>(port)]; }
  const SimLine& line(PortId port) const { return lines_[static_cast<std::size_t>(port)]; }
  void emit(std::string_view bytes, PortId port = PortId::command);
  void emit_line(std::string_view text, PortId port = PortId::command);
  void restart(core::BootTime now, bool report);
  void lose_settings();

  // Dialogue (sim_dialogue.cpp).
  bool wakes(core::BootTime now);
  void run_next(PortId port, core::BootTime now);
  bool swallowed();
  void answer(PortId port, const Reply& reply, core::BootTime now);
  void put_answer_line(std::string_view text, PortId port);
  void put_final(const std::string& text, PortId port);
  void put_unrelated(PortId port);
  Reply dispatch(const std::string& text, PortId port);
  static Request parse(std::string_view text);
  static const std::vector<Row>& table();
  bool knows(const Row& row) const;
  bool refused(std::string_view name) const;
  std::string shaped(const std::string& text) const;

  // Network (sim_network.cpp).
  struct Standing {
    int status = 0;   // <stat>
    int refusal = 0;  // EMM cause; 0: none
    friend bool operator==(const Standing&, const Standing&) = default;
  };
  Standing wanted_standing() const;
  void reconsider(core::BootTime now);
  void set_standing(Standing standing);
  std::string registration_fields(int level, bool report) const;
  bool attached() const { return standing_.status == 1 || standing_.status == 5; }
  bool context_active(int cid) const;
  bool power_saving() const;
  core::UnixTime network_time() const;
  void cure(int step, core::BootTime now);

  // Data calls (sim_call.cpp).
  Reply dial(const Request& request);
  Reply hook(const Request& request);
  Reply online(const Request& request);
  void connect(PortId port, core::BootTime now);
  void end_call(PortId port, bool tell);

  // Commands (sim_commands*.cpp).
  Reply ok(const Request& request);
  Reply stored(const Request& request);
  Reply error(int cme) const;
  Reply lines(std::vector<std::string> lines, core::Duration latency) const;
  Card card() const;
  std::optional<int> card_trouble() const;
  Reply set_echo(const Request& request);
  Reply set_error_form(const Request& request);
  Reply information(const Request& request);
  Reply manufacturer(const Request& request);
  Reply model(const Request& request);
  Reply revision(const Request& request);
  Reply serial_number(const Request& request);
  Reply module_serial(const Request& request);
  Reply pin(const Request& request);
  Reply enter_pin(const Request& request);
  Reply pin_counters(const Request& request);
  Reply facility_lock(const Request& request);
  Reply iccid(const Request& request);
  Reply read_card_file(const Request& request);
  Reply imsi(const Request& request);
  Reply function(const Request& request);
  Reply registration(const Request& request);
  Reply circuit_registration(const Request& request);
  Reply operator_selection(const Request& request);
  Reply signal(const Request& request);
  Reply extended_signal(const Request& request);
  Reply cell_measurement(const Request& request);
  Reply band(const Request& request);
  Reply clock(const Request& request);
  Reply boot_report(const Request& request);
  Reply contexts(const Request& request);
  Reply attach(const Request& request);
  Reply activate(const Request& request);
  Reply address(const Request& request);
  Reply context_details(const Request& request);

  // Control (sim_control.cpp, sim_faults.cpp).
  std::string control_status() const;
  std::string control_network(std::string_view verb, std::string_view argument, core::BootTime now);
  std::string control_card(std::string_view verb, core::BootTime now);
  std::string control_plan(std::string_view verb, std::string_view argument, core::BootTime now);
  std::string control_fault(std::string_view verb, std::string_view argument, core::BootTime now);
  std::string plan_command(core::BootTime when, std::string command);
  void happen(const Fault& fault, core::BootTime now);
  void come_back(core::BootTime now);
  void flood_on(core::BootTime now);
  std::string random_bytes(std::size_t count);
  std::string ppp_frames(std::size_t count);

  SimConfig config_;
  std::mt19937_64 random_;
  std::deque<Timed> timed_;
  int life_ = 0;
  int restarts_ = 0;

  // Settings, lost by a restart.
  int error_form_ = 0;
  int registration_level_ = 0;
  std::map<std::string, std::string> stored_;  // by command name
  bool card_unlocked_ = false;
  bool detached_ = false;  // +CGATT=0
  std::map<int, bool> active_contexts_;
  // Settings that stay.
  bool boot_report_ = true;
  int powered_ = 1;  // as +CFUN
  std::map<int, std::string> apns_;
  int pin_attempts_ = 3;
  int puk_attempts_ = 10;

  bool running_ = false;  // started, not deaf
  std::array<SimLine, 2> lines_;
  DataPeer peer_;
  core::BootTime last_heard_{};

  bool subscription_active_ = true;
  Standing standing_;
  std::optional<Standing> planned_standing_;
  int plan_ = 0;  // number of the latest plan; older ones are void
  int rsrp_dbm_ = -97;
  core::UnixTime time_base_{};
  core::BootTime time_base_at_{};
  core::BootTime now_{};  // of the last call

  std::array<std::int64_t, fault_count> faults_{};  // of the lasting ones
  int flood_ = 0;   // number of the latest flood; older ones have ended
  int script_ = 0;  // likewise for what is planned
  core::BootTime deaf_until_{};
  core::BootTime held_until_{};
  bool port_present_ = true;
  int port_number_ = 0;
};

}  // namespace oobm::modem_sim
