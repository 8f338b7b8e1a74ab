#include "hal/at/registration.hpp"

#include <algorithm>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::string_view eps_name = "+CEREG";
constexpr int largest_n = 5;
constexpr std::uint32_t largest_tac = 0xffff;
constexpr std::uint32_t largest_cell = 0x0fffffff;

std::optional<Registration> status_of(int stat) {
  switch (stat) {
    case 0:
    case 90:  // UICC failure, one vendor's extension
      return Registration::not_registered;
    case 1:
    case 9:  // home, circuit-switched fallback not preferred
      return Registration::home;
    case 2:
      return Registration::searching;
    case 3:
      return Registration::denied;
    case 4:
      return Registration::unknown;
    case 5:
    case 10:  // roaming, circuit-switched fallback not preferred
      return Registration::roaming;
    case 6:
    case 7:
      return Registration::sms_only;
    case 8:
    case 11:  // access to restricted local operator services
      return Registration::emergency_only;
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> registration_payload(std::string_view line) {
  for (const auto name : {eps_name, std::string_view("+CREG"), std::string_view("+CGREG")})
    if (has_name(trim(line), name)) return *payload(line, name);
  return std::nullopt;
}

bool is_status(const Field& field) {
  if (field.quoted || field.text.size() > 2) return false;
  const auto number = field.number();
  return number && status_of(*number);
}

std::optional<std::uint32_t> at_most(std::optional<std::uint32_t> value, std::uint32_t limit) {
  return value && *value <= limit ? value : std::nullopt;
}

// An area code has four hexadecimal digits at most, a cell identity eight; what is longer still is
// neither.
bool looks_like_cell(const Field& field) { return field.text.size() > 4 && field.text.size() <= 8; }

// An older answer has a routing area code between area code and cell; it shows by a quoted fifth
// field.
std::size_t cell_position(const Fields& fields, std::size_t area) {
  return fields[area + 2].quoted ? area + 2 : area + 1;
}

// A module whose character set is UCS2 sends four hexadecimal digits for each character (3GPP
// TS 27.005 section 3.1). Taken for that only where every character is printable ASCII.
std::string operator_name(std::string_view text) {
  constexpr std::size_t digits = 4;
  constexpr std::size_t shortest = 2 * digits;
  std::string name;
  for (auto rest = text; text.size() >= shortest && !rest.empty(); rest.remove_prefix(digits)) {
    const auto character = to_number<std::uint32_t>(rest.substr(0, digits), 16);
    if (rest.size() < digits || !character || *character < 0x20 || *character > 0x7e)
      return printable(text);
    name += static_cast<char>(*character);
  }
  return printable(name.empty() ? text : name);
}

}  // namespace

std::optional<RegistrationForm> registration_form(std::string_view line,
                                                  std::optional<int> configured_n) {
  const auto text = registration_payload(line);
  if (!text) return std::nullopt;
  const auto fields = Fields::split(*text);
  const auto first = fields[0].number();
  if (!first || fields[0].quoted) return std::nullopt;
  if (!is_status(fields[1])) return RegistrationForm::report;
  if (*first < 0 || *first > largest_n) return RegistrationForm::report;
  if (looks_like_cell(fields[2])) return RegistrationForm::report;
  const bool other_n = configured_n && *first != *configured_n;
  const bool unlike_a_report = fields.size() == 2 || fields[2].quoted || fields[3].quoted;
  if (other_n && !unlike_a_report) return RegistrationForm::report;
  return RegistrationForm::answer;
}

std::expected<RegistrationReport, ParseError> parse_registration(std::string_view line,
                                                                 RegistrationForm form) {
  const auto found = fields_of(line, eps_name);
  if (!found) return std::unexpected(found.error());
  const auto& fields = *found;
  const std::size_t stat = form == RegistrationForm::answer ? 1 : 0;
  const auto number = fields[stat].number();
  const auto status = number ? status_of(*number) : std::nullopt;
  if (!status) return parse_error("registration", line, "has no known status");

  RegistrationReport report;
  report.status = *status;
  if (form == RegistrationForm::answer) report.n = fields[0].number();
  const auto cell = cell_position(fields, stat + 1);
  report.tac = at_most(fields[stat + 1].hex(), largest_tac);
  report.cell_id = at_most(fields[cell].hex(), largest_cell);
  if (const auto act = fields[cell + 1].number()) report.technology = technology_of(*act);
  report.cause_type = fields[cell + 2].number();
  report.cause = fields[cell + 3].number();
  if (const auto timer = parse_active_time(fields[cell + 4].text)) report.active_time = *timer;
  if (const auto timer = parse_periodic_update(fields[cell + 5].text))
    report.periodic_update = *timer;
  return report;
}

std::optional<Technology> technology_of(int access_technology) {
  switch (access_technology) {
    case 0:
    case 1:
    case 3:
      return Technology::gsm;
    case 2:
    case 4:
    case 5:
    case 6:
      return Technology::utran;
    case 7:
    case 10:  // E-UTRA connected to a 5G core
      return Technology::lte;
    case 8:
      return Technology::lte_m;
    case 9:
      return Technology::nb_iot;
    case 11:
    case 12:
    case 13:
      return Technology::nr;
    default:
      return std::nullopt;
  }
}

std::expected<OperatorReport, ParseError> parse_cops(std::string_view line) {
  constexpr int highest_mode = 4;
  constexpr int numeric_format = 2;
  const auto mode = parse_number(line, "+COPS", 0, highest_mode);
  if (!mode) return std::unexpected(mode.error());
  const auto fields = fields_of(line, "+COPS").value_or(Fields{});
  OperatorReport report;
  report.mode = *mode;
  report.name = operator_name(fields[2].text);
  report.numeric = fields[1].number() == numeric_format || all_digits(report.name);
  if (const auto act = fields[3].number()) report.technology = technology_of(*act);
  return report;
}

}  // namespace oobm::hal::at
