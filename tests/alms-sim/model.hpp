// What ALMS holds for one instance: accounts, the offers they may use, the systems registered in
// them, what each router has said, and the tasks sent to it. The whole of it is one JSON document.
//
// An account is of class Standard or AVC ("AVC (Connectivity + Device Management)"); only the
// latter can hold XR routers. An account has one kind of billing. An offer may be tied to device
// types and says which services it includes. Names of states are those of the AirVantage API
// (System: lifeCycleState). Absent texts are empty, absent instants are 0.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/alms-sim/error.hpp"
#include "tests/alms-sim/jose.hpp"

namespace oobm::alms_sim {

struct Account {
  std::string id;
  std::string name;
  std::string account_class;        // "Standard" or "AVC"
  std::string billing;              // "prepaid" or "direct"
  std::vector<std::string> offers;  // names
};

struct Offer {
  std::string name;
  std::vector<std::string> devices;   // models it fits; empty: any
  std::vector<std::string> services;  // "DM", "OOBM_CONNECTIVITY"
  int term_months = 12;
};

struct Sku {
  std::string sku;
  std::string model;
  std::string region;  // "NA" or "GLOBAL"
};

enum class SystemState : std::uint8_t { inventory, test_ready, active, suspended, retired };

// Why a system is suspended: a purchase order lifts both, resume lifts only an operator's.
enum class SuspendCause : std::uint8_t { none, by_operator, term_ended };

struct System {
  std::string serial;
  std::string imei;
  std::string iccid;
  std::string account;
  std::string offer;
  std::string registration;  // reg: new with every registration
  SystemState state = SystemState::inventory;
  bool test = false;  // resumes to TEST_READY
  SuspendCause suspend_cause = SuspendCause::none;
  std::uint64_t seq = 0;
  std::string last_jti;
  std::int64_t registered_at_s = 0;
  std::int64_t activated_at_s = 0;
  std::int64_t valid_until_s = 0;
  std::int64_t grace_s = 0;
  std::int64_t data_limit_bytes = 0;  // 0: none
};

// A registration that the portal refused; the router learns the reason when it announces itself.
struct RefusedRegistration {
  std::string account;
  std::string offer;
  std::string code;
  std::string text;
};

struct DataValue {
  Json value;
  std::int64_t at_ms = 0;        // the router's time, else ours
  std::int64_t received_ms = 0;  // our time
};

struct JournalEntry {
  std::int64_t at_ms = 0;
  std::string kind;  // "announced", "answered", "reported", "operator", ...
  std::string text;
};

// What a router has said, registered or not.
struct Router {
  std::map<std::string, std::string> identity;  // "serial", "imei", "sku", ... as last announced
  std::int64_t announced_ms = 0;
  std::uint64_t announcements = 0;
  std::uint64_t announced_seq = 0;
  std::string open_nonce;           // of the last announcement, not yet answered by a statement
  std::string last_answer;          // "PENDING", "ACCEPTED" or a refusal code
  std::string known_registration;   // of the last statement that answered an announcement
  std::uint64_t trust_version = 0;  // of the key set that it has acknowledged; 0: the shipped one
  std::int64_t keys_missed_ms = 0;  // when it last refused a statement for its key
  std::map<std::string, DataValue> data;
  std::vector<JournalEntry> journal;
};

struct AckRecord {
  std::string status;
  std::string message;
  std::int64_t at_ms = 0;
};

struct Task {
  std::string uid;
  std::string serial;
  std::string name;  // "command oobm.entitle", "read", ...
  Json wire;         // the task object as sent
  std::int64_t created_ms = 0;
  bool sent = false;             // the broker has acknowledged it
  std::vector<AckRecord> acks;   // at most max_acks_kept
  std::uint64_t acks_count = 0;  // all of them
};

struct World {
  std::map<std::string, Account> accounts;  // by id
  std::vector<Offer> offers;
  std::vector<Sku> catalogue;
  std::map<std::string, System> systems;                // by serial
  std::map<std::string, System> deregistered;           // by serial; the newest
  std::map<std::string, RefusedRegistration> refusals;  // by serial
  std::map<std::string, Router> routers;                // by serial
  std::vector<Task> tasks;                              // oldest first
  std::uint64_t unattributed = 0;                       // messages that could not be read
};

// Bounds: the oldest entry goes when one is reached.
inline constexpr std::size_t max_tasks_kept = 2'000;
inline constexpr std::size_t max_acks_kept = 8;
inline constexpr std::size_t max_journal_entries = 200;
inline constexpr std::size_t max_data_ids = 256;
inline constexpr std::size_t max_routers = 10'000;
inline constexpr std::size_t max_message_bytes = 65'536;

const char* to_text(SystemState state);
bool in_service(SystemState state);  // ACTIVE or TEST_READY

// An empty world with the offers and the sample catalogue of this instance ("na", "eu", ...).
World fresh_world();

const Offer* find_offer(const World& world, const std::string& name);
const Sku* find_sku(const World& world, const std::string& sku);

// The JSON form of each; World's is the state file.
Json as_json(const World& world);
Json as_json(const System& system);
Json as_json(const Account& account);
Json as_json(const Offer& offer);
Json as_json(const Task& task);
Json as_json(const Router& router);
Json as_json(const RefusedRegistration& refusal);

// Errors: STATE_FILE, for JSON of another shape.
Result<World> world_from(const Json& json);

}  // namespace oobm::alms_sim
