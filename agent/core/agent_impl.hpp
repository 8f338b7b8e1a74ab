// The agent's parts, joined. Private to agent/core: agent.cpp dispatches, agent_session.cpp decides
// when to be connected, agent_lifecycle.cpp applies statements and time, agent_task.cpp answers
// tasks, agent_usage.cpp keeps to the data allowance, agent_status.cpp tells the technician.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/core/agent.hpp"
#include "agent/core/link.hpp"
#include "agent/core/outbox.hpp"

namespace oobm::core {

// At most this many durable messages are on their way to the broker at once: as many as it may send
// tasks, whose acknowledgements would else fill the outbox.
inline constexpr std::size_t publish_window = 20;
// At most this many service tasks run at once; more are answered BUSY.
inline constexpr std::size_t max_running_tasks = 4;
// At most this many support bundles are ordered within bundle_span, in one run of the agent; more
// are answered BUSY. Six attempts of 160 KiB each are a megabyte of radio.
inline constexpr std::size_t bundles_a_day = 4;
inline constexpr Duration bundle_span = std::chrono::hours(24);
// At most this many tasks wait for the session over which they came to be ready; a message
// holds 16.
inline constexpr std::size_t max_early_tasks = 32;

struct Agent::Impl {
  Impl(AgentConfig configuration, State loaded, Random& source);

  // agent.cpp
  Effects handle(const Event& event, BootTime at);
  void on(const Started&);
  void on(const RegionInputsChanged& event);
  void on(const RadioChanged& event);
  void on(const WanChanged& event);
  void on(const TimeEvidence& event);
  void on(const BearerUpDone& event);
  void on(const BearerFailed& event);
  void on(const SessionReady& event);
  void on(const SessionClosed& event);
  void on(const TaskArrived& event);
  void on(const Unreadable& event);
  void on(const Published& event);
  void on(const TaskFinished& event);
  void on(const UsageCounted& event);
  void on(const TimerFired& event);
  void on(const OperatorSync&);
  void on(const OperatorRequest&);
  void on(const StatementCarried& event);
  void on(const RunEndedBadly& event);
  void on(const Stopping&);
  void emit(Effect effect) { effects.push_back(std::move(effect)); }
  void arm(TimerId id, BootTime at) { emit(ArmTimer{id, at}); }
  void cancel(TimerId id) { emit(CancelTimer{id}); }
  void changed() { dirty = true; }
  RegionInputs known_inputs();
  void lose_ground();

  // agent_session.cpp
  [[nodiscard]] bool blocked() const { return !placement; }
  [[nodiscard]] Grant granted(Capability capability) const;
  [[nodiscard]] bool probing() const;
  [[nodiscard]] Link::Surroundings surroundings() const;
  [[nodiscard]] bool may_attempt() const;
  void attempt_now();
  void attempt_without_pause();  // as soon as the link is idle; at boot the jitter stays
  void attempt_on_occasion(Duration least_pause);
  void schedule_attempt();
  void progress(Link::Progress made);
  void session_opened();
  void session_ended();
  // Asks ALMS how things are; nothing while an answer is awaited, which will say as much.
  void announce();
  void arm_attest();
  // After news about the time: whether what is signed is asked for sooner.
  void compare_clocks();
  void answered();        // ALMS replied to the announcement
  void keep_to_policy();  // after each event: close what the state no longer allows
  [[nodiscard]] std::string new_nonce() const;
  void send_outbox();
  void queue_durable(DurableMessage message);
  void publish_now(Message message);
  void start_reports();
  void send_report(TimerId id);
  void say_report(TimerId id);
  void say_put_off_reports();
  void report_activation(const SessionReady& session);

  // agent_lifecycle.cpp
  [[nodiscard]] std::optional<UnixTime> known_time() const;
  // How the held term stands against trusted time; all false where no term runs.
  struct Term {
    bool runs = false;   // surely before its end: level network or better
    bool firm = false;   // ... level agreed or better
    bool ended = false;  // level network or better, or the floor is past it
    bool over = false;   // grace too: level agreed or better, or the floor is past it
  };
  [[nodiscard]] Term term() const;
  [[nodiscard]] GuardFacts guard_facts() const;
  std::expected<void, Refusal> accept(const StatementResult& result);
  // Lets the technician see why there is no registration, as far as ALMS's words explain it.
  void explain(const Refusal& refusal);
  std::expected<void, Refusal> accept(const Entitlement& claims, const std::string& text);
  std::expected<void, Refusal> accept(const Deregistration& claims, const std::string& text);
  std::expected<void, Refusal> accept(const TrustSet& claims, const std::string& text);
  // Whether it speaks to this router, and its place among what was said before.
  [[nodiscard]] std::expected<Order, Refusal> place_in_order(const StatementBase& base) const;
  void remember(const StatementBase& base, Order order);
  void supersede_registration();
  void take_time(const StatementBase& base);
  bool fire(Trigger trigger);
  void report_lifecycle(bool with_term);
  void perform(Action action);
  void begin_activation();
  void evaluate_term();
  void give_notice();
  void arm_term();
  void arm_renewal();
  void set_reason(Reason reason, const std::string& detail);

  // agent_task.cpp
  void run_lifecycle_task(const Task& task);
  std::expected<void, Refusal> carry_out(const TaskBody& body);
  std::expected<void, Refusal> registration_result(const RegisterResult& result);
  void run_service_task(const Task& task);
  [[nodiscard]] RebootMoment reboot_moment() const;
  std::expected<void, Refusal> spend_reboot();
  std::expected<void, Refusal> spend_bundle();
  void write(const Task& task, const WriteSettings& written);
  void answer_read(std::vector<std::string> ids);
  void finish(std::string_view name, const std::string& uid, const Refusal* refusal,
              std::uint64_t issued_ms = 0);
  void resume_interrupted_tasks();

  // agent_usage.cpp
  // Bytes that may pass in a period; nothing where there is no limit.
  [[nodiscard]] std::optional<std::uint64_t> allowance() const;
  [[nodiscard]] Usage usage() const;
  [[nodiscard]] bool allowance_used_up() const;
  // The same, for the session that is open: the allowance is the OOBM SIM's.
  [[nodiscard]] bool held_back() const;
  [[nodiscard]] std::optional<Reason> spending_refusal(Use use, Uplink uplink) const;
  void keep_usage();  // after each event: period, notices, what is held back, what must be stored
  void turn_period();
  void give_usage_notice();
  void keep_reports_to_allowance();
  void arm_usage();
  void store_usage();  // with the commit that follows

  // agent_status.cpp
  [[nodiscard]] Status status(BootTime at) const;

  AgentConfig config;
  State state;
  Random& random;
  TrustedClock clock;

  std::expected<Placement, Refusal> placement;
  RegionInputs inputs;
  RadioView radio;
  WanView wan;
  UsageLedger ledger;
  std::uint64_t unstored_bytes = 0;        // of wire, counted since the ledger was last stored
  std::optional<BootTime> unstored_since;  // nothing: all that was counted is stored
  bool was_used_up = false;
  std::optional<BootTime> usage_timer;
  std::optional<BootTime> last_heartbeat;
  Link link;

  std::optional<std::string> nonce;  // outstanding, single use, of this boot
  BootTime asked_at{};               // the announcement that bears it
  bool awaiting_reply = false;
  std::size_t unanswered = 0;                  // announcements in a row
  TimeLevel level_at_open = TimeLevel::floor;  // when the present session began
  std::vector<TaskArrived> early;              // came before their session was ready
  bool radio_was_registered = false;
  bool wan_was_up = false;
  std::set<std::uint64_t> sent;  // outbox ids on their way in this session
  // Reports that wait until what is durable is on its way; the next of its kind takes its place.
  std::set<TimerId> put_off;
  Drops drops;
  std::size_t ladder_step = 0;  // registration schedule
  std::size_t failures = 0;     // service back-off
  std::optional<BootTime> last_attempt;
  std::optional<BootTime> last_contact;
  std::optional<BootTime> next_attempt;
  std::optional<BootTime> activation_began;
  std::optional<LifecycleReport> last_report;  // of this run
  std::optional<Reason> reported_fault;        // activation failures are reported once per cause
  std::optional<Refusal> alms_refusal;  // what ALMS last answered, where it was no entitlement
  bool reattempt = false;               // leave only in order to begin again at once
  bool renewal_armed = false;
  bool key_missed = false;        // a statement was refused for its key since the announcement
  bool time_doubted = false;      // as the attest timer was armed
  int doubted_asks = 0;           // in a row, each a day after the last
  std::vector<BootTime> bundles;  // ordered within bundle_span, in this run
  std::uint64_t ignored = 0;
  std::uint64_t retained = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t refused_statements = 0;

  // Of the step under way.
  BootTime now;
  bool dirty = false;
  Effects effects;
};

}  // namespace oobm::core
