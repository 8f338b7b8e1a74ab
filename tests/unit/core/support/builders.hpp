// Values that the tests start from: a North American XR80 and a Global XR90 with what ALMS would
// say of them. Each test changes the one thing that it is about.
#pragma once

#include <chrono>
#include <ostream>
#include <string>

#include "agent/core/lifecycle.hpp"
#include "agent/core/radio.hpp"
#include "agent/core/region.hpp"
#include "agent/core/statement.hpp"
#include "agent/core/task.hpp"
#include "agent/core/time.hpp"

namespace oobm::core {

// How GoogleTest prints them.
void PrintTo(Reason reason, std::ostream* out);
void PrintTo(Lifecycle state, std::ostream* out);
void PrintTo(Trigger trigger, std::ostream* out);
void PrintTo(UnixTime time, std::ostream* out);
void PrintTo(const Refusal& refusal, std::ostream* out);

}  // namespace oobm::core

namespace oobm::core::test {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr UnixTime build_time{1'767'225'600};  // 2026-01-01
inline constexpr UnixTime today{1'780'272'000};       // 2026-06-01
inline constexpr const char* xr80_serial = "XR80NA0000001";
inline constexpr const char* xr80_imei = "490154203237518";  // 3GPP TS 23.003's favourite example
inline constexpr const char* other_imei = "356938035643809";
inline constexpr const char* sim_iccid = "89014103211118510720";

RegionInputs xr80_na();
RegionInputs xr90_global();
Placement placement_of(const RegionInputs& inputs);

RadioView registered_radio();
RadioView searching_radio();
RadioView denied_radio();
WanView wan_up();

// ACTIVE, one year from today, AirLink Complete (XR80), registration r-1, sequence 1; no nonce.
Entitlement entitlement_for(const Placement& placement);
Entitlement entitlement_for(const Placement& placement, AlmsState state);
Deregistration deregistration_for(const Placement& placement);

// As agent/alms hands it over: the signature holds. The text differs between different claims.
SignedStatement signed_statement(const Entitlement& claims);
SignedStatement signed_statement(const Deregistration& claims);
SignedStatement signed_statement(const TrustSet& claims);

}  // namespace oobm::core::test
