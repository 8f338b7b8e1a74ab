// A router in virtual time: the agent, its timers, and a world that answers its effects the way
// radio, board, broker and ALMS would. Nothing sleeps; a year passes in a second.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/agent.hpp"
#include "tests/unit/core/support/builders.hpp"
#include "tests/unit/core/support/seeded_random.hpp"
#include "tests/unit/core/support/watch.hpp"

namespace oobm::core::test {

// How the world behaves; a test changes it at any time.
struct World {
  bool answers = true;  // false: effects are only recorded, and the test feeds every event
  std::optional<LinkFault> bearer_fault;
  std::optional<LinkFault> oobm_fault;  // of the session over it
  std::optional<LinkFault> wan_fault;
  bool silent = false;      // a connection attempt gets no answer at all until it is left
  bool dates_ok = true;     // of ALMS's certificate, by trusted time
  bool broker_acks = true;  // PUBACK
  // What ALMS answers an announcement with.
  std::function<std::optional<Task>(const Announcement&)> alms;
};

struct RouterOptions {
  State state = {};
  UplinkPolicy uplinks = {};
  std::string boot_id = "boot-1";
  std::uint64_t seed = 1;
};

class Router {
 public:
  explicit Router(RouterOptions options = {});

  World world;

  // One event, its effects carried out.
  void feed(const Event& event);
  // Lets time pass; timers and the world's answers come in their order.
  void advance(Duration duration);
  // The first events of a run: loaded state, identity, radio.
  void boot(const RegionInputs& inputs = xr80_na(), const RadioView& radio = registered_radio());
  // boot(), and time enough for the first session.
  void boot_and_connect();
  void task(std::string uid, TaskBody body, bool retained = false);
  void entitle(const std::string& uid, const Entitlement& claims);
  // Trusted time becomes `time`, told by these sources now.
  void tell_time(UnixTime time, bool by_both = true);

  [[nodiscard]] Agent& agent() { return *agent_; }
  [[nodiscard]] const State& state() const { return agent_->state(); }
  [[nodiscard]] Status status() const { return agent_->status(now_); }
  [[nodiscard]] BootTime now() const { return now_; }
  [[nodiscard]] bool online() const { return status().phase == LinkPhase::online; }
  [[nodiscard]] std::optional<BootTime> timer(TimerId id) const;

  // ---- what happened since the last forget()
  struct Happened {
    BootTime at;
    Effect effect;
  };
  void forget() { log_.clear(); }
  [[nodiscard]] const std::vector<Happened>& log() const { return log_; }

  template <class E>
  [[nodiscard]] std::vector<E> all() const {
    std::vector<E> found;
    for (const auto& h : log_)
      if (const auto* e = std::get_if<E>(&h.effect)) found.push_back(*e);
    return found;
  }
  template <class E>
  [[nodiscard]] std::size_t count() const {
    return all<E>().size();
  }
  template <class E>
  [[nodiscard]] std::vector<BootTime> times() const {
    std::vector<BootTime> found;
    for (const auto& h : log_)
      if (std::holds_alternative<E>(h.effect)) found.push_back(h.at);
    return found;
  }
  // Messages of one kind that were published, in order.
  template <class M>
  [[nodiscard]] std::vector<M> said() const {
    std::vector<M> found;
    for (const auto& publish : all<Publish>())
      if (const auto* m = std::get_if<M>(&publish.outgoing.message)) found.push_back(*m);
    return found;
  }
  [[nodiscard]] std::vector<Notify> notified(const std::string& event) const;
  [[nodiscard]] std::optional<Ack> ack(const std::string& uid) const;
  // Announced nonce, the newest.
  [[nodiscard]] std::string nonce() const;
  // Uplinks of the connection attempts.
  [[nodiscard]] std::vector<Uplink> attempts() const;

 private:
  void carry_out(const Effect& effect);
  void connect(Uplink uplink);
  void publish(const Publish& effect);
  // Feeds `event` after `pause`, if the same session is still there.
  void later(Duration pause, Event event);

  struct Planned {
    std::uint64_t session = 0;  // 0: whatever session
    Event event;
  };
  SeededRandom random_;
  BootTime now_;
  std::unique_ptr<Agent> agent_;
  Watch watch_;
  std::map<TimerId, BootTime> timers_;
  std::multimap<BootTime, Planned> planned_;
  std::uint64_t session_ = 0;
  bool session_open_ = false;
  std::vector<Happened> log_;
  std::string last_nonce_;
};

// ALMS as a world: holds one registration and answers each announcement with its newest statement.
class Alms {
 public:
  explicit Alms(Entitlement claims) : claims_(std::move(claims)) {}

  // The newest statement, issued anew: the sequence rises.
  Entitlement issue(std::optional<std::string> nonce = std::nullopt);
  // ... as the answer to an announcement.
  Task answer(const Announcement& announcement);
  Entitlement& claims() { return claims_; }
  // To be given to World::alms; `alms` outlives the router.
  static std::function<std::optional<Task>(const Announcement&)> answering(Alms& alms);

 private:
  Entitlement claims_;
  std::uint64_t issued_ = 0;
};

// The state of a router that is in service: path proven, term of a year from today.
State state_in_service(const RegionInputs& inputs = xr80_na());
State state_in(Lifecycle lifecycle, Reason reason, AlmsState stated);

inline const LinkFault refused_login{Reason::uplink_failed, "MQTT_LOGIN", "The login was refused."};

}  // namespace oobm::core::test
