#include "agent/ctl/status_view.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "agent/ctl/signal_grade.hpp"
#include "agent/ctl/time_view.hpp"
#include "agent/ctl/verdict.hpp"
#include "agent/ctl/words.hpp"

namespace oobm::ctl {
namespace {

constexpr std::size_t label_width = 15;  // characters

class Page {
 public:
  void heading(std::string_view title) { text_.append("\n").append(title).append("\n"); }
  // Nothing for an empty value.
  void row(std::string_view label, const std::string& value) {
    if (value.empty()) return;
    text_.append("  ").append(label);
    text_.append(label.size() < label_width ? label_width - label.size() : 0, ' ');
    text_.append(" ").append(value).append("\n");
  }
  void line(std::string_view line) { text_.append(line).append("\n"); }
  // Each line of `value` behind `label`.
  void lines(std::string_view label, const std::string& value) {
    std::size_t begin = 0;
    while (begin < value.size()) {
      const auto end = std::min(value.find('\n', begin), value.size());
      text_.append(label).append(value, begin, end - begin).append("\n");
      begin = end + 1;
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string spaced(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string joined(std::string text, std::string_view separator, const std::string& more) {
  if (more.empty()) return text;
  if (!text.empty()) text += separator;
  return text += more;
}

// The value with a word before it; nothing for an empty one.
std::string labelled(std::string_view label, const std::string& value) {
  return value.empty() ? value : std::string(label).append(" ").append(value);
}

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string ago(const View& view, const char* key) {
  const auto age = view.integer(key);
  return age ? duration_words(*age) + " ago" : std::string();
}

// "2027-03-01  end of the paid term": which of the dates this is.
std::string dated(const View& view, const char* key, std::string_view meaning) {
  const std::string instant = view.text(key);
  if (instant.empty()) return {};
  return std::string(date_of(instant)) + "  " + std::string(meaning);
}

void router(Page& page, const View& status) {
  const View router = status.at("router");
  const View board = router.at("board");
  const bool known = router.has("serial");
  page.heading("Router");
  page.row("serial number", or_unknown((known ? router : board).text("serial")));
  page.row("IMEI", or_unknown(known ? router.text("imei") : board.text("factory_imei")));
  page.row("SKU", or_unknown((known ? router : board).text("sku")));
  page.row("model", router.text("model"));
  const std::string region = known ? router.text("region") : board.text("factory_region");
  page.row("region", known ? joined(region, "", ", by its SKU") : region);
  page.row("firmware", (known ? router : board).text("firmware"));
  page.row("board says", board.text("error"));
}

void dates(Page& page, const View& held) {
  const bool direct = held.text("billing") == "DIRECT";
  page.row("billing", direct ? "direct, extended month by month" : "pre-paid");
  page.row("paid until", dated(held, "valid_until", "end of the paid term"));
  page.row("grace until", dated(held, "grace_until", "service stops without a renewal"));
  page.row("support until", dated(held, "support_until", "technical support"));
  page.row("warranty until", dated(held, "warranty_until", "hardware warranty"));
}

void alms(Page& page, const View& status) {
  const View alms = status.at("alms");
  const View held = status.at("entitlement");
  page.heading("ALMS");
  const std::string name = alms.text("name");
  page.row("instance", joined(or_unknown(alms.text("instance")), ", ", name));
  page.row("portal", alms.text("portal"));
  page.row("state", joined(status.at("lifecycle").text("state"), ", since ",
                           status.at("lifecycle").text("since")));
  if (status.has("entitlement")) {
    const View account = held.at("account");
    page.row("account", joined(account.text("name"), ", class ", account.text("class")));
    page.row("offer", held.at("offer").text("name"));
    dates(page, held);
  }
  const View refusal = alms.at("refusal");
  page.row("ALMS refused", joined(refusal.text("code"), ": ", refusal.text("detail")));
  const std::string contact = ago(status.at("link"), "last_contact_age_ms");
  page.row("last answer", contact.empty() ? "none since this boot" : contact);
}

std::string radio_words(const View& radio) {
  const View port = radio.at("port");
  if (!radio.flag("present"))
    return joined("no module", ": ",
                  port.has("text") ? port.text("text") : "its port cannot be opened");
  if (!radio.flag("responding")) return "silent: the module does not answer";
  std::string text = port.text("state") == "asleep" ? "asleep, as the network allows" : "answers";
  text = joined(text, ", on ", port.text("device"));
  const auto resets = radio.integer("resets").value_or(0);
  if (resets == 0) return text;
  const View last = radio.at("last_reset");
  text = joined(text + ", " + count_words(resets, "reset"), ", last: ", last.text("reason"));
  return joined(text, ", ", ago(last, "age_ms"));
}

// What was done to the radio, and what comes next.
std::string recovery_words(const View& recovery) {
  const View last = recovery.at("last");
  std::string text = joined(last.text("words"), " ", ago(last, "age_ms"));
  text = joined(text, ", ", last.text("outcome"));
  text = joined(text, ": ", last.text("error"));
  const View next = recovery.at("next");
  if (const auto wait = next.integer("in_ms"))
    return joined(text, "; ", "next: " + next.text("words") + " in " + duration_words(*wait));
  const bool helpless = recovery.has("trouble") && recovery.text("trouble") != "NONE" &&
                        last.text("outcome") != "running";
  return helpless ? joined(text, "; ", "none will help: " + recovery.text("sentence")) : text;
}

std::string module_words(const View& radio) {
  const std::string text = joined(radio.text("manufacturer"), " ", radio.text("model"));
  return joined(text, ", ", labelled("firmware", radio.text("firmware")));
}

std::string card_words(const View& radio) {
  const std::string state = spaced(radio.text("sim_state"));
  std::string text = state.empty() ? or_unknown(radio.text("sim")) : state;
  const bool asks = radio.text("sim") == "locked";
  if (const auto left = radio.integer("pin_attempts"); left && asks)
    text += ", " + count_words(*left, "PIN attempt") + " left";
  text = joined(text, ", ICCID ", radio.text("iccid"));
  return joined(text, ", IMSI ", radio.text("imsi"));
}

std::string refusal_words(const View& reject) {
  const auto cause = reject.integer("cause");
  if (!cause) return {};
  std::string text = reject.flag("vendor_specific") ? "vendor's cause " : "EMM cause ";
  text = joined(text + std::to_string(*cause), ": ", reject.text("meaning"));
  return joined(text, ", ", ago(reject, "age_ms"));
}

std::string cell_words(const View& radio) {
  std::string text;
  if (const auto cell = radio.integer("cell_id")) text = "cell " + std::to_string(*cell);
  if (const auto area = radio.integer("tracking_area"))
    text = joined(text, ", ", "area " + std::to_string(*area));
  if (const auto band = radio.integer("band"))
    text = joined(text, ", ", "band " + std::to_string(*band));
  return text;
}

std::string list_words(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& entry : list) text = joined(text, " ", entry);
  return text;
}

std::string context_words(const View& context) {
  std::string text = labelled("APN", context.text("apn"));
  text = joined(text, ", ", list_words(context.texts("addresses")));
  text = joined(text, ", ", labelled("DNS", list_words(context.texts("dns"))));
  if (const auto mtu = context.integer("mtu"))
    text = joined(text, ", ", "MTU " + std::to_string(*mtu));
  return text;
}

std::string registration_words(const View& radio) {
  std::string text = spaced(or_unknown(radio.text("registration")));
  if (const auto age = radio.integer("registration_age_ms")) text += " for " + duration_words(*age);
  text = joined(text, ", ", radio.text("technology"));
  return joined(text, ", ", radio.text("operator"));
}

std::string graded(std::string_view label, const std::optional<double>& value,
                   std::string_view unit, std::string_view (*grade)(double)) {
  if (!value) return {};
  std::string text(label);
  text.append(" ").append(decimal(*value)).append(" ").append(unit);
  return grade == nullptr ? text : text.append(" (").append(grade(*value)).append(")");
}

std::string signal_words(const View& radio) {
  std::string text = graded("RSRP", radio.number("rsrp_dbm"), "dBm", grade_rsrp);
  text = joined(text, ", ", graded("RSRQ", radio.number("rsrq_db"), "dB", grade_rsrq));
  text = joined(text, ", ", graded("SINR", radio.number("sinr_db"), "dB", nullptr));
  return joined(text, ", ", graded("RSSI", radio.number("rssi_dbm"), "dBm", nullptr));
}

std::string session_words(const View& link) {
  const std::string phase = spaced(or_unknown(link.text("phase")));
  return phase == "online" ? joined("open", ", over ", spaced(link.text("uplink"))) : phase;
}

std::string fault_line(const View& fault) {
  const std::string code = fault.text("code");
  std::string text =
      joined(code.empty() ? fault.text("reason") : code, ": ", fault.text("sentence"));
  const std::string age = ago(fault, "age_ms");
  return age.empty() ? text : text + " (" + age + ")";
}

std::string usage_words(const View& usage) {
  const auto used =
      usage.number("bytes_sent").value_or(0) + usage.number("bytes_received").value_or(0);
  std::string text = byte_words(static_cast<std::uint64_t>(std::max(used, 0.0)));
  const auto allowance = usage.integer("allowance_bytes");
  return allowance && *allowance > 0
             ? text + " of " + byte_words(static_cast<std::uint64_t>(*allowance))
             : text;
}

// From the antenna upwards: the first layer that is not as it should be is where to look.
void link(Page& page, const View& status) {
  const View radio = status.at("radio");
  const View link = status.at("link");
  page.heading("OOBM link");
  page.row("radio", radio_words(radio));
  page.row("recovery", recovery_words(radio.at("recovery")));
  page.row("module", module_words(radio));
  page.row("settings", radio.text("settings_problem"));
  page.row("SIM", card_words(radio));
  page.row("registration", registration_words(radio));
  page.row("last refusal", refusal_words(radio.at("reject")));
  page.row("cell", cell_words(radio));
  page.row("signal", or_unknown(signal_words(radio)));
  page.row("data context", context_words(radio.at("context")));
  page.row("session", session_words(link));
  if (link.has("last_fault")) page.row("last fault", fault_line(oobm_fault_of(link)));
  if (const auto next = link.integer("next_attempt_in_ms"))
    page.row("next attempt", "in " + duration_words(*next));
  page.row("data used", usage_words(status.at("usage")));
}

void wan(Page& page, const View& status) {
  const View wan = status.at("wan");
  page.heading("Main WAN");
  std::string text = wan.flag("up") ? "up" : "down";
  text = joined(text, ", ", wan.text("interface"));
  page.row("state", joined(text, ", ", wan.text("address")));
  // What is younger than the OOBM link's last fault is the main WAN's.
  const View link = status.at("link");
  const auto last = link.at("last_fault").integer("age_ms");
  const auto oobm = link.at("oobm_fault").integer("age_ms");
  if (last && oobm && *last < *oobm) page.row("last fault", fault_line(link.at("last_fault")));
}

void time(Page& page, const View& status) {
  page.heading("Time");
  page.line("  " + time_sentence(status.at("time")));
}

std::string task_words(const View& task) {
  if (!task.has("uid")) return "none";
  std::string text = task.text("name") + " " + task.text("uid");
  if (task.text("status") != "done") return text + ", under way";
  return joined(text + (task.flag("ok") ? ", done" : ", ERROR"), ": ", task.text("message"));
}

std::string storage_words(const View& status) {
  if (status.has("storage_fault"))
    return "NOT STORED, service goes on from memory: " + status.text("storage_fault");
  const View store = status.at("store");
  const auto all = store.integer("generation");
  if (!all) return {};
  return "works, written " + count_words(*all, "time") + " in all, " +
         std::to_string(store.integer("commits_this_run").value_or(0)) + " since the start";
}

void tasks(Page& page, const View& status) {
  page.heading("Tasks");
  page.row("last task", task_words(status.at("last_task")));
  page.row("storage", storage_words(status));
  if (const auto waiting = status.integer("outbox_items"); waiting && *waiting > 0)
    page.row("to be sent", count_words(*waiting, "message"));
  const View counters = status.at("counters");
  const auto counted = [&](const char* label, const char* key) {
    const auto count = counters.integer(key).value_or(0);
    if (count > 0) page.row(label, std::to_string(count));
  };
  counted("retained", "retained_tasks");
  counted("unreadable", "unreadable_tasks");
  counted("not believed", "refused_statements");
  counted("reports dropped", "dropped_reports");
  counted("heartb. dropped", "dropped_heartbeats");
  counted("telem. dropped", "dropped_telemetry");
  if (const auto left = status.integer("reboots_left"))
    page.row("restarts left", std::to_string(*left) + " by command today");
  if (status.flag("entitlement_request_open"))
    page.row("request", "an entitlement was asked for by hand; its answer has not come yet");
}

}  // namespace

std::string render_status(const View& status) {
  const Verdict judged = verdict(status);
  Page page;
  page.line(judged.headline);
  page.lines("Why:  ", judged.why);
  page.line("Next: " + judged.next);
  router(page, status);
  alms(page, status);
  link(page, status);
  wan(page, status);
  time(page, status);
  tasks(page, status);
  return page.take();
}

}  // namespace oobm::ctl
