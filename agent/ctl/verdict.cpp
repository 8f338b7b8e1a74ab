#include "agent/ctl/verdict.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "agent/ctl/words.hpp"

namespace oobm::ctl {
namespace {

constexpr std::string_view nothing_to_do = "nothing to do.";
constexpr std::string_view tries_again = "wait; the router tries again by itself.";

// States in which ALMS's last answer says more than the state itself.
constexpr std::array<std::string_view, 3> unserved{"UNREGISTERED", "INVENTORY", "ACTIVATING"};

std::string coded(const std::string& code, const std::string& sentence) {
  if (code.empty() || sentence.empty()) return code + sentence;
  return code + ": " + sentence;
}

void add_line(std::string& text, const std::string& line) {
  if (line.empty()) return;
  if (!text.empty()) text += '\n';
  text += line;
}

bool online(const View& status) { return status.at("link").text("phase") == "online"; }

std::string or_else(std::string text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : std::move(text);
}

std::string fault_words(const View& fault) {
  return coded(or_else(fault.text("code"), fault.text("reason")), fault.text("sentence"));
}

// What keeps the link down; empty when it is up or was never tried.
std::string link_words(const View& status) {
  const View link = status.at("link");
  if (online(status) || !link.has("last_fault")) return {};
  return "The link is down - " + fault_words(link.at("last_fault"));
}

// A state that gives no service.
Verdict withheld(const View& status, const std::string& state, const View& reason) {
  Verdict verdict;
  verdict.headline =
      state + " - " +
      or_else(coded(reason.text("code"), reason.text("sentence")), "the daemon gave no verdict");
  add_line(verdict.why, reason.text("detail"));
  if (state != "BLOCKED") add_line(verdict.why, link_words(status));
  verdict.next = or_else(reason.text("next_step"), tries_again);
  return verdict;
}

// Paid for, but no session over the OOBM radio now.
Verdict unconnected(const View& status, const std::string& state) {
  const View link = status.at("link");
  const View fault = oobm_fault_of(link);
  const bool by_wan = online(status) && link.text("uplink") != "oobm";
  Verdict verdict;
  if (online(status) && !by_wan) {
    verdict.headline = state + ", BUT FOR LIFECYCLE TASKS ALONE - CLOCK_UNTRUSTED";
    verdict.why =
        "The dates of ALMS's certificate could not be judged, or are wrong, by trusted time.";
    verdict.next = "check the time below; the router opens the session anew once it knows better.";
    return verdict;
  }
  verdict.headline = state + ", BUT NOT " + (by_wan ? "OVER THE OOBM LINK" : "CONNECTED");
  const std::string words = fault_words(fault);
  verdict.headline +=
      " - " + (words.empty() ? "the link is " + or_else(link.text("phase"), "idle") : words);
  std::ranges::replace(verdict.headline, '_', words.empty() ? ' ' : '_');
  if (by_wan) verdict.why = "The session runs over the main WAN.";
  verdict.next = or_else(fault.text("next_step"), tries_again);
  return verdict;
}

std::string days_words(const View& entitlement) {
  const auto days = entitlement.integer("days_left");
  if (!days) return "days left unknown: no trusted time";
  return count_words(*days, "day") + " left";
}

// In service within the paid term.
void describe_term(const View& entitlement, const std::string& state, Verdict& verdict) {
  const std::string until(date_of(entitlement.text("valid_until")));
  const auto days = entitlement.integer("days_left");
  verdict.next = nothing_to_do;
  if (until.empty()) {
    verdict.headline = state + " - in service";
  } else if (entitlement.text("billing") == "DIRECT") {
    verdict.headline = state + " - in service, renewed monthly (now until " + until + ")";
  } else if (days && *days <= notice_days) {
    verdict.headline = state + " - in service, but RENEW: the term ends " + until + " (" +
                       days_words(entitlement) + ")";
    verdict.next = "send a purchase order for this router to the partner before " + until + ".";
  } else {
    verdict.headline =
        state + " - in service until " + until + " (" + days_words(entitlement) + ")";
  }
}

void describe_grace(const View& status, Verdict& verdict) {
  const View entitlement = status.at("entitlement");
  const std::string ended(date_of(entitlement.text("valid_until")));
  const std::string last(date_of(entitlement.text("grace_until")));
  const bool direct = entitlement.text("billing") == "DIRECT";
  const std::string what =
      direct ? "the monthly extension is missing since " : "the paid term ended ";
  verdict.headline = "GRACE - " + what + or_else(ended, "already") + "; service stops " +
                     or_else(last, "soon") + " without a renewal";
  verdict.next = or_else(status.at("verdict").text("next_step"), "renew now.");
  if (direct) verdict.next = "ask the partner why the account was not billed for this month.";
}

void add_allowance(const View& status, Verdict& verdict) {
  constexpr std::int64_t notice_percent = 80;
  const View usage = status.at("usage");
  const auto allowance = usage.number("allowance_bytes");
  if (!allowance || *allowance <= 0) return;
  const double used =
      usage.number("bytes_sent").value_or(0) + usage.number("bytes_received").value_or(0);
  const auto percent = static_cast<std::int64_t>(std::min(used / *allowance * 100, 999.0));
  if (percent < notice_percent) return;
  add_line(verdict.why, "The data allowance is used to " + std::to_string(percent) + " %" +
                            (percent >= 100 ? ": telemetry and files wait." : "."));
}

}  // namespace

View oobm_fault_of(const View& link) {
  return link.at(link.has("oobm_fault") ? "oobm_fault" : "last_fault");
}

Verdict verdict(const View& status) {
  const std::string lifecycle = or_else(status.at("lifecycle").text("state"), "UNKNOWN");
  if (status.flag("blocked")) return withheld(status, "BLOCKED", status.at("verdict"));
  if (!status.flag("entitled")) {
    const View alms = status.at("alms");
    const bool answered = alms.has("refusal") && std::ranges::contains(unserved, lifecycle);
    return withheld(status, lifecycle, answered ? alms.at("refusal") : status.at("verdict"));
  }
  const bool test = status.at("lifecycle").flag("test");
  const std::string state = lifecycle + (test ? " (TEST)" : "");
  if (!status.flag("in_service")) return unconnected(status, state);
  Verdict result;
  result.in_service = true;
  if (lifecycle == "GRACE")
    describe_grace(status, result);
  else
    describe_term(status.at("entitlement"), state, result);
  add_allowance(status, result);
  return result;
}

}  // namespace oobm::ctl
