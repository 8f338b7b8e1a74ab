#include "agent/alms/encode.hpp"

#include <array>
#include <variant>

#include "agent/alms/data_writer.hpp"
#include "agent/core/reason.hpp"

namespace oobm::alms {
namespace {

using enum DataId;

std::string_view to_text(core::SimState sim) {
  constexpr std::array<std::string_view, 4> names{"unknown", "ready", "absent", "locked"};
  return names[static_cast<std::size_t>(sim)];
}

std::string_view text_of(const auto& optional) {
  return optional ? std::string_view(optional->str()) : std::string_view{};
}

void write(DataWriter& data, const core::Announcement& said) {
  data.boolean<online>(true);
  data.text<serial>(said.identity.serial.str());
  data.text<imei>(text_of(said.identity.imei));
  data.text<iccid>(text_of(said.iccid));
  data.text<model>(said.identity.model);
  data.text<sku>(said.identity.sku.str());
  data.text<region>(core::to_text(said.identity.region));
  data.text<firmware>(said.identity.firmware);
  data.text<agent_version>(said.agent_version);
  data.text<announce_nonce>(said.nonce);
  data.int32<entitlement_seq>(said.entitlement_sequence);
}

void write(DataWriter& data, const core::LifecycleReport& said) {
  data.text<lifecycle_state>(core::to_text(said.state));
  data.text<lifecycle_reason>(core::code(said.reason));
  data.date<lifecycle_since>(said.since);
  data.date<valid_until>(said.valid_until);
}

void write(DataWriter& data, const core::ActivationReport& said) {
  data.text<activation_result>(said.proven ? "PROVEN" : "FAILED");
  if (!said.proven) data.text<activation_fault>(core::code(said.fault));
  data.text<activation_detail>(said.detail);
  data.text<activation_interface>(said.interface);
  data.text<activation_address>(said.address);
  data.text<activation_imei>(said.imei);
  data.text<activation_iccid>(said.iccid);
  data.text<activation_operator>(said.operator_name);
  data.text<activation_technology>(said.technology);
  data.real<activation_rsrp>(said.rsrp_dbm);
  data.int32<activation_seconds>(said.seconds_taken);
}

void write(DataWriter& data, const core::ExitReport& said) {
  data.text<exit_cause>(said.cause);
  data.int32<exit_in_a_row>(said.in_a_row);
  data.int32<exit_ran_s>(said.seconds_ran);
}

void write(DataWriter& data, const core::Heartbeat& said) {
  data.text<lifecycle_state>(core::to_text(said.state));
  data.int32<uptime_s>(said.uptime.count());
}

void write(DataWriter& data, const core::RadioView& radio) {
  data.boolean<radio_present>(radio.present);
  data.boolean<radio_responding>(radio.responding);
  data.text<radio_sim>(to_text(radio.sim));
  data.text<radio_registration>(core::to_text(radio.registration));
  if (radio.reject_cause) data.int32<radio_reject_cause>(*radio.reject_cause);
  data.text<radio_imei>(text_of(radio.imei));
  data.text<radio_iccid>(text_of(radio.iccid));
  data.text<radio_firmware>(radio.firmware);
  data.text<platform_service_type>(radio.technology);
  data.text<platform_operator>(radio.operator_name);
  data.rounded<platform_rssi>(radio.rssi_dbm);
  data.rounded<platform_rsrp>(radio.rsrp_dbm);
  data.real<radio_rsrq>(radio.rsrq_db);
  if (radio.cell_id) data.int32<radio_cell_id>(*radio.cell_id);
  if (radio.tracking_area) data.int32<radio_tracking_area>(*radio.tracking_area);
  data.int32<radio_resets>(radio.resets);
}

void write(DataWriter& data, const core::WanView& wan) {
  data.boolean<wan_up>(wan.up);
  data.text<wan_interface>(wan.interface);
  data.text<wan_address>(wan.address);
}

void write(DataWriter& data, const core::Usage& usage) {
  data.bytes<platform_bytes_sent>(usage.bytes_sent);
  data.bytes<platform_bytes_received>(usage.bytes_received);
  data.bytes<usage_bytes_sent>(usage.bytes_sent);
  data.bytes<usage_bytes_received>(usage.bytes_received);
  if (usage.allowance_bytes) data.bytes<usage_allowance_bytes>(*usage.allowance_bytes);
}

void write(DataWriter& data, const core::Telemetry& said) {
  write(data, said.radio);
  write(data, said.wan);
  write(data, said.usage);
}

void write(DataWriter& data, const core::ReadAnswer& said) {
  write(data, said.telemetry);
  write(data, said.lifecycle);
  for (const auto& [id, value] : said.settings) data.setting(id, value);
  data.keep(said.ids);
}

bool can_be_dated(const std::optional<core::UnixTime>& at) {
  return at && at->seconds >= 0 && at->seconds <= max_numeric_date;
}

std::string print_data(const Json& values, const std::optional<core::UnixTime>& at) {
  if (values.empty()) return {};
  if (!can_be_dated(at)) return print_json(values);
  auto dated = Json::object();
  dated[std::to_string(at->seconds * 1000)] = values;
  return print_json(dated);
}

std::string print_ack(const core::Ack& ack) {
  auto printed = Json::object();
  printed["uid"] = ack.uid;
  printed["status"] = ack.ok ? "OK" : "ERROR";
  if (!ack.message.empty()) printed["message"] = clean(ack.message, max_ack_message_bytes);
  auto list = Json::array();
  list.push_back(std::move(printed));
  return print_json(list);
}

}  // namespace

Encoded encode(const core::Outgoing& outgoing) {
  if (const auto* ack = std::get_if<core::Ack>(&outgoing.message))
    return {Topic::acks, print_ack(*ack)};
  DataWriter data;
  std::visit(
      [&data]<class T>(const T& said) {
        if constexpr (!std::same_as<T, core::Ack>) write(data, said);
      },
      outgoing.message);
  return {Topic::messages, print_data(data.values(), outgoing.at)};
}

std::string last_will() {
  DataWriter data;
  data.boolean<online>(false);
  return print_json(data.values());
}

}  // namespace oobm::alms
