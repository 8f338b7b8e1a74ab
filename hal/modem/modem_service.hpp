// What the agent does with a module, step by step, without touching a port or a clock: wake it,
// learn who it is, set what it forgets at each restart, then watch SIM, registration, signal and
// time. The rules:
//
//  - A report that registration changed is a hint; the polled answer is the truth.
//  - A module that has restarted by itself has lost its settings. It shows by a boot report, by the
//    echo that came back, or by another <n> in the answer to AT+CEREG?; everything is then set
//    anew. A port that was opened anew, by us or because it had gone, is no restart by itself.
//  - What is so already is not ordered again: a module is asked whether it transmits before it is
//    told to.
//  - A command that is refused or never answered degrades one fact, not the radio. Ten in a row
//  without
//    an answer mean that the port is no longer what it was: it is opened anew.
//  - A denied registration is left to the module's own rules (3GPP TS 24.301 section 5.5.1.2.5).
//
// Sans-I/O: calls bring time, bytes and wishes; bytes to write, a wish to reopen the port, and
// changed facts come out. Not thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/time.hpp"
#include "hal/at/channel.hpp"
#include "hal/at/power_saving.hpp"
#include "hal/modem/profile.hpp"
#include "hal/modem/raw_command.hpp"
#include "hal/modem/settings.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal {

struct ModemTiming {
  core::Duration poll_registered{300'000};   // everything is read again
  core::Duration poll_unregistered{10'000};  // likewise while out of service
  // Least distance of polls that reports ask for; it doubles with each, to poll_unregistered.
  core::Duration poll_after_report{1'000};
  core::Duration retry_first{2'000};  // a silent module is tried again, with growing pauses
  core::Duration retry_longest{30'000};
  core::Duration restart_limit{120'000};   // a requested restart has failed after this
  core::Duration card_retry_first{1'000};  // a card that starts is asked again, with growing pauses
  core::Duration card_retry_limit{30'000};  // for so long
  core::Duration raw_wait_limit{30'000};    // a technician's command waits so long for its turn
  at::ChannelTiming channel{};
};

class ModemService {
 public:
  using DoneHandler = Radio::DoneHandler;
  using RawHandler = Radio::RawHandler;
  static constexpr int timeouts_before_reopen = 10;
  static constexpr int silences_before_reopen = 4;
  static constexpr core::Duration start_length{60'000};  // reports of one start come within it
  static constexpr std::size_t max_requests = 16;        // outstanding power requests
  static constexpr std::size_t max_raw = 4;              // technician's commands that wait
  static constexpr std::size_t max_allowed_bands = 4;    // technologies whose bands are told

  // A request that has ended: its handler with its result, to be called once.
  using Ended = std::move_only_function<void()>;

  explicit ModemService(ModemTiming timing = {}, RadioSettings wanted = {});

  // `device` is the path that was opened, for people.
  void opened(core::BootTime now, std::string device = {});
  // The port is gone or cannot be opened; `state` is absent or busy.
  void closed(PortState state, std::string text, core::BootTime now);
  void feed(std::string_view bytes, core::BootTime now);
  void tick(core::BootTime now);
  [[nodiscard]] std::optional<core::BootTime> deadline() const;
  // Nothing is under way: deadline() is the time of the next poll.
  [[nodiscard]] bool resting() const {
    return initialised_ && steps_.empty() && in_flight_ == nullptr && poll_at_ && !retry_at_ &&
           !reset_by_ && raw_waiting_.empty();
  }

  void set_power(bool on, DoneHandler done, core::BootTime now);
  void reset(DoneHandler done, core::BootTime now);
  void reattach(DoneHandler done, core::BootTime now);
  void command(const RawCommand& command, RawHandler done, core::BootTime now);
  void refresh(core::BootTime now);
  // Drops all requests without ending them, and forgets the port.
  void stop();

  [[nodiscard]] const RadioFacts& facts() const { return facts_; }

  // Outputs since the last call.
  std::string take_writes();
  bool take_reopen();  // the port should be closed and opened again
  bool take_changed();
  std::vector<Ended> take_ended();

 private:
  using Handler = void (ModemService::*)(const at::Answer&, core::BootTime);
  struct Step {
    at::Command command;
    Handler handler;
    bool optional = false;  // a module may not have this command
  };

  // Driving (modem_service.cpp).
  void pump(core::BootTime now);
  void on_output(at::Output& output, core::BootTime now);
  void on_synchronised(core::BootTime now);
  void on_silent(core::BootTime now);
  void on_answered(const at::Answer& answer, core::BootTime now);
  void on_report(const std::string& line, core::BootTime now);
  void on_boot_report(core::BootTime now);
  void settings_lost(core::BootTime now);
  void restarted(std::string_view reason, core::BootTime after, core::BootTime now);
  void set_up_again(core::BootTime now);
  void send_next(core::BootTime now);
  void poll_soon(core::BootTime now);
  void check_timers(core::BootTime now);
  void finish_init(core::BootTime now);
  void forget_until_told();
  void note_counters();
  [[nodiscard]] bool reset_waits() const;

  // Requests (modem_requests.cpp).
  struct RawRequest {
    RawPlan plan;
    bool forced = false;
    RawHandler done;
    core::BootTime give_up{};
  };
  [[nodiscard]] Error port_error() const;
  [[nodiscard]] std::optional<Error> unreachable() const;
  void end_power_requests(const std::expected<void, Error>& result);
  void end_reset(std::expected<void, Error> result);
  void end_reattach(std::expected<void, Error> result);
  void end_raw(RawRequest request, std::expected<RawAnswer, Error> result);
  void end_raw_in_flight(const Error& error);
  void end_all_raw(const Error& error);
  void add_reattach();
  void on_active_contexts(const at::Answer& answer, core::BootTime now);
  void on_detached(const at::Answer& answer, core::BootTime now);
  void on_attached(const at::Answer& answer, core::BootTime now);
  void on_attached_late(const at::Answer& answer, core::BootTime now);
  void on_contexts_again(const at::Answer& answer, core::BootTime now);
  void on_activated(const at::Answer& answer, core::BootTime now);
  void on_contexts_behind(const at::Answer& answer, core::BootTime now);
  void ask_contexts_next(Handler handler);
  [[nodiscard]] bool raw_may_go() const;
  void send_raw(core::BootTime now);
  void on_raw(const at::Answer& answer, core::BootTime now);
  void check_raw_waiting(core::BootTime now);

  // Dialogues (modem_dialogue.cpp).
  [[nodiscard]] core::Duration limit_of(std::string_view text) const;
  void set(std::string text, Handler handler);
  void set_next(std::string text, Handler handler);
  void ask(std::string text, std::string name, Handler handler);
  void ask_plain(std::string text, std::string name, Handler handler);
  void add_init();
  void add_imei();
  void add_status();
  static std::string power_command(bool on);
  void add_registration_level();
  void add_sim_identity();
  void add_registration();
  void add_signal();
  void add_details();
  void forget_volatile_facts();

  // What a module may not have (modem_features.cpp).
  [[nodiscard]] bool absent(std::string_view text) const;
  void set_optional(std::string_view text, Handler handler);
  void ask_optional(std::string_view text, std::string name, Handler handler);
  void note_optional(const std::string& text, const at::Answer& answer);
  void forget_passing_refusals();
  void watch_busy_card(core::BootTime now);
  void on_pin_attempts(const at::Answer& answer, core::BootTime now);
  void add_settings_questions();
  void on_acquisition(const at::Answer& answer, core::BootTime now);
  void on_allowed_bands(const at::Answer& answer, core::BootTime now);
  void apply_settings();
  void send_next_setting();
  void on_setting(const at::Answer& answer, core::BootTime now);
  void on_settings_restart(const at::Answer& answer, core::BootTime now);
  void on_band(const at::Answer& answer, core::BootTime now);
  void on_sleep_setting(const at::Answer& answer, core::BootTime now);
  void on_sleep_wish(const at::Answer& answer, core::BootTime now);
  void note_power_saving(const std::optional<at::NetworkTimer>& active,
                         const std::optional<at::NetworkTimer>& periodic, bool is_answer);
  [[nodiscard]] bool may_sleep(core::BootTime now);
  void fall_asleep(core::BootTime now);
  void watch_for_data(std::string_view bytes);
  void leave_data_mode();

  // Answers (modem_answers.cpp).
  void ignore(const at::Answer& answer, core::BootTime now);
  void on_manufacturer(const at::Answer& answer, core::BootTime now);
  void on_model(const at::Answer& answer, core::BootTime now);
  void on_firmware(const at::Answer& answer, core::BootTime now);
  void on_imei(const at::Answer& answer, core::BootTime now);
  void on_registration_level(const at::Answer& answer, core::BootTime now);
  void on_power_set(const at::Answer& answer, core::BootTime now);
  void on_power(const at::Answer& answer, core::BootTime now);
  void on_power_again(const at::Answer& answer, core::BootTime now);
  void on_settings_check(const at::Answer& answer, core::BootTime now);
  void on_init_end(const at::Answer& answer, core::BootTime now);
  void on_reset(const at::Answer& answer, core::BootTime now);
  void on_sim(const at::Answer& answer, core::BootTime now);
  void on_iccid(const at::Answer& answer, core::BootTime now);
  void on_iccid_file(const at::Answer& answer, core::BootTime now);
  void on_imsi(const at::Answer& answer, core::BootTime now);
  void on_registration(const at::Answer& answer, core::BootTime now);
  void on_operator(const at::Answer& answer, core::BootTime now);
  void on_csq(const at::Answer& answer, core::BootTime now);
  void on_cesq(const at::Answer& answer, core::BootTime now);
  void on_cell_measurement(const at::Answer& answer, core::BootTime now);
  void on_clock(const at::Answer& answer, core::BootTime now);
  void on_contexts(const at::Answer& answer, core::BootTime now);
  void on_context_details(const at::Answer& answer, core::BootTime now);
  void on_context_address(const at::Answer& answer, core::BootTime now);
  void finish_context();
  void apply_registration_line(std::string_view line, bool is_answer, core::BootTime now);
  void set_registration(Registration registration, core::BootTime now);
  void note_reject(const RejectCause& cause, bool repeated);
  std::optional<Technology> technology(std::optional<Technology> reported) const;

  ModemTiming timing_;
  RadioSettings wanted_;
  at::Channel channel_;
  const Profile* profile_ = &generic_profile();
  RadioFacts facts_;
  PdpFacts context_read_;  // being read
  RadioFacts told_;        // as of the last take_changed() that said yes

  std::deque<Step> steps_;
  Handler in_flight_ = nullptr;
  std::string optional_in_flight_;  // the command, when it is one that a module may not have
  std::map<std::string, int, std::less<>> refusals_;  // of optional commands, in a row
  bool port_open_ = false;
  bool init_due_ = true;                     // settings must be sent before anything else
  bool initialised_ = false;                 // all settings have been sent since the last restart
  bool settings_hold_ = false;               // as far as is known, also while the port is away
  core::BootTime settings_seen_at_{};        // when they surely did
  std::optional<core::BootTime> booted_at_;  // the first report of the last start
  bool power_due_ = false;                   // the set-up has to see to the wish about transmission
  bool details_due_ = true;
  bool sim_identity_due_ = true;
  std::size_t level_tried_ = 0;      // index of the +CEREG level
  std::optional<int> configured_n_;  // the level that the module accepted
  std::optional<bool> power_wish_;
  std::deque<std::string> unsent_settings_;
  bool settings_read_ = false;   // the module has told its technologies and bands
  bool settings_tried_ = false;  // to change them; once is enough
  std::optional<core::BootTime> card_busy_since_;
  core::Duration card_pause_{0};
  std::optional<SimState> attempts_asked_in_;  // the counters of PIN and PUK are known since then
  bool sleep_wanted_ = false;                  // the module refused to give its sleep up
  std::optional<core::BootTime> asleep_since_;
  bool data_mode_ = false;    // what we send may be taken for a call's data
  bool hang_up_due_ = false;  // a call was left open
  int silences_ = 0;
  int timeouts_in_a_row_ = 0;
  core::Duration retry_pause_{0};
  std::optional<core::BootTime> retry_at_;  // of a synchronisation
  std::optional<core::BootTime> poll_at_;
  std::optional<core::BootTime> polled_at_;
  core::Duration report_pause_{timing_.poll_after_report};
  bool reports_asked_ = false;  // for a poll
  std::optional<core::BootTime> reset_by_;

  std::vector<DoneHandler> power_requests_;
  DoneHandler reset_request_;
  DoneHandler reattach_request_;
  bool attach_due_ = false;        // detached by us, and not attached again yet
  std::optional<int> active_cid_;  // before we detached
  std::deque<RawRequest> raw_waiting_;
  std::optional<RawRequest> raw_in_flight_;
  bool raw_turn_ = false;  // the service has had its turn
  std::string writes_;
  std::vector<Ended> ended_;
  bool reopen_ = false;
};

}  // namespace oobm::hal
