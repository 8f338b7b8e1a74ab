// Signal strength and quality, from the coded values of 3GPP TS 27.007 to dBm and dB. A code
// outside its range means "not known", never a number; further fields are ignored.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "hal/at/text.hpp"

namespace oobm::hal::at {

struct SignalReport {
  std::optional<int> rssi_dbm;    // -113..-51
  std::optional<int> rsrp_dbm;    // -141..-44
  std::optional<double> rsrq_db;  // -20..-3
  std::optional<int> sinr_db;     // -128..40
};

// +CSQ: <rssi>,<ber> (section 8.5).
std::expected<SignalReport, ParseError> parse_csq(std::string_view line);

// +CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp> (section 8.69).
std::expected<SignalReport, ParseError> parse_cesq(std::string_view line);

// HL78xx +KCELLMEAS: <RSRP>,<downlink path loss>,<PUSCH power>,<PUCCH power>,<SINR>, in dBm and dB.
// An empty second field means that there is no measurement.
std::expected<SignalReport, ParseError> parse_kcellmeas(std::string_view line);

}  // namespace oobm::hal::at
