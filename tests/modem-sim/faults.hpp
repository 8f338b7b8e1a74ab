// What can go wrong with the module: one table, from which a person, a script and a random draw
// pick alike. Each fault takes one whole number. A lasting fault stays until it is set to 0 ("off")
// or the module is told to behave; the others happen once. A module that behaves has no fault.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace oobm::modem_sim {

// In the order of the table.
enum class FaultId : std::uint8_t {
  garbage,
  boot_garbage,
  fragment,
  interleave,
  flood,
  reboot,
  reboot_mid,
  forget,
  early_report,
  endless,
  ignore,
  silent,
  hang,
  late,
  doubled,
  stray,
  vanish,
  comes_back,
  renumber,
  hold,
  refuse,
  bad_status,
  card,
  deny,
  deny_searching,
  no_coverage,
  roaming,
  stuck,
  creg,
  sleep,
  doze,
  psm,
  fields,
  clock,
  imei,
  activation,
  ppp_noise,
  half_dead,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(FaultId::half_dead) + 1;

struct FaultRow {
  FaultId id{};
  std::string_view name;       // of the control command
  std::string_view parameter;  // what the number means
  std::int64_t lowest = 0;     // accepted
  std::int64_t highest = 0;
  std::int64_t drawn = 0;             // the highest that a random draw gives
  std::optional<std::int64_t> usual;  // without a number; nothing: the number must be given
  bool lasting = false;
  std::string_view effect;
};

struct Fault {
  FaultId id{};
  std::int64_t value = 0;
};

std::span<const FaultRow> fault_table();
const FaultRow& fault_row(FaultId id);

// nullptr: no fault has this name.
const FaultRow* find_fault(std::string_view name);

// The control command: "deny 7".
std::string to_text(const Fault& fault);

// Any row, with a number between its lowest and what is meant to be drawn.
Fault draw_fault(std::mt19937_64& random);

// Commands that a module may well lack: fault `refuse N` makes the N-th answer "+CME ERROR: 100".
std::span<const std::string_view> optional_commands();

// What `activation` does with +CGACT.
inline constexpr std::int64_t activation_strict = 1;  // an error when it already is as wanted
inline constexpr std::int64_t activation_false = 2;   // OK, and nothing has changed

// Which step of recovery heals `half-dead N` and `stuck N`: that with number N, and all above.
inline constexpr int cure_redial = 1;
inline constexpr int cure_reattach = 2;
inline constexpr int cure_function = 3;  // +CFUN off and on
inline constexpr int cure_reset = 4;
inline constexpr int cure_power = 5;

}  // namespace oobm::modem_sim
