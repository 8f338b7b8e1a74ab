// The card: its state, PIN and PUK with their counters, and what is read from it.
#include "tests/modem-sim/sim_modem.hpp"
#include "tests/modem-sim/sim_text.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration card_latency = 80ms;
constexpr core::Duration own_latency = 15ms;
constexpr int max_pin_attempts = 3;
constexpr int max_puk_attempts = 10;
constexpr std::string_view read_binary = "176";
constexpr std::string_view iccid_file = "12258";

std::string swapped_nibbles(std::string digits) {
  while (digits.size() < 20) digits += 'F';
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) std::swap(digits[i], digits[i + 1]);
  return digits;
}

}  // namespace

Card SimModem::card() const {
  const auto state = static_cast<Card>(fault(FaultId::card));
  if (state == Card::pin && pin_attempts_ == 0) return Card::puk;
  const bool locked = state == Card::pin || state == Card::puk;
  return locked && card_unlocked_ ? Card::ready : state;
}

// The error number of a command that needs the card.
std::optional<int> SimModem::card_trouble() const {
  if (powered_ == 0) return 10;
  switch (card()) {
    case Card::ready:
      return std::nullopt;
    case Card::absent:
      return 10;
    case Card::pin:
      return 11;
    case Card::puk:
      return 12;
    case Card::locked:
      return 40;  // network PIN required
    case Card::failure:
      return 13;
    case Card::busy:
      return 14;
  }
  return 100;
}

SimModem::Reply SimModem::pin(const Request& request) {
  if (powered_ == 0) return error(10);
  if (request.form == '=') return enter_pin(request);
  const bool quotes = config_.personality->looser_text;
  const auto state = [&](std::string_view text) {
    return lines({"+CPIN: " + (quotes ? in_quotes(text) : std::string(text))}, card_latency);
  };
  switch (card()) {
    case Card::ready:
      return state("READY");
    case Card::pin:
      return state("SIM PIN");
    case Card::puk:
      return state("SIM PUK");
    case Card::locked:
      return state("PH-NET PIN");
    default:
      return error(card_trouble().value_or(100));
  }
}

// A wrong PIN is always "incorrect password", the last time too; only +CPIN? then shows the PUK.
SimModem::Reply SimModem::enter_pin(const Request& request) {
  const auto state = card();
  if (state != Card::pin && state != Card::puk) return error(state == Card::ready ? 3 : 10);
  const bool by_puk = state == Card::puk;
  auto& attempts = by_puk ? puk_attempts_ : pin_attempts_;
  if (attempts == 0) return error(13);
  if (argument(request.arguments, 0) != (by_puk ? config_.puk : config_.pin)) {
    --attempts;
    return error(16);
  }
  if (by_puk) config_.pin = argument(request.arguments, 1);
  pin_attempts_ = max_pin_attempts;
  puk_attempts_ = max_puk_attempts;
  return {.latency = card_latency, .then = [this](core::BootTime now) {
            card_unlocked_ = true;
            reconsider(now);
          }};
}

SimModem::Reply SimModem::pin_counters(const Request& request) {
  if (powered_ == 0 || card() == Card::absent) return error(10);
  const auto one = [](std::string_view name, int left, int most) {
    return "+CPINR: " + std::string(name) + "," + std::to_string(left) + "," + std::to_string(most);
  };
  const auto pin_line = one("SIM PIN", pin_attempts_, max_pin_attempts);
  const auto puk_line = one("SIM PUK", puk_attempts_, max_puk_attempts);
  const auto wanted = argument(request.arguments, 0);
  if (wanted == "SIM PIN") return lines({pin_line}, card_latency);
  if (wanted == "SIM PUK") return lines({puk_line}, card_latency);
  return lines({pin_line, puk_line}, card_latency);
}

SimModem::Reply SimModem::facility_lock(const Request& request) {
  if (powered_ == 0 || card() == Card::absent) return error(10);
  if (argument(request.arguments, 1) != "2") return error(3);
  const bool card_lock = argument(request.arguments, 0) == "SC";
  const auto state = static_cast<Card>(fault(FaultId::card));
  const bool on = card_lock ? state == Card::pin || state == Card::puk : state == Card::locked;
  return lines({std::string("+CLCK: ") + (on ? "1" : "0")}, card_latency);
}

SimModem::Reply SimModem::iccid(const Request& request) {
  if (powered_ == 0 || card() == Card::absent) return error(10);
  if (fault(FaultId::bad_status)) return error(13);
  return lines({request.name + ": " + config_.iccid}, card_latency);
}

SimModem::Reply SimModem::read_card_file(const Request& request) {
  if (powered_ == 0 || card() == Card::absent) return error(10);
  if (fault(FaultId::bad_status)) return lines({"+CRSM: 148,4,\"\""}, card_latency);
  if (argument(request.arguments, 0) != read_binary || argument(request.arguments, 1) != iccid_file)
    return lines({"+CRSM: 106,130,\"\""}, card_latency);
  return lines({"+CRSM: 144,0," + in_quotes(swapped_nibbles(config_.iccid))}, card_latency);
}

SimModem::Reply SimModem::imsi(const Request&) {
  if (const auto trouble = card_trouble()) return error(*trouble);
  return lines({config_.imsi}, own_latency + card_latency);
}

}  // namespace oobm::modem_sim
