// What a signal value means, in a word. The bounds are those from which Android grades LTE by
// default (its levels "good" and "moderate"): RSRP -108 and -118 dBm, RSRQ -14 and -17 dB. They fit
// LTE-M and LTE alike; tables made for fast data call values "no signal" at which a telemetry link
// still works. Source:
// https://developer.android.com/reference/android/telephony/CarrierConfigManager
// (KEY_LTE_RSRP_THRESHOLDS_INT_ARRAY, KEY_LTE_RSRQ_THRESHOLDS_INT_ARRAY; defaults in AOSP's
// CarrierConfigManager.java). Definition of the values: 3GPP TS 36.214 sections 5.1.1 and 5.1.3.
#pragma once

#include <string_view>

namespace oobm::ctl {

// "good", "fair" or "poor".
std::string_view grade_rsrp(double dbm);
std::string_view grade_rsrq(double db);

}  // namespace oobm::ctl
