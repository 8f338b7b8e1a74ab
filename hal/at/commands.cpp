#include "hal/at/commands.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hal/at/fields.hpp"
#include "hal/at/identity.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

bool registration_report(std::string_view line) {
  return registration_form(line, std::nullopt) == RegistrationForm::report;
}

// HL78xx; others by observation. A module with a SIM may send +CPIN as it starts, but also later.
constexpr std::array<std::string_view, 7> boot_reports{
    "+KSUP", "RDY", "APP RDY", "*ATREADY", "^SYSSTART", "SMS Ready", "Call Ready"};

}  // namespace

Command setting(std::string text, core::Duration time_limit) {
  return {.text = std::move(text), .time_limit = time_limit, .accepts = {}, .call = false};
}

Command question(std::string text, std::string name, core::Duration time_limit) {
  auto command = setting(std::move(text), time_limit);
  command.accepts = [name = std::move(name)](std::string_view line) {
    return has_name(line, name);
  };
  return command;
}

Command plain_question(std::string text, std::string name, core::Duration time_limit) {
  auto command = setting(std::move(text), time_limit);
  command.accepts = [name = std::move(name)](std::string_view line) {
    return is_plain_answer(line, name);
  };
  return command;
}

Command registration_question(std::string name, std::optional<int> configured_n,
                              core::Duration time_limit) {
  auto command = setting("AT" + name + "?", time_limit);
  command.accepts = [name = std::move(name), configured_n](std::string_view line) {
    return has_name(line, name) &&
           registration_form(line, configured_n) == RegistrationForm::answer;
  };
  return command;
}

std::vector<ReportName> known_reports() {
  std::vector<ReportName> reports{
      {"+CEREG", registration_report},
      {"+CREG", registration_report},
      {"+CGREG", registration_report},
      {"+CTZV"},
      {"+CTZE"},
      {"+CGEV"},
      {"+CIEV"},
      {"+WDSI"},
      {"+PSMEV"},
      {"^RSSI"},
      {"^MODE"},
      {"PB DONE"},
      {"SMS DONE"},
      {"NORMAL POWER DOWN"},
      {"RING"},
  };
  for (const auto name : boot_reports) reports.push_back({name});
  return reports;
}

bool is_boot_report(std::string_view line) {
  return std::ranges::any_of(boot_reports, [&](std::string_view name) {
    return has_name(line, name) || same_text(line, name);
  });
}

}  // namespace oobm::hal::at
