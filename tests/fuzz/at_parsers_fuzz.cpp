// Every parser of AT lines against any bytes: each gives a value within its stated range or an
// error that is a bounded, printable sentence. The input is one line.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "hal/at/clock.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/hl78xx.hpp"
#include "hal/at/identity.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/power_saving.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/result_code.hpp"
#include "hal/at/signal.hpp"
#include "hal/at/sim.hpp"
#include "tests/fuzz/require.hpp"

namespace oobm::hal::at {
namespace {

using fuzz::require;

constexpr std::size_t longest_sentence = 3 * max_text_chars;

bool printable_only(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

void bounded_text(std::string_view text) {
  require(text.size() <= max_text_chars && printable_only(text), "texts are bounded and printable");
}

template <class T>
bool good(const std::expected<T, ParseError>& parsed) {
  if (parsed) return true;
  const std::string_view text = parsed.error().text;
  require(!text.empty() && text.size() <= longest_sentence, "errors are sentences");
  require(printable_only(text), "errors are printable");
  return false;
}

template <class T>
void within(const std::optional<T>& value, T low, T high) {
  require(!value || (*value >= low && *value <= high), "values are in their range");
}

void try_result_code(std::string_view line) {
  const auto result = parse_result_code(line);
  require(result.has_value() == is_result_code(line), "a result code is one for both");
  if (!result) return;
  bounded_text(result->text);
  if (result->number) bounded_text(cme_text(*result->number));
  require(!result->ok() || error_class(*result) == ErrorClass::other, "OK is no class of error");
  require(!sim_state_of(*result) || result->number, "a state of the card has a number");
}

void try_identity(std::string_view line) {
  if (const auto imei = parse_imei(line); good(imei))
    require(parse_imei(imei->str()) == *imei, "an IMEI reads as itself");
  if (const auto iccid = parse_iccid(line); good(iccid))
    require(iccid->str().starts_with("89"), "an ICCID begins with 89");
  good(parse_iccid_file(line));
  good(parse_imsi(line));
  if (const auto serial = parse_kgsn(line); good(serial)) bounded_text(*serial);
  for (const auto* name : {"+CGMM", "+CGSN"}) {
    is_plain_answer(line, name);
    if (const auto text = parse_plain(line, name); good(text)) bounded_text(*text);
  }
}

void try_sim(std::string_view line) {
  good(parse_cpin(line));
  if (const auto attempts = parse_cpinr(line); good(attempts))
    require(attempts->left >= 0 && attempts->left <= 99, "attempts are few");
  good(parse_clck(line));
  good(parse_cfun(line));
}

void try_registration(std::string_view line) {
  for (const auto n : {std::optional<int>(), std::optional<int>(2), std::optional<int>(5)}) {
    const auto form = registration_form(line, n);
    if (!form) continue;
    const auto report = parse_registration(line, *form);
    if (!good(report)) continue;
    within<std::uint32_t>(report->tac, 0, 0xffff);
    within<std::uint32_t>(report->cell_id, 0, 0x0fffffff);
    require(report->n.has_value() == (*form == RegistrationForm::answer), "answers have a level");
  }
  if (const auto report = parse_cops(line); good(report)) {
    bounded_text(report->name);
    require(report->mode >= 0 && report->mode <= 4, "modes are known");
  }
}

void in_range(const std::expected<SignalReport, ParseError>& report) {
  if (!good(report)) return;
  within(report->rssi_dbm, -113, -51);
  within(report->rsrp_dbm, -141, -44);
  within(report->rsrq_db, -20.0, -3.0);
  within(report->sinr_db, -128, 40);
}

void try_signal(std::string_view line) {
  in_range(parse_csq(line));
  in_range(parse_cesq(line));
  in_range(parse_kcellmeas(line));
}

void try_clock(std::string_view line) {
  if (const auto time = parse_cclk(line); good(time))
    require(time->seconds > -2 * 86400 && time->seconds < 4'102'617'600, "1970 to 2099");
  if (const auto zone = parse_time_zone(line); good(zone))
    require(std::chrono::abs(*zone) <= std::chrono::hours(24), "zones end at a day");
  if (const auto wish = parse_cpsms(line); good(wish) && wish->periodic_update)
    within<std::chrono::seconds>(wish->periodic_update->length, std::chrono::seconds(0),
                                 std::chrono::hours(31 * 320));
}

void bounded_facts(const std::expected<PdpFacts, ParseError>& facts) {
  if (!good(facts)) return;
  bounded_text(facts->apn);
  within(facts->mtu, 576, 9000);
  auto merged = *facts;
  merge(merged, *facts);
  require(merged == *facts, "joining a line with itself changes nothing");
  for (const auto* list : {&facts->addresses, &facts->dns_servers})
    for (const auto& address : *list)
      require(parse_address(address) == address, "an address reads as itself");
}

void try_context(std::string_view line) {
  if (const auto context = parse_cgdcont(line); good(context)) {
    bounded_text(context->apn);
    bounded_text(context->type);
  }
  good(parse_cgact(line));
  good(parse_cgatt(line));
  bounded_facts(parse_cgpaddr(line));
  bounded_facts(parse_cgcontrdp(line));
  if (const auto address = parse_address(line))
    require(parse_address(*address) == address, "an address reads as itself");
}

void try_hl78xx(std::string_view line) {
  good(parse_ksup(line));
  good(parse_ksrat(line));
  good(parse_kcarriercfg(line));
  if (const auto order = parse_kselacq(line); good(order))
    require(order->size() <= Fields::max_fields, "orders are short");
  for (const auto& bands : {parse_kbnd(line), parse_kbndcfg(line)}) {
    if (!good(bands)) continue;
    require(std::ranges::is_sorted(bands->bands), "bands ascend");
    for (const int band : bands->bands) require(band >= 1 && band <= 256, "bands are 1 to 256");
  }
}

void try_fields(std::string_view line) {
  const auto fields = Fields::split(line);
  require(fields.size() >= 1 && fields.size() <= Fields::max_fields, "fields are bounded");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto text = fields[i].text;
    require(text.empty() || (text.data() >= line.data() &&
                             text.data() + text.size() <= line.data() + line.size()),
            "fields are parts of the line");
  }
  names_an_answer(line);
}

void try_all(std::string_view line) {
  try_result_code(line);
  try_identity(line);
  try_sim(line);
  try_registration(line);
  try_signal(line);
  try_clock(line);
  try_context(line);
  try_hl78xx(line);
  try_fields(line);
}

}  // namespace
}  // namespace oobm::hal::at

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  oobm::hal::at::try_all(input);
  return 0;
}
