#include "tests/unit/core/support/builders.hpp"

#include <stdexcept>

namespace oobm::core {

void PrintTo(Reason reason, std::ostream* out) { *out << code(reason); }
void PrintTo(Lifecycle state, std::ostream* out) { *out << to_text(state); }
void PrintTo(Trigger trigger, std::ostream* out) { *out << to_text(trigger); }
void PrintTo(UnixTime time, std::ostream* out) { *out << time.seconds << " s"; }
void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << code(refusal.reason) << " (" << refusal.detail << ")";
}

}  // namespace oobm::core

namespace oobm::core::test {
namespace {

SkuCode sku(const char* text) { return SkuCode::parse(text).value(); }

std::vector<CatalogueEntry> catalogue() {
  return {
      {.sku = sku("XR80-NA-5G"), .model = "XR80", .region = Region::na, .sample = true},
      {.sku = sku("XR80-GL-5G"), .model = "XR80", .region = Region::global, .sample = true},
      {.sku = sku("XR90-NA-5G"), .model = "XR90", .region = Region::na, .sample = true},
      {.sku = sku("XR90-GL-5G"), .model = "XR90", .region = Region::global, .sample = true},
  };
}

std::vector<Instance> instances() {
  return {
      {.id = "na",
       .name = "North America",
       .portal = "https://na.example",
       .residency = "United States",
       .serves = {Region::na},
       .trust_version = 1},
      {.id = "eu",
       .name = "Europe",
       .portal = "https://eu.example",
       .residency = "Europe",
       .serves = {Region::global},
       .trust_version = 1},
      {.id = "ca",
       .name = "Canada",
       .portal = "https://ca.example",
       .residency = "Canada",
       .serves = {},
       .trust_version = 1},
      {.id = "au",
       .name = "Australia",
       .portal = "https://au.example",
       .residency = "Australia",
       .serves = {},
       .trust_version = 1},
  };
}

RegionInputs inputs(const char* serial, const char* sku, const char* imei) {
  RegionInputs result;
  result.board.serial = serial;
  result.board.sku = sku;
  result.board.factory_imei = imei;
  result.board.firmware = "4.1.0";
  result.catalogue = catalogue();
  result.instances = instances();
  return result;
}

std::string base_text(const StatementBase& base) {
  return base.issuer + "." + base.registration + "." + std::to_string(base.sequence) + "." +
         base.id + "." + base.nonce.value_or("-");
}

StatementBase base_for(const Placement& placement) {
  return {.issuer = placement.instance.id,
          .audience = std::string(statement_audience),
          .subject = placement.identity.serial.str(),
          .imei = placement.identity.imei ? placement.identity.imei->str() : xr80_imei,
          .registration = "r-1",
          .sequence = 1,
          .id = "e-1",
          .issued_at = today,
          .nonce = std::nullopt};
}

}  // namespace

RegionInputs xr80_na() { return inputs(xr80_serial, "XR80-NA-5G", xr80_imei); }
RegionInputs xr90_global() { return inputs("XR90GL0000001", "XR90-GL-5G", other_imei); }

Placement placement_of(const RegionInputs& inputs) {
  auto placement = check_region(inputs);
  if (!placement) throw std::logic_error("these inputs give no placement");
  return *std::move(placement);
}

RadioView registered_radio() {
  RadioView radio;
  radio.present = true;
  radio.responding = true;
  radio.sim = SimState::ready;
  radio.registration = Registration::home;
  radio.imei = Imei::parse(xr80_imei).value();
  radio.iccid = Iccid::parse(sim_iccid).value();
  radio.technology = "LTE-M";
  radio.operator_name = "310410";
  radio.rsrp_dbm = -97.5;
  return radio;
}

RadioView searching_radio() {
  auto radio = registered_radio();
  radio.registration = Registration::searching;
  return radio;
}

RadioView denied_radio() {
  auto radio = registered_radio();
  radio.registration = Registration::denied;
  radio.reject_cause = 8;
  return radio;
}

WanView wan_up() { return {.up = true, .interface = "wan0", .address = "203.0.113.7"}; }

Entitlement entitlement_for(const Placement& placement) {
  Entitlement claims;
  claims.base = base_for(placement);
  claims.state = AlmsState::active;
  claims.region = placement.identity.region;
  claims.account = {.id = "acme", .name = "Acme Utilities", .account_class = AccountClass::avc};
  claims.offer = {.name = "AirLink Complete (" + placement.identity.model + ")",
                  .devices = {placement.identity.model},
                  .services = {"DM", std::string(oobm_service)}};
  claims.valid_until = today + days(365);
  return claims;
}

Entitlement entitlement_for(const Placement& placement, AlmsState state) {
  auto claims = entitlement_for(placement);
  claims.state = state;
  return claims;
}

Deregistration deregistration_for(const Placement& placement) {
  return {.base = base_for(placement)};
}

SignedStatement signed_statement(const Entitlement& claims) {
  return {
      .text = "entitlement." + std::string(to_text(claims.state)) + "." + base_text(claims.base),
      .claims = claims};
}

SignedStatement signed_statement(const Deregistration& claims) {
  return {.text = "deregistration." + base_text(claims.base), .claims = claims};
}

SignedStatement signed_statement(const TrustSet& claims) {
  return {.text = "trust." + claims.issuer + "." + std::to_string(claims.version),
          .claims = claims};
}

}  // namespace oobm::core::test
