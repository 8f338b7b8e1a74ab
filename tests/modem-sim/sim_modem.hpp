// A cellular module as its host sees it: V.250 framing, echo, answers after a module's latencies,
// unsolicited reports, registration that depends on card, coverage, network and subscription, and
// faults that can be switched while it runs. Sans-I/O: bytes and the time go in, bytes come out, so
// that the same module lives on a pseudo-terminal or in virtual time. Every random choice comes
// from one seed.
#pragma once

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
#include "tests/modem-sim/personality.hpp"

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
  int mtu = 1358;                 // bytes
  core::UnixTime network_time{};  // at the start; 0: the network sends none
  double speed = 1.0;             // latencies and delays are divided by it
  std::uint64_t seed = 1;
};

enum class Card { ready, absent, pin, puk };

class SimModem {
 public:
  static constexpr std::size_t max_command_bytes = 1024;
  static constexpr std::size_t max_waiting_commands = 16;
  static constexpr std::size_t max_output_bytes = 65'536;

  // Begins with a start of the module.
  SimModem(SimConfig config, core::BootTime now);

  void feed(std::string_view bytes, core::BootTime now);
  void tick(core::BootTime now);
  [[nodiscard]] std::optional<core::BootTime> deadline() const;
  std::string take_output(core::BootTime now);

  // One control command, for example "deny 7" (README.md lists them). The reply is "ok", "ok TEXT"
  // or "error TEXT".
  std::string control(std::string_view line, core::BootTime now);

  // Whether the operator's subscription lets the SIM attach.
  void set_subscription_active(bool active, core::BootTime now);

  // False while the port has vanished.
  [[nodiscard]] bool port_present() const { return port_present_; }

  // Restarts seen so far, the first start not counted.
  [[nodiscard]] int restarts() const { return restarts_; }

 private:
  struct Request {
    std::string name;  // "+CEREG", "E", "&F"; upper case
    char form = 'x';   // 'x' execute, '?' read, 't' test, '=' set
    std::string arguments;
  };
  struct Reply {
    std::vector<std::string> lines;
    std::string final = "OK";
    core::Duration latency{15};
    std::function<void(core::BootTime)> then;  // after the final code
  };
  using Handler = Reply (SimModem::*)(const Request&);
  struct Row {
    std::string_view name;
    Handler handler;
    bool hl78xx_only = false;
  };
  struct Timed {
    core::BootTime at;
    int life;  // of the module; what was planned before a restart never happens
    std::function<void(core::BootTime)> action;
  };

  // Life (sim_modem.cpp).
  void start(core::BootTime now, bool report);
  void after(core::BootTime now, core::Duration delay, std::function<void(core::BootTime)> action);
  core::Duration scaled(core::Duration delay) const;
  void emit(std::string_view bytes);
  void emit_line(std::string_view text);
  void echo(char c);
  void run_next(core::BootTime now);
  void answer(const Reply& reply, core::BootTime now);
  Reply dispatch(const std::string& line);
  static Request parse(std::string_view line);
  static const std::vector<Row>& table();

  // Network (sim_network.cpp).
  int wanted_registration() const;
  void reconsider(core::BootTime now);
  void set_registration(int status);
  std::string registration_fields(int level) const;
  bool attached() const { return registration_ == 1 || registration_ == 5; }
  core::UnixTime network_time() const;

  // Commands (sim_commands.cpp).
  Reply ok(const Request& request);
  Reply error(int cme) const;
  Reply lines(std::vector<std::string> lines, core::Duration latency) const;
  bool card_usable() const { return powered_ != 0 && card_ == Card::ready; }
  Reply card_error() const;
  Reply set_echo(const Request& request);
  Reply set_error_form(const Request& request);
  Reply information(const Request& request);
  Reply manufacturer(const Request& request);
  Reply model(const Request& request);
  Reply revision(const Request& request);
  Reply serial_number(const Request& request);
  Reply pin(const Request& request);
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
  Reply clock(const Request& request);
  Reply boot_report(const Request& request);
  Reply contexts(const Request& request);
  Reply attach(const Request& request);
  Reply activate(const Request& request);
  Reply address(const Request& request);
  Reply context_details(const Request& request);
  Reply dial(const Request& request);

  // Control (sim_control.cpp).
  std::string control_status() const;
  std::string control_network(std::string_view verb, std::string_view argument, core::BootTime now);
  std::string control_card(std::string_view verb, core::BootTime now);
  std::string control_fault(std::string_view verb, std::string_view argument, core::BootTime now);

  SimConfig config_;
  std::mt19937_64 random_;
  std::deque<Timed> timed_;
  int life_ = 0;
  int restarts_ = 0;

  // Settings, lost by a restart.
  bool echo_ = true;
  int error_form_ = 0;
  int registration_level_ = 0;
  // Settings that stay.
  bool boot_report_ = true;
  int powered_ = 1;  // as +CFUN
  std::map<int, std::string> apns_;

  bool running_ = false;  // started, not deaf
  bool busy_ = false;     // a command is being answered
  std::string input_;
  std::deque<std::string> waiting_;
  std::string output_;
  std::optional<core::BootTime> next_piece_at_;

  Card card_ = Card::ready;
  bool coverage_ = true;
  bool roaming_ = false;
  bool subscription_active_ = true;
  std::optional<int> deny_cause_;
  int registration_ = 0;  // <stat>
  int planned_registration_ = -1;
  int plan_ = 0;  // number of the latest plan; older ones are void
  int rsrp_dbm_ = -97;
  core::UnixTime time_base_{};
  core::BootTime time_base_at_{};
  core::BootTime now_{};  // of the last call

  // Faults.
  bool port_present_ = true;
  bool silent_ = false;
  bool fragment_ = false;
  bool doubled_finals_ = false;
  int ignore_commands_ = 0;
  core::Duration next_answer_late_{0};
};

}  // namespace oobm::modem_sim
