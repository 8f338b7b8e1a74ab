// ALMS for one instance: what the desks (reception for routers, subscription for operators) share.
// It owns the world and the keys, issues statements, queues tasks and orders SIM changes. It does
// no I/O: what is to be published or written waits in outputs until the server takes it. One
// thread.
//
// Every statement gets a sequence number of its own, also when only the nonce differs: the nonce is
// part of what is signed, so a second answer is another statement, and a router accepts a statement
// of the same registration only when its sequence rises.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/alms-sim/clock.hpp"
#include "tests/alms-sim/keyring.hpp"
#include "tests/alms-sim/model.hpp"
#include "tests/alms-sim/registration.hpp"
#include "tests/alms-sim/wire.hpp"

namespace oobm::alms_sim {

struct Settings {
  std::string instance;  // "na", "eu"
  std::chrono::seconds expiry_lag{
      60};                  // from the end of grace to SUSPENDED without an announcement
  bool sim_follows = true;  // the SIM is suspended and resumed with its router
  std::chrono::seconds signer_skew{0};  // by which the clock of the signer is wrong
};

struct Publication {
  std::string uid;  // of a recorded task; empty for raw bytes
  std::string topic;
  std::string payload;
  bool retain = false;
};

// The network operator's side of a SIM: a file that the modem simulator reads.
struct SimOrder {
  std::string name;   // IMEI or ICCID
  std::string value;  // "dormant", "active" or "suspended"
};

struct Outputs {
  std::vector<Publication> publications;
  std::vector<SimOrder> sims;
};

class Platform {
 public:
  Platform(World world, Keyring keys, Settings settings)
      : world_(std::move(world)), keys_(std::move(keys)), settings_(std::move(settings)) {}

  World& world() { return world_; }
  const World& world() const { return world_; }
  const Keyring& keys() const { return keys_; }
  Keyring& keys() { return keys_; }
  const Settings& settings() const { return settings_; }
  Settings& settings() { return settings_; }

  // A fresh sequence number and jti, signed by the signing key. `nonce` may be empty.
  std::string issue_entitlement(System& system, const std::string& nonce, Millis now);
  std::string issue_deregistration(System& system, const std::string& nonce, Millis now);

  // Records the task and queues it for the broker. `uid` empty: a fresh one. Returns the uid.
  std::string send_task(const std::string& serial, const std::string& verb, Json body, Millis now,
                        std::string uid = {});
  std::string send_command(const std::string& serial, const std::string& id, Json params,
                           Millis now);
  void send_raw(Publication publication);

  // The broker has taken the task, or is there again after it was away: then what it had not
  // acknowledged is queued once more, in its old order.
  void task_sent(const std::string& uid);
  void requeue_unsent();

  // Sets the SIM to what the system's state asks for: active in service, dormant before it,
  // suspended after it unless the settings keep it active.
  void order_sim(const System& system);
  // Adds a line to the router's journal.
  void note(const std::string& serial, std::string kind, std::string text, Millis now);
  // The record of a router, made when there is none.
  Router& router(const std::string& serial);
  // What is known of the router: from its last announcement.
  RouterFacts facts(const std::string& serial) const;

  Outputs take_outputs() { return std::exchange(outputs_, {}); }

 private:
  void advance(System& system) const;
  std::string region_of(const std::string& serial) const;

  World world_;
  Keyring keys_;
  Settings settings_;
  Outputs outputs_;
};

}  // namespace oobm::alms_sim
