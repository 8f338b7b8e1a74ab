#include "tests/alms-sim/model.hpp"

#include <algorithm>

namespace oobm::alms_sim {

// Members that a document does not have keep their defaults, so that an older one can be read.
#define OOBM_JSON NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT

NLOHMANN_JSON_SERIALIZE_ENUM(SystemState, {{SystemState::inventory, "INVENTORY"},
                                           {SystemState::test_ready, "TEST_READY"},
                                           {SystemState::active, "ACTIVE"},
                                           {SystemState::suspended, "SUSPENDED"},
                                           {SystemState::retired, "RETIRED"}})
NLOHMANN_JSON_SERIALIZE_ENUM(SuspendCause, {{SuspendCause::none, "none"},
                                            {SuspendCause::by_operator, "operator"},
                                            {SuspendCause::term_ended, "term ended"}})

OOBM_JSON(Account, id, name, account_class, billing, offers)
OOBM_JSON(Offer, name, devices, services, term_months)
OOBM_JSON(Sku, sku, model, region)
OOBM_JSON(System, serial, imei, iccid, account, offer, registration, state, test, suspend_cause,
          seq, last_jti, registered_at_s, activated_at_s, valid_until_s, grace_s, data_limit_bytes)
OOBM_JSON(RefusedRegistration, account, offer, code, text)
OOBM_JSON(DataValue, value, at_ms, received_ms)
OOBM_JSON(JournalEntry, at_ms, kind, text)
OOBM_JSON(Router, identity, announced_ms, announcements, announced_seq, open_nonce, last_answer,
          known_registration, trust_version, keys_missed_ms, data, journal)
OOBM_JSON(AckRecord, status, message, at_ms)
OOBM_JSON(Task, uid, serial, name, wire, created_ms, sent, acks, acks_count)
OOBM_JSON(World, accounts, offers, catalogue, systems, deregistered, refusals, routers, tasks,
          unattributed)

const char* to_text(SystemState state) {
  switch (state) {
    case SystemState::inventory:
      return "INVENTORY";
    case SystemState::test_ready:
      return "TEST_READY";
    case SystemState::active:
      return "ACTIVE";
    case SystemState::suspended:
      return "SUSPENDED";
    case SystemState::retired:
      return "RETIRED";
  }
  return "";
}

bool in_service(SystemState state) {
  return state == SystemState::active || state == SystemState::test_ready;
}

World fresh_world() {
  World world;
  world.offers = {
      {"AirLink Basic", {}, {"DM"}},
      {"AirLink Complete", {"XR80", "XR90"}, {"DM", "OOBM_CONNECTIVITY"}},
      {"AirLink Complete (XR80)", {"XR80"}, {"DM", "OOBM_CONNECTIVITY"}},
      {"AirLink Premium", {"XR80", "XR90"}, {"DM", "OOBM_CONNECTIVITY"}},
  };
  world.catalogue = {
      {"XR80-NA-SAMPLE", "XR80", "NA"},
      {"XR80-GL-SAMPLE", "XR80", "GLOBAL"},
      {"XR90-NA-SAMPLE", "XR90", "NA"},
      {"XR90-GL-SAMPLE", "XR90", "GLOBAL"},
  };
  return world;
}

const Offer* find_offer(const World& world, const std::string& name) {
  const auto found = std::ranges::find(world.offers, name, &Offer::name);
  return found == world.offers.end() ? nullptr : &*found;
}

const Sku* find_sku(const World& world, const std::string& sku) {
  const auto found = std::ranges::find(world.catalogue, sku, &Sku::sku);
  return found == world.catalogue.end() ? nullptr : &*found;
}

Json as_json(const World& world) { return world; }
Json as_json(const System& system) { return system; }
Json as_json(const Account& account) { return account; }
Json as_json(const Offer& offer) { return offer; }
Json as_json(const Task& task) { return task; }
Json as_json(const Router& router) { return router; }
Json as_json(const RefusedRegistration& refusal) { return refusal; }

Result<World> world_from(const Json& json) {
  try {
    return json.get<World>();
  } catch (const Json::exception& error) {
    return fail("STATE_FILE",
                std::string("The state file is not in a known form: ") + error.what());
  }
}

}  // namespace oobm::alms_sim
