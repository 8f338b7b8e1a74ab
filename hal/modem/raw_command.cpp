#include "hal/modem/raw_command.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "hal/at/text.hpp"

namespace oobm::hal {
namespace {

enum class Effect : std::uint8_t { other, call, restart };

// An order that is sent only when forced. Compared with the command behind "AT", in capitals and
// without blanks; a longer name is another command.
struct Danger {
  std::string_view command;
  std::string_view why;
  Effect effect = Effect::other;
};

constexpr std::string_view cuts_radio = "can switch the radio off or restart the module";
constexpr std::string_view cuts_network =
    "takes the radio off its network, or binds it to one that may not serve it";
constexpr std::string_view cuts_data = "ends or changes the data connection";
constexpr std::string_view spends_pin =
    "may spend one of the few attempts that the card allows before it locks itself";
constexpr std::string_view writes_card = "writes to the card or gives it orders";
constexpr std::string_view changes_line = "changes how the module talks on this port";
constexpr std::string_view needs_reboot =
    "changes technologies, bands or carrier for good; the module may find no network any more";
constexpr std::string_view puts_to_sleep = "may put the module to sleep, where nothing reaches it";
constexpr std::string_view changes_module = "changes the module's software or its interfaces";
constexpr std::string_view calls = "dials or hangs up; the data connection belongs to the board";
constexpr std::string_view agents_own = "is a setting that the agent keeps by itself";
constexpr std::string_view unknown = "is not known to leave the connection alone";

constexpr auto dangers = std::to_array<Danger>({
    {"+CFUN=0,1", cuts_radio, Effect::restart},
    {"+CFUN=1,1", cuts_radio, Effect::restart},
    {"+CFUN=4,1", cuts_radio, Effect::restart},
    {"+CFUN", cuts_radio},
    {"+CPWROFF", cuts_radio, Effect::restart},
    {"+CPOF", cuts_radio, Effect::restart},
    {"+QPOWD", cuts_radio, Effect::restart},
    {"+QRST", cuts_radio, Effect::restart},
    {"#REBOOT", cuts_radio, Effect::restart},
    {"#SHDN", cuts_radio, Effect::restart},
    {"!RESET", cuts_radio, Effect::restart},
    {"^RESET", cuts_radio, Effect::restart},
    {"Z", changes_line},
    {"&F", changes_line},
    {"&W", changes_line},
    {"E", changes_line},
    {"V", changes_line},
    {"Q", changes_line},
    {"S", changes_line},
    {"&C", changes_line},
    {"&D", changes_line},
    {"&K", changes_line},
    {"+IPR", changes_line},
    {"+IFC", changes_line},
    {"+ICF", changes_line},
    {"+CMUX", changes_line},
    {"+CSCS", changes_line},
    {"+COPS=?", "searches all networks, which takes minutes and stops all data meanwhile"},
    {"+COPS", cuts_network},
    {"+CPLS", cuts_network},
    {"+CGATT", cuts_network},
    {"+CEMODE", cuts_network},
    {"+CGACT", cuts_data},
    {"+CGDCONT", cuts_data},
    {"+CGAUTH", cuts_data},
    {"+CGDATA", cuts_data, Effect::call},
    {"+KCNXCFG", cuts_data},
    {"+WPPP", cuts_data},
    {"D", calls, Effect::call},
    {"A", calls, Effect::call},
    {"H", calls, Effect::call},
    {"O", calls, Effect::call},
    {"+CPIN", spends_pin},
    {"+CPIN2", spends_pin},
    {"+CPWD", spends_pin},
    {"+CLCK", spends_pin},
    {"+CRSM", writes_card},
    {"+CSIM", writes_card},
    {"+CGLA", writes_card},
    {"+KSRAT", needs_reboot},
    {"+KSELACQ", needs_reboot},
    {"+KBNDCFG", needs_reboot},
    {"+KCARRIERCFG", needs_reboot},
    {"+WS46", needs_reboot},
    {"+KSLEEP", puts_to_sleep},
    {"+CPSMS", puts_to_sleep},
    {"+CEDRXS", puts_to_sleep},
    {"+KEDRXCFG", puts_to_sleep},
    {"+KHWIOCFG", puts_to_sleep},
    {"+KUSBCOMP", changes_module, Effect::restart},
    {"+WDSD", changes_module},
    {"+WDSR", changes_module, Effect::restart},
    {"+WDSS", changes_module},
    {"+CMEE", agents_own},
    {"+CEREG", agents_own},
    {"+CREG", agents_own},
    {"+CGREG", agents_own},
    {"+CTZU", agents_own},
    {"+CTZR", agents_own},
    {"+KSREP", agents_own},
});

// Orders that only ask.
constexpr auto harmless = std::to_array<std::string_view>({
    "I",          "&V",         "+CGMI",      "+CGMM",       "+CGMR",
    "+CGSN",      "+GMI",       "+GMM",       "+GMR",        "+GSN",
    "+KGSN",      "+CIMI",      "+CNUM",      "+CCID",       "+ICCID",
    "+QCCID",     "#CCID",      "%CCID",      "+CPINR",      "+CLCK=\"SC\",2",
    "+CRSM=176,", "+CRSM=178,", "+CRSM=192,", "+CRSM=242,",  "+CSQ",
    "+CESQ",      "+KCELLMEAS", "%MEAS",      "+CEER",       "+CLAC",
    "+CPAS",      "+CGPADDR",   "+CGCONTRDP", "+CGSCONTRDP", "+CGEQOSRDP",
    "+CEDRXRDP",  "+KBND",
});

constexpr std::string_view joined_text =
    "one command on one line, please: joined commands are never sent";

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::unexpected<Error> invalid(std::string_view text) {
  return std::unexpected(Error{ErrorCode::command_invalid, std::string(text)});
}

// The command in capitals and without blanks, as a module reads it. Error: more than one command,
// or none.
std::expected<std::string, Error> bare(std::string_view text) {
  std::string result;
  bool quoted = false;
  for (const char c : text) {
    if (c < ' ' || c > '~') return invalid("a command is one line of printable characters");
    if (c == '"') quoted = !quoted;
    if (c == ';' && !quoted) return invalid(joined_text);
    if (c != ' ' || quoted) result += capital(c);
  }
  if (quoted) return invalid("a quotation mark is missing");
  if (!result.starts_with("AT")) return invalid("a command begins with AT; A/ is never sent");
  return result.substr(2);
}

// How many of the first characters are the name: "+CFUN", "&F", "I".
std::size_t name_length(std::string_view body) {
  if (body.empty() || is_letter(body.front())) return std::min<std::size_t>(body.size(), 1);
  const auto* end = std::ranges::find_if_not(body.substr(1), is_name);
  const auto length = static_cast<std::size_t>(end - body.begin());
  return body.front() == '&' || body.front() == '\\' ? std::min<std::size_t>(length, 2) : length;
}

bool extended(std::string_view body) {
  return !body.empty() && std::string_view("+%#!^*$_@").contains(body.front());
}

// Whether nothing follows the one command. Basic commands may be joined without any sign in
// between (V.250 section 5.2.1), as in "ATE1&F": after one of them only its number may stand.
bool stands_alone(std::string_view body) {
  const auto rest = body.substr(name_length(body));
  if (extended(body)) return rest.empty() || rest.front() == '=' || rest == "?";
  if (body.starts_with('D')) return true;
  const auto* end = std::ranges::find_if_not(rest, is_digit);
  const std::string_view tail(end, rest.end());
  if (!body.starts_with('S')) return tail.empty();
  return tail == "?" || (tail.starts_with('=') && std::ranges::all_of(tail.substr(1), is_digit));
}

bool matches(std::string_view body, std::string_view command) {
  if (!body.starts_with(command)) return false;
  if (!is_name(command.back())) return true;
  return body.size() == command.size() || !extended(body) || !is_name(body[command.size()]);
}

const Danger* danger_of(std::string_view body) {
  const auto* found =
      std::ranges::find_if(dangers, [&](const Danger& row) { return matches(body, row.command); });
  return found == dangers.end() ? nullptr : found;
}

bool is_harmless(std::string_view body) {
  if (body.empty()) return true;
  return std::ranges::any_of(harmless, [&](std::string_view row) { return matches(body, row); });
}

// A question changes nothing, with the exceptions of the table.
bool is_question(std::string_view body) {
  if (body.ends_with("=?")) {
    const auto* row = danger_of(body);
    return row == nullptr || !row->command.ends_with("=?");
  }
  return body.ends_with('?') && !body.contains('=');
}

Error refusal(std::string_view body, std::string_view why) {
  std::string text = "AT";
  text.append(body.substr(0, name_length(body))).append(" is not sent: it ").append(why);
  return {ErrorCode::command_refused, std::move(text)};
}

}  // namespace

std::expected<RawPlan, Error> plan_raw(const RawCommand& command) {
  const auto text = at::trim(command.text);
  if (text.empty() || text.size() > RawCommand::max_chars)
    return invalid("a command has 2 to " + std::to_string(RawCommand::max_chars) + " characters");
  const auto body = bare(text);
  if (!body) return std::unexpected(body.error());
  if (!stands_alone(*body)) return invalid(joined_text);
  const auto* danger = danger_of(*body);
  if (!command.force && !is_question(*body) && !is_harmless(*body))
    return std::unexpected(refusal(*body, danger != nullptr ? danger->why : unknown));
  const bool acts = danger != nullptr && !is_question(*body);
  return RawPlan{.text = "AT" + std::string(at::trim(text.substr(text.find_first_of("tT") + 1))),
                 .name = extended(*body) ? body->substr(0, name_length(*body)) : std::string(),
                 .question = body->ends_with('?') && !body->contains('='),
                 .call = acts && danger->effect == Effect::call,
                 .restarts = acts && danger->effect == Effect::restart};
}

}  // namespace oobm::hal
