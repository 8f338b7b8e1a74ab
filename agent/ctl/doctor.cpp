#include "agent/ctl/doctor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "agent/ctl/words.hpp"

namespace oobm::ctl {
namespace {

enum Layer : std::uint8_t {
  board,
  radio,
  sim,
  registration,
  bearer,
  dns,
  route,
  tcp,
  tls,
  mqtt,
  subscription,
  storage,
  layer_count,
};

constexpr std::array<std::string_view, layer_count> names{
    "board", "radio", "sim", "registration", "bearer",       "dns",
    "route", "tcp",   "tls", "mqtt",         "subscription", "storage"};

struct Place {
  std::string_view name;
  Layer layer;
};

// Where a reason of the radio's belongs (docs/reasons.md).
constexpr auto radio_reasons = std::to_array<Place>({{"RADIO_ABSENT", radio},
                                                     {"RADIO_SILENT", radio},
                                                     {"SIM_ABSENT", sim},
                                                     {"SIM_LOCKED", sim},
                                                     {"NO_COVERAGE", registration},
                                                     {"REGISTRATION_DENIED", registration},
                                                     {"BEARER_DOWN", bearer}});

// Where the uplink's layers belong; who ended the session had one.
constexpr auto uplink_layers = std::to_array<Place>({{"permit", subscription},
                                                     {"interface", bearer},
                                                     {"dns", dns},
                                                     {"route", route},
                                                     {"tcp", tcp},
                                                     {"tls", tls},
                                                     {"mqtt", mqtt},
                                                     {"peer", mqtt},
                                                     {"local", mqtt}});

// What is found before a packet is sent, and yet belongs to a later layer.
constexpr auto early_codes = std::to_array<Place>({{"KEY_FILE", tls},
                                                   {"CERTIFICATE_FILE", tls},
                                                   {"TRUST_ANCHORS", tls},
                                                   {"REVOCATION_LIST", tls},
                                                   {"INSTANCE_INCOMPLETE", board},
                                                   {"NO_REPLY", subscription}});

template <std::size_t N>
std::optional<Layer> place(const std::array<Place, N>& places, std::string_view name) {
  const auto found = std::ranges::find(places, name, &Place::name);
  if (found == places.end()) return std::nullopt;
  return found->layer;
}

struct Fault {
  Layer layer;
  Finding finding;
  // Nothing was sent, so that what lies before it was not shown to work.
  bool unsent = false;
};

Finding failed(const View& reason, std::string code) {
  std::string why = reason.text("sentence");
  if (const auto detail = reason.text("detail"); !detail.empty()) why += " (" + detail + ")";
  return {.layer = {},
          .health = Health::failed,
          .code = std::move(code),
          .sentence = std::move(why),
          .next = reason.text("next_step")};
}

// The radio as it is now; what it was at the last attempt counts no more.
std::optional<Fault> radio_fault(const View& status) {
  const View radio_now = status.at("radio");
  if (!radio_now.has("present"))
    return Fault{radio,
                 {.layer = {},
                  .health = Health::failed,
                  .code = "UNKNOWN",
                  .sentence = "The daemon says nothing of the radio.",
                  .next = "Check that oobmd and oobmctl are of the same version."}};
  const View fault = radio_now.at("fault");
  const auto code = fault.text("code");
  if (code.empty()) return std::nullopt;
  return Fault{place(radio_reasons, code).value_or(radio), failed(fault, code)};
}

bool by_oobm(const View& status) { return status.at("link").text("uplink") == "oobm"; }

bool online(const View& status) { return status.at("link").text("phase") == "online"; }

// What kept the last attempt over the OOBM link from becoming a session; a fault of the main WAN,
// which may have stood in for it since, is none of its.
std::optional<Fault> link_fault(const View& status) {
  const View fault = status.at("link").at("oobm_fault");
  const auto reason = fault.text("reason");
  if (reason.empty() || (online(status) && by_oobm(status))) return std::nullopt;
  const auto code = fault.text("code").empty() ? reason : fault.text("code");
  auto finding = failed(fault, code);
  if (const auto age = fault.integer("age_ms"))
    finding.sentence += " (" + duration_words(*age) + " ago)";
  if (const auto early = place(early_codes, code)) return Fault{*early, finding, true};
  if (const auto layer = place(uplink_layers, fault.text("layer")))
    return Fault{*layer, finding, *layer == subscription};
  // The radio's own reasons are judged by how the radio is now, all but the bearer's. What nobody
  // knows may be anywhere from there on.
  const auto of_radio = place(radio_reasons, reason);
  if (of_radio && *of_radio != bearer) return std::nullopt;
  return Fault{bearer, finding};
}

bool serves(const View& status) { return status.flag("entitled") && !status.flag("blocked"); }

void fail(std::vector<Finding>& findings, const Fault& fault) {
  auto& finding = findings[fault.layer];
  if (finding.health == Health::failed) return;
  const auto layer = finding.layer;
  finding = fault.finding;
  finding.layer = layer;
}

void pass(std::vector<Finding>& findings, int first, int end) {
  for (int layer = first; layer < end; ++layer)
    if (auto& finding = findings[static_cast<std::size_t>(layer)]; finding.health != Health::failed)
      finding.health = Health::ok;
}

void examine_radio(std::vector<Finding>& findings, const View& status) {
  const auto fault = radio_fault(status);
  pass(findings, radio, fault ? fault->layer : bearer);
  if (fault) fail(findings, *fault);
}

// Bearer to MQTT: shown by a session, or by how far the last attempt came.
void examine_way(std::vector<Finding>& findings, const View& status) {
  if (online(status) && by_oobm(status)) return pass(findings, bearer, subscription);
  const auto fault = link_fault(status);
  if (!fault) return;
  if (!fault->unsent) pass(findings, bearer, fault->layer);
  fail(findings, *fault);
}

// The router's own flash: it holds up nothing of the above, and yet a restart would lose what has
// changed.
void examine_storage(std::vector<Finding>& findings, const View& status) {
  if (status.has("storage_fault")) {
    Finding finding{.health = Health::failed,
                    .code = "STORAGE_FAULT",
                    .sentence = "The state cannot be stored; service goes on from memory: " +
                                status.text("storage_fault"),
                    .next =
                        "Make room on the flash, or have it replaced, before the router is "
                        "restarted."};
    fail(findings, {storage, std::move(finding)});
  } else if (status.has("store")) {
    pass(findings, storage, layer_count);
  }
}

}  // namespace

std::string_view to_text(Health health) {
  constexpr std::array<std::string_view, 3> texts{"ok", "failed", "not_reached"};
  return texts[static_cast<std::size_t>(health)];
}

std::vector<Finding> examine(const View& status) {
  std::vector<Finding> findings;
  for (const auto name : names) findings.push_back({.layer = name});
  const View verdict = status.at("verdict");
  const bool identified = status.at("router").has("serial") && !status.flag("blocked");
  if (!identified) {
    fail(findings, {board, failed(verdict, verdict.text("code"))});
  } else {
    pass(findings, board, radio);
  }
  examine_storage(findings, status);
  examine_radio(findings, status);
  const bool radio_works = findings[registration].health == Health::ok;
  if (identified && (radio_works || (online(status) && by_oobm(status))))
    examine_way(findings, status);
  if (serves(status) && identified)
    pass(findings, subscription, storage);
  else if (identified)
    fail(findings, {subscription, failed(verdict, verdict.text("code"))});
  return findings;
}

bool all_well(const std::vector<Finding>& findings) {
  return std::ranges::all_of(findings,
                             [](const Finding& finding) { return finding.health == Health::ok; });
}

std::string render_findings(const std::vector<Finding>& findings) {
  constexpr std::size_t label_width = 14;
  const std::string indent(label_width, ' ');
  std::string page;
  for (const auto& finding : findings) {
    std::string label(finding.layer == "sim" ? "SIM" : finding.layer);
    label.resize(label_width, ' ');
    constexpr std::array<std::string_view, 3> words{"ok", "FAILED", "not reached"};
    page.append(label).append(words[static_cast<std::size_t>(finding.health)]);
    if (!finding.code.empty()) page.append("  ").append(finding.code);
    page += '\n';
    if (!finding.sentence.empty()) page.append(indent).append(finding.sentence).append("\n");
    if (!finding.next.empty())
      page.append(indent).append("Next: ").append(finding.next).append("\n");
  }
  return page;
}

nlohmann::ordered_json findings_json(const std::vector<Finding>& findings) {
  auto layers = nlohmann::ordered_json::array();
  for (const auto& finding : findings) {
    nlohmann::ordered_json layer{{"layer", finding.layer}, {"health", to_text(finding.health)}};
    if (!finding.code.empty()) layer["code"] = finding.code;
    if (!finding.sentence.empty()) layer["sentence"] = finding.sentence;
    if (!finding.next.empty()) layer["next_step"] = finding.next;
    layers.push_back(std::move(layer));
  }
  return {{"ok", all_well(findings)}, {"layers", std::move(layers)}};
}

}  // namespace oobm::ctl
