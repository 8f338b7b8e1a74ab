#include "agent/daemon/records.hpp"

#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "agent/daemon/time_text.hpp"
#include "agent/store/state_codec.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What a held entitlement says; its text is not shown.
Json claims_of(const core::HeldEntitlement& held) {
  const auto& base = held.claims.base;
  Json claims{{"bytes", held.text.size()},      {"iss", base.issuer},
              {"reg", base.registration},       {"seq", base.sequence},
              {"iat", rfc3339(base.issued_at)}, {"state", core::to_text(held.claims.state)}};
  if (held.claims.valid_until) claims["valid_until"] = rfc3339(*held.claims.valid_until);
  return claims;
}

Json claims_of(const core::HeldTrust& held) {
  Json keys = Json::array();
  for (const auto& key : held.claims.keys) keys.push_back(key.id);
  return {{"bytes", held.text.size()},
          {"iss", held.claims.issuer},
          {"version", held.claims.version},
          {"kids", keys}};
}

Json stored(const core::State& state, const core::Status& status, const Secrets& secrets) {
  const auto text = store::state_to_json(state);
  Json document = text ? Json::parse(*text, nullptr, false) : Json::object();
  if (state.entitlement) document["entitlement"] = claims_of(*state.entitlement);
  if (state.trust) document["trust"] = claims_of(*state.trust);
  Json record{{"schema", record_schema},
              {"state_schema", store::state_schema},
              {"generation", status.store_generation},
              {"commits_this_run", status.store_commits}};
  if (!status.storage_fault.empty()) record["storage_fault"] = status.storage_fault;
  record["document"] = redacted(document, secrets);
  return record;
}

void add_card(Secrets& secrets, const core::DurableMessage& message) {
  if (const auto* report = std::get_if<core::ActivationReport>(&message))
    secrets.cards.push_back(report->iccid);
}

}  // namespace

std::string request_json(const core::Status& status, const core::State& state) {
  const auto& identity = *status.identity;
  Json request{{"schema", record_schema},
               {"instance", status.instance_id},
               {"serial", identity.serial.str()},
               {"imei", identity.imei->str()},
               {"sku", identity.sku.str()},
               {"region", core::to_text(identity.region)},
               {"nonce", state.request->nonce},
               {"entitlement_seq", state.registration ? state.registration->sequence : 0}};
  if (status.radio.iccid) request["iccid"] = status.radio.iccid->str();
  return text_of(request);
}

Secrets secrets_of(const core::State& state, const core::Status& status) {
  Secrets secrets;
  if (status.radio.iccid) secrets.cards.push_back(status.radio.iccid->str());
  for (const auto& item : state.outbox) add_card(secrets, item.message);
  if (state.request) secrets.words.push_back(state.request->nonce);
  if (state.entitlement && state.entitlement->claims.base.nonce)
    secrets.words.push_back(*state.entitlement->claims.base.nonce);
  return secrets;
}

std::string state_json(const core::State& state, const core::Status& status,
                       const Secrets& secrets) {
  return text_of(stored(state, status, secrets));
}

std::string bundle_json(const BundleInputs& inputs) {
  Json bundle{{"schema", record_schema}, {"agent", inputs.version}};
  bundle["status"] = redacted(Json::parse(inputs.status_json, nullptr, false), inputs.secrets);
  bundle["state"] = stored(inputs.state, inputs.status, inputs.secrets);
  auto& events = bundle["events"] = Json::array();
  const auto& records = inputs.events.records();
  std::size_t left_out = records.size() > bundle_events ? records.size() - bundle_events : 0;
  for (std::size_t i = left_out; i < records.size(); ++i)
    events.push_back(redacted(Json::parse(to_json(records[i]), nullptr, false), inputs.secrets));
  bundle["events_left_out"] = left_out;
  std::string text = text_of(bundle);
  while (text.size() > max_bundle_bytes && !events.empty()) {
    const auto half = (events.size() + 1) / 2;
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(half));
    bundle["events_left_out"] = left_out += half;
    text = text_of(bundle);
  }
  if (text.size() <= max_bundle_bytes) return text;
  bundle["state"] = "left out: too large";
  return text_of(bundle);
}

}  // namespace oobm::daemon
