// What is known of the OOBM radio: *facts*, each of them optional, because a module may be absent,
// asleep, locked or half dead, and an unknown value must never look like a known one. A silent
// module is a link condition and not an identity fault: identity facts, once read, stay until the
// module or the card is seen to be another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/identity.hpp"
#include "agent/core/time.hpp"

namespace oobm::hal {

// The serial port to the module.
enum class PortState : std::uint8_t {
  closed,  // start() not called, or stopped
  absent,  // no such device (unplugged, restarting, wrong path); opening is tried again
  busy,    // held by another process; opening is tried again
  silent,  // open, but the module does not answer
  asleep,  // open; the module sleeps as the network allowed it to (PSM, 3GPP TS 23.682), and
           // answers when it wakes: no failure
  ok,      // open, and the module answered its last command
};

// Functional level of the module (3GPP TS 27.007 section 8.2, +CFUN).
enum class RadioPower : std::uint8_t { off, airplane, on };

// SIM state (3GPP TS 27.007 section 8.3, +CPIN, and the errors of section 9.2).
enum class SimState : std::uint8_t {
  ready,
  absent,
  busy,  // still starting
  pin_required,
  puk_required,
  network_locked,  // personalisation lock of the module
  failure,         // card or card reader defective, or a wrong kind of card
};

// EPS registration (3GPP TS 27.007 section 10.1.22, +CEREG <stat>).
enum class Registration : std::uint8_t {
  not_registered,
  home,
  searching,
  denied,
  unknown,  // the module says "unknown", out of coverage for example
  roaming,
  sms_only,
  emergency_only,
};

// Access technology (3GPP TS 27.007 section 7.3, <AcT>). Modules report LTE-M as E-UTRAN.
enum class Technology : std::uint8_t { gsm, utran, lte, lte_m, nb_iot, nr };

// IMSI, never shown whole: it identifies the subscriber.
class Imsi {
 public:
  // 14 or 15 decimal digits (3GPP TS 23.003 section 2.2), nothing else.
  static std::optional<Imsi> parse(std::string_view digits) {
    if (digits.size() < 14 || digits.size() > 15) return std::nullopt;
    for (char c : digits)
      if (c < '0' || c > '9') return std::nullopt;
    return Imsi(std::string(digits));
  }
  // Country and network digits, then one 'x' for each hidden digit: "31026xxxxxxxxxx".
  [[nodiscard]] std::string masked() const {
    std::string shown = digits_;
    for (std::size_t i = 5; i < shown.size(); ++i) shown[i] = 'x';
    return shown;
  }
  friend bool operator==(const Imsi&, const Imsi&) = default;

 private:
  explicit Imsi(std::string digits) : digits_(std::move(digits)) {}
  std::string digits_;
};

// Why the network refused registration last. It is kept after registration succeeds, because some
// modules report it while they are still "searching" and never say "denied".
struct RejectCause {
  bool vendor_specific = false;  // false: an EMM cause of 3GPP TS 24.301 section 9.9.3.9
  int value = 0;
  core::BootTime at{};
  friend bool operator==(const RejectCause&, const RejectCause&) = default;
};

// Time evidence from the network (NITZ), read from the module's clock. Not yet believed by anybody.
// Evidence older than this build is dropped before it gets here.
struct NetworkTime {
  core::UnixTime time{};
  core::BootTime at{};
  friend bool operator==(const NetworkTime&, const NetworkTime&) = default;
};

// The packet data context as the module reports it (+CGDCONT, +CGPADDR, +CGCONTRDP).
struct PdpFacts {
  int cid = 0;
  std::string apn;
  std::vector<std::string> addresses;    // IPv4 or IPv6 as text, without prefix length
  std::vector<std::string> dns_servers;  // same form
  std::optional<int> mtu;                // bytes
  friend bool operator==(const PdpFacts&, const PdpFacts&) = default;
};

// Power saving mode as the network granted it (3GPP TS 24.008 sections 10.5.7.3 and 10.5.7.4a).
struct PowerSaving {
  core::Duration active{0};    // awake after each contact (T3324)
  core::Duration periodic{0};  // at the latest then the module reports again (T3412 extended)
  friend bool operator==(const PowerSaving&, const PowerSaving&) = default;
};

// The E-UTRA operating bands (3GPP TS 36.101 section 5.5) that the module may use, by technology.
struct AllowedBands {
  Technology technology{};
  std::vector<int> bands;  // rising, 1..256
  friend bool operator==(const AllowedBands&, const AllowedBands&) = default;
};

// An empty optional means "not known (any more)". Strings are printable ASCII, at most 64
// characters.
struct RadioFacts {
  PortState port = PortState::closed;
  std::string port_text;    // empty when ok, else a sentence for the technician
  std::string port_device;  // the device that is or was open last, "/dev/ttyUSB2"

  std::string manufacturer;  // empty: unknown, likewise the two that follow
  std::string model;
  std::string firmware;
  std::optional<core::Imei> imei;
  std::string imei_problem;  // not empty: the module's IMEI was refused, and why

  std::optional<RadioPower> power;
  std::optional<SimState> sim;
  std::optional<int> pin_attempts;  // left before the card asks for its PUK
  std::optional<int> puk_attempts;  // left before the card is of no more use
  std::optional<core::Iccid> iccid;
  std::optional<Imsi> imsi;

  std::optional<Registration> registration;
  core::BootTime registration_since{};  // when `registration` took its present value
  std::optional<RejectCause> reject;
  std::optional<Technology> technology;
  std::optional<std::uint32_t> tac;         // tracking area code, 16 bits
  std::optional<std::uint32_t> cell_id;     // E-UTRAN cell identity, 28 bits
  std::optional<int> band;                  // E-UTRA operating band in use, 1..256
  std::optional<PowerSaving> power_saving;  // nothing: not granted, or not known
  std::string operator_name;                // as +COPS gives it: a name, or MCC and MNC digits

  std::optional<int> rssi_dbm;    // -113..-51
  std::optional<int> rsrp_dbm;    // -141..-44
  std::optional<double> rsrq_db;  // -20..-3, steps of 0.5
  std::optional<int> sinr_db;     // -128..40
  core::BootTime signal_at{};     // when these four were read

  std::optional<PdpFacts> pdp;
  std::optional<NetworkTime> network_time;

  std::vector<Technology> technologies;  // that the module may use, best first; empty: not known
  std::vector<AllowedBands> bands;       // empty: not known
  std::string settings_problem;  // why the configured technologies or bands are not in force

  std::uint32_t resets = 0;  // restarts of the module noticed since start()
  // "" none; "requested", "boot report", "settings lost", "settings changed", "raw command". A port
  // that went and came back is no restart unless the module shows one.
  std::string last_reset_reason;
  core::BootTime last_reset_at{};  // when it was noticed
  // It came after this: what was up before is down. The module's own report, and a restart that was
  // ordered, tell the time; of one that shows by lost settings it is when they were last seen.
  core::BootTime last_reset_after{};
  std::uint32_t noise_lines = 0;  // lines that were no answer and no known report
  std::uint32_t timeouts = 0;     // commands without an answer

  friend bool operator==(const RadioFacts&, const RadioFacts&) = default;
};

// True when the radio can carry a data bearer.
constexpr bool registered(const RadioFacts& facts) {
  return facts.registration == Registration::home || facts.registration == Registration::roaming;
}

constexpr std::string_view to_string(PortState state) {
  switch (state) {
    case PortState::closed:
      return "closed";
    case PortState::absent:
      return "absent";
    case PortState::busy:
      return "busy";
    case PortState::silent:
      return "silent";
    case PortState::asleep:
      return "asleep";
    case PortState::ok:
      return "ok";
  }
  return "unknown";
}

constexpr std::string_view to_string(RadioPower power) {
  switch (power) {
    case RadioPower::off:
      return "off";
    case RadioPower::airplane:
      return "airplane";
    case RadioPower::on:
      return "on";
  }
  return "unknown";
}

constexpr std::string_view to_string(SimState state) {
  switch (state) {
    case SimState::ready:
      return "ready";
    case SimState::absent:
      return "absent";
    case SimState::busy:
      return "busy";
    case SimState::pin_required:
      return "pin_required";
    case SimState::puk_required:
      return "puk_required";
    case SimState::network_locked:
      return "network_locked";
    case SimState::failure:
      return "failure";
  }
  return "unknown";
}

constexpr std::string_view to_string(Registration registration) {
  switch (registration) {
    case Registration::not_registered:
      return "not_registered";
    case Registration::home:
      return "home";
    case Registration::searching:
      return "searching";
    case Registration::denied:
      return "denied";
    case Registration::unknown:
      return "unknown";
    case Registration::roaming:
      return "roaming";
    case Registration::sms_only:
      return "sms_only";
    case Registration::emergency_only:
      return "emergency_only";
  }
  return "unknown";
}

constexpr std::string_view to_string(Technology technology) {
  switch (technology) {
    case Technology::gsm:
      return "GSM";
    case Technology::utran:
      return "UMTS";
    case Technology::lte:
      return "LTE";
    case Technology::lte_m:
      return "LTE-M";
    case Technology::nb_iot:
      return "NB-IoT";
    case Technology::nr:
      return "5G";
  }
  return "unknown";
}

}  // namespace oobm::hal
