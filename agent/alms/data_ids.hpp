// Every data id of the application model: what the router reports, what ALMS may set and what it
// may command, with AirVantage's types. The server ignores a datum that its model does not declare,
// so model and agent are both made from this table.
//
// An AirVantage `int` holds 32 bits with sign, so counters of bytes are of type `double`, and a
// moment in time is a `date` in milliseconds. Ids that begin with '_' are the platform's own and
// bear no asset prefix; all others live in asset `oobm`. Source: AirVantage MQTT API (data types),
// application model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace oobm::alms {

enum class DataType : std::uint8_t { boolean, int32, real, text, date };

// "boolean", "int", "double", "string", "date": the model's words.
constexpr std::string_view to_text(DataType type) {
  constexpr std::array<std::string_view, 5> names{"boolean", "int", "double", "string", "date"};
  return names[static_cast<std::size_t>(type)];
}

enum class DataKind : std::uint8_t { variable, setting };

enum class DataId : std::uint8_t {
  // announcement
  online,
  serial,
  imei,
  iccid,
  model,
  sku,
  region,
  firmware,
  agent_version,
  announce_nonce,
  entitlement_seq,
  // lifecycle
  lifecycle_state,
  lifecycle_reason,
  lifecycle_since,
  valid_until,
  uptime_s,
  // activation
  activation_result,
  activation_fault,
  activation_detail,
  activation_interface,
  activation_address,
  activation_imei,
  activation_iccid,
  activation_operator,
  activation_technology,
  activation_rsrp,
  activation_seconds,
  // abnormal end of an earlier run
  exit_cause,
  exit_in_a_row,
  exit_ran_s,
  // platform ids
  platform_rssi,
  platform_rsrp,
  platform_operator,
  platform_service_type,
  platform_bytes_sent,
  platform_bytes_received,
  // radio
  radio_present,
  radio_responding,
  radio_sim,
  radio_registration,
  radio_reject_cause,
  radio_imei,
  radio_iccid,
  radio_firmware,
  radio_rsrq,
  radio_cell_id,
  radio_tracking_area,
  radio_resets,
  // main WAN
  wan_up,
  wan_interface,
  wan_address,
  // usage
  usage_bytes_sent,
  usage_bytes_received,
  usage_allowance_bytes,
  // settings
  heartbeat_period_s,
  telemetry_period_s,
};

struct DataRow {
  DataId id;
  std::string_view wire;
  DataType type;
  DataKind kind;
  std::string_view label;  // for people, in the model
};

// clang-format off
inline constexpr std::array data_table{
    DataRow{DataId::online,                 "oobm.online",                 DataType::boolean, DataKind::variable, "Session open"},
    DataRow{DataId::serial,                 "oobm.serial",                 DataType::text,    DataKind::variable, "Serial number"},
    DataRow{DataId::imei,                   "oobm.imei",                   DataType::text,    DataKind::variable, "IMEI of the OOBM module"},
    DataRow{DataId::iccid,                  "oobm.iccid",                  DataType::text,    DataKind::variable, "ICCID of the OOBM SIM"},
    DataRow{DataId::model,                  "oobm.model",                  DataType::text,    DataKind::variable, "Router model"},
    DataRow{DataId::sku,                    "oobm.sku",                    DataType::text,    DataKind::variable, "Part number"},
    DataRow{DataId::region,                 "oobm.region",                 DataType::text,    DataKind::variable, "Region of the part number"},
    DataRow{DataId::firmware,               "oobm.firmware",               DataType::text,    DataKind::variable, "Router firmware"},
    DataRow{DataId::agent_version,          "oobm.agent_version",          DataType::text,    DataKind::variable, "Agent version"},
    DataRow{DataId::announce_nonce,         "oobm.announce_nonce",         DataType::text,    DataKind::variable, "Nonce of the announcement"},
    DataRow{DataId::entitlement_seq,        "oobm.entitlement_seq",        DataType::int32,   DataKind::variable, "Sequence of the entitlement held"},
    DataRow{DataId::lifecycle_state,        "oobm.lifecycle_state",        DataType::text,    DataKind::variable, "Lifecycle state"},
    DataRow{DataId::lifecycle_reason,       "oobm.lifecycle_reason",       DataType::text,    DataKind::variable, "Reason of the state"},
    DataRow{DataId::lifecycle_since,        "oobm.lifecycle_since",        DataType::date,    DataKind::variable, "State entered"},
    DataRow{DataId::valid_until,            "oobm.valid_until",            DataType::date,    DataKind::variable, "End of the paid term"},
    DataRow{DataId::uptime_s,               "oobm.uptime_s",               DataType::int32,   DataKind::variable, "Seconds since boot"},
    DataRow{DataId::activation_result,      "oobm.activation_result",      DataType::text,    DataKind::variable, "Outcome of the activation"},
    DataRow{DataId::activation_fault,       "oobm.activation_fault",       DataType::text,    DataKind::variable, "Layer that failed"},
    DataRow{DataId::activation_detail,      "oobm.activation_detail",      DataType::text,    DataKind::variable, "The particular case"},
    DataRow{DataId::activation_interface,   "oobm.activation_interface",   DataType::text,    DataKind::variable, "Interface that carried the session"},
    DataRow{DataId::activation_address,     "oobm.activation_address",     DataType::text,    DataKind::variable, "Address of that interface"},
    DataRow{DataId::activation_imei,        "oobm.activation_imei",        DataType::text,    DataKind::variable, "IMEI in the activation"},
    DataRow{DataId::activation_iccid,       "oobm.activation_iccid",       DataType::text,    DataKind::variable, "ICCID in the activation"},
    DataRow{DataId::activation_operator,    "oobm.activation_operator",    DataType::text,    DataKind::variable, "Operator in the activation"},
    DataRow{DataId::activation_technology,  "oobm.activation_technology",  DataType::text,    DataKind::variable, "Technology in the activation"},
    DataRow{DataId::activation_rsrp,        "oobm.activation_rsrp_dbm",    DataType::real,    DataKind::variable, "RSRP in the activation, dBm"},
    DataRow{DataId::activation_seconds,     "oobm.activation_seconds",     DataType::int32,   DataKind::variable, "Seconds the activation took"},
    DataRow{DataId::exit_cause,             "oobm.exit_cause",             DataType::text,    DataKind::variable, "How the agent ended abnormally"},
    DataRow{DataId::exit_in_a_row,          "oobm.exit_in_a_row",          DataType::int32,   DataKind::variable, "Abnormal ends in a row"},
    DataRow{DataId::exit_ran_s,             "oobm.exit_ran_s",             DataType::int32,   DataKind::variable, "Seconds that the agent had run"},
    DataRow{DataId::platform_rssi,          "_RSSI",                       DataType::int32,   DataKind::variable, "RSSI, dBm"},
    DataRow{DataId::platform_rsrp,          "_RSRP",                       DataType::int32,   DataKind::variable, "RSRP, dBm"},
    DataRow{DataId::platform_operator,      "_NETWORK_OPERATOR",           DataType::text,    DataKind::variable, "Network operator"},
    DataRow{DataId::platform_service_type,  "_NETWORK_SERVICE_TYPE",       DataType::text,    DataKind::variable, "Radio technology"},
    DataRow{DataId::platform_bytes_sent,    "_BYTES_SENT",                 DataType::real,    DataKind::variable, "Bytes sent"},
    DataRow{DataId::platform_bytes_received, "_BYTES_RECEIVED",            DataType::real,    DataKind::variable, "Bytes received"},
    DataRow{DataId::radio_present,          "oobm.radio_present",          DataType::boolean, DataKind::variable, "OOBM module found"},
    DataRow{DataId::radio_responding,       "oobm.radio_responding",       DataType::boolean, DataKind::variable, "OOBM module answers"},
    DataRow{DataId::radio_sim,              "oobm.radio_sim",              DataType::text,    DataKind::variable, "State of the OOBM SIM"},
    DataRow{DataId::radio_registration,     "oobm.radio_registration",     DataType::text,    DataKind::variable, "Network registration"},
    DataRow{DataId::radio_reject_cause,     "oobm.radio_reject_cause",     DataType::int32,   DataKind::variable, "EMM cause of a refusal"},
    DataRow{DataId::radio_imei,             "oobm.radio_imei",             DataType::text,    DataKind::variable, "IMEI the module states"},
    DataRow{DataId::radio_iccid,            "oobm.radio_iccid",            DataType::text,    DataKind::variable, "ICCID the module states"},
    DataRow{DataId::radio_firmware,         "oobm.radio_firmware",         DataType::text,    DataKind::variable, "Firmware of the module"},
    DataRow{DataId::radio_rsrq,             "oobm.radio_rsrq_db",          DataType::real,    DataKind::variable, "RSRQ, dB"},
    DataRow{DataId::radio_cell_id,          "oobm.radio_cell_id",          DataType::int32,   DataKind::variable, "Cell identity"},
    DataRow{DataId::radio_tracking_area,    "oobm.radio_tracking_area",    DataType::int32,   DataKind::variable, "Tracking area code"},
    DataRow{DataId::radio_resets,           "oobm.radio_resets",           DataType::int32,   DataKind::variable, "Resets of the module"},
    DataRow{DataId::wan_up,                 "oobm.wan_up",                 DataType::boolean, DataKind::variable, "Main WAN is up"},
    DataRow{DataId::wan_interface,          "oobm.wan_interface",          DataType::text,    DataKind::variable, "Interface of the main WAN"},
    DataRow{DataId::wan_address,            "oobm.wan_address",            DataType::text,    DataKind::variable, "Address of the main WAN"},
    DataRow{DataId::usage_bytes_sent,       "oobm.usage_bytes_sent",       DataType::real,    DataKind::variable, "Bytes sent over OOBM this month"},
    DataRow{DataId::usage_bytes_received,   "oobm.usage_bytes_received",   DataType::real,    DataKind::variable, "Bytes received over OOBM this month"},
    DataRow{DataId::usage_allowance_bytes,  "oobm.usage_allowance_bytes",  DataType::real,    DataKind::variable, "Data allowance, bytes"},
    DataRow{DataId::heartbeat_period_s,     "oobm.heartbeat_period_s",     DataType::int32,   DataKind::setting,  "Heartbeat period, seconds"},
    DataRow{DataId::telemetry_period_s,     "oobm.telemetry_period_s",     DataType::int32,   DataKind::setting,  "Telemetry period, seconds"},
};
// clang-format on

constexpr const DataRow& row(DataId id) { return data_table[static_cast<std::size_t>(id)]; }
constexpr std::string_view wire(DataId id) { return row(id).wire; }

struct CommandParameter {
  std::string_view id;
  DataType type;
  bool required;
};

struct CommandRow {
  std::string_view wire;
  std::string_view label;
  std::span<const CommandParameter> parameters;
};

namespace detail {
inline constexpr std::array register_result_parameters{
    CommandParameter{"result", DataType::text, true},
    CommandParameter{"code", DataType::text, false},
    CommandParameter{"text", DataType::text, false},
    CommandParameter{"nonce", DataType::text, false},
    CommandParameter{"entitlement", DataType::text, false},
};
inline constexpr std::array entitle_parameters{
    CommandParameter{"entitlement", DataType::text, true}};
inline constexpr std::array statement_parameters{
    CommandParameter{"statement", DataType::text, true}};
inline constexpr std::array upload_parameters{CommandParameter{"url", DataType::text, true}};
}  // namespace detail

inline constexpr std::array command_table{
    CommandRow{"oobm.register_result", "Answer to an announcement",
               detail::register_result_parameters},
    CommandRow{"oobm.entitle", "A new entitlement", detail::entitle_parameters},
    CommandRow{"oobm.deregister", "Removal from the account", detail::statement_parameters},
    CommandRow{"oobm.trust_update", "A new set of keys", detail::statement_parameters},
    CommandRow{"oobm.sync", "Announce now", {}},
    CommandRow{"oobm.reboot", "Reboot the router", {}},
    CommandRow{"oobm.reset_radio", "Reset the OOBM module", {}},
    CommandRow{"oobm.diagnose", "Diagnose and report", {}},
    CommandRow{"oobm.send_support_bundle", "Send a support bundle", detail::upload_parameters},
};

}  // namespace oobm::alms
