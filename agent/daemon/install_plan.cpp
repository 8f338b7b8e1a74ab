#include "agent/daemon/install_plan.hpp"

#include <array>
#include <utility>

namespace oobm::daemon {
namespace {

using core::Reason;
using Phase = InstallRecord::Phase;
using State = hal::InstallStatus::State;

// In the order of InstallPlan::Doing.
constexpr std::array<std::string_view, 8> doing_names{"nothing",
                                                      "waiting for a session with ALMS",
                                                      "fetching the manifest",
                                                      "fetching the package",
                                                      "handing the package to the board",
                                                      "waiting for the board",
                                                      "proving that this version reaches ALMS",
                                                      "confirming this version"};

InstallSteps operator+(InstallSteps first, InstallSteps second) {
  for (auto& step : second) first.push_back(std::move(step));
  return first;
}

}  // namespace

InstallPlan::InstallPlan(InstallRecord record, core::Version running, std::string architecture)
    : record_(std::move(record)),
      running_(std::move(running)),
      architecture_(std::move(architecture)) {}

std::string_view InstallPlan::doing() const {
  return doing_names[static_cast<std::size_t>(doing_)];
}

bool InstallPlan::under_way() const {
  return record_.phase == Phase::fetching || record_.phase == Phase::installing;
}

bool InstallPlan::is_new_version() const { return core::runs_already(record_.order, running_); }

core::PackageGround InstallPlan::ground() const {
  return {.architecture = architecture_,
          .running = running_,
          .floor = core::Version::parse(record_.floor).value_or(core::Version()),
          .floor_time = record_.floor_time};
}

// ---- beginning, and beginning again

InstallSteps InstallPlan::ordered(const std::string& uid, const core::SoftwareInstall& order) {
  if (under_way())
    return {AnswerTask{uid, Reason::busy, record_.order.revision + " is being installed."}};
  if (core::runs_already(order, running_))
    return {AnswerTask{uid, Reason::none, running_.str() + " runs already."}};
  record_.phase = Phase::fetching;
  record_.uid = uid;
  record_.order = order;
  record_.starts = 0;
  record_.manifest_time = {};
  record_.outcome = Reason::none;
  record_.detail.clear();
  given_ = false;
  looks_ = 0;
  doing_ = Doing::waiting;
  return InstallSteps{SaveRecord{}, TellEvent{"install_ordered", Reason::none, order.revision}} +
         begin_fetching();
}

InstallSteps InstallPlan::resumed(const std::string& uid) const {
  if (uid == record_.uid && under_way()) return {};  // started() goes on with it
  if (uid == record_.uid && record_.phase == Phase::ended)
    return {AnswerTask{uid, record_.outcome, record_.detail}};
  return {AnswerTask{uid, Reason::interrupted, "The order was lost with the router's memory."}};
}

InstallSteps InstallPlan::started() {
  if (!under_way()) return {};
  if (record_.phase == Phase::installing && is_new_version()) {
    // How often a new version may start is the board's to say.
    // Asked after, a board that lost its power goes on with the trial.
    doing_ = Doing::proving;
    return InstallSteps{AskBoard{}} + session(online_);
  }
  ++record_.starts;
  if (record_.starts > max_install_starts)
    return end(record_.phase == Phase::fetching ? Reason::interrupted : Reason::install_failed,
               "The router started " + std::to_string(max_install_starts) + " times meanwhile.");
  doing_ = record_.phase == Phase::fetching ? Doing::waiting : Doing::watching;
  const auto next = doing_ == Doing::waiting ? begin_fetching() : InstallSteps{AskBoard{}};
  return InstallSteps{SaveRecord{false}} + next;
}

InstallSteps InstallPlan::session(bool open) {
  online_ = open;
  if (!open) return {};
  if (doing_ == Doing::waiting) return begin_fetching();
  if (doing_ != Doing::proving) return {};
  doing_ = Doing::confirming;
  return {ConfirmToBoard{record_.order.revision}};
}

// ---- fetching

InstallSteps InstallPlan::begin_fetching() {
  if (!online_) return {};
  doing_ = Doing::manifest;
  return {FetchManifest{record_.order.url + ".jws"}};
}

InstallSteps InstallPlan::manifest(
    const std::expected<core::PackageManifest, core::Refusal>& said) {
  if (doing_ != Doing::manifest) return {};
  if (!said) return end(said.error().reason, said.error().detail);
  if (const auto good = core::judge_package(*said, record_.order, ground()); !good)
    return end(good.error().reason, good.error().detail);
  record_.manifest_time = said->issued_at;
  doing_ = Doing::package;
  return {FetchPackage{record_.order.url, said->sha256, said->size}};
}

InstallSteps InstallPlan::fetched() {
  if (doing_ != Doing::package) return {};
  record_.phase = Phase::installing;
  return InstallSteps{SaveRecord{}} + give();
}

InstallSteps InstallPlan::fetch_failed(const core::Refusal& refusal) {
  if (doing_ != Doing::manifest && doing_ != Doing::package) return {};
  return end(refusal.reason, refusal.detail);
}

InstallSteps InstallPlan::not_stored(const std::string& sentence) {
  return end(Reason::install_failed, sentence);
}

// ---- the board, seen by the former version

InstallSteps InstallPlan::give() {
  doing_ = Doing::giving;
  given_ = true;
  return {TellEvent{"install_begun", Reason::none, record_.order.revision},
          GiveToBoard{record_.order.revision}};
}

InstallSteps InstallPlan::board_took(const std::expected<void, hal::Error>& outcome) {
  if (doing_ != Doing::giving) return {};
  // One that was killed for its slowness may have begun all the same.
  if (outcome || outcome.error().code == hal::ErrorCode::helper_timeout) {
    doing_ = Doing::watching;
    return {LookLater{}};
  }
  const bool unsupported = outcome.error().code == hal::ErrorCode::helper_unsupported;
  return end(unsupported ? Reason::install_unsupported : Reason::install_failed,
             outcome.error().text);
}

InstallSteps InstallPlan::wait_on() {
  if (++looks_ <= max_install_looks) return {LookLater{}};
  if (doing_ == Doing::confirming)
    return end(Reason::none, running_.str() + " runs; the board could not be told.");
  return end(Reason::install_failed, "The board does not say how the installation ended.");
}

InstallSteps InstallPlan::look() {
  if (doing_ == Doing::confirming) return {ConfirmToBoard{record_.order.revision}};
  return doing_ == Doing::watching ? InstallSteps{AskBoard{}} : InstallSteps{};
}

InstallSteps InstallPlan::board_said(const std::expected<hal::InstallStatus, hal::Error>& said) {
  if (doing_ != Doing::watching && doing_ != Doing::confirming) return {};
  if (!said) return wait_on();
  hal::InstallStatus status = *said;
  // Of another installation than this one nothing follows.
  const auto version = core::Version::parse(status.version);
  if (!version || version != core::Version::parse(record_.order.revision))
    status.state = State::none;
  return doing_ == Doing::watching ? former_version_saw(status) : new_version_saw(status);
}

InstallSteps InstallPlan::former_version_saw(const hal::InstallStatus& status) {
  switch (status.state) {
    case State::none:
      // The power went before the board was asked; the package is there, and was proved.
      if (!given_) return give();
      return end(Reason::install_failed, "The board knows of no installation.");
    case State::failed:
      return end(Reason::install_failed, status.reason);
    case State::rolled_back:
      return end(Reason::install_rolled_back, status.reason);
    case State::done:
      return end(Reason::install_failed,
                 "The board says that it is installed, and " + running_.str() + " runs.");
    default:
      return wait_on();
  }
}

// ---- the board, seen by the new version

InstallSteps InstallPlan::board_confirmed(const std::expected<void, hal::Error>& outcome) {
  if (doing_ != Doing::confirming) return {};
  // A board that cannot be told does not wait for it either.
  if (outcome || outcome.error().code == hal::ErrorCode::helper_unsupported)
    return end(Reason::none, running_.str() + " runs.");
  return {AskBoard{}};
}

InstallSteps InstallPlan::new_version_saw(const hal::InstallStatus& status) {
  if (status.state == State::none) return end(Reason::none, running_.str() + " runs.");
  // Done, by a confirmation that was cut short: it is repeated, since root takes a version for its
  // floor when a confirmation ends well. Where the former version is about to take over again, the
  // board ends this one.
  return wait_on();
}

// ---- the end

InstallSteps InstallPlan::end(Reason outcome, std::string detail) {
  doing_ = Doing::nothing;
  record_.phase = Phase::ended;
  record_.outcome = outcome;
  record_.detail = std::move(detail);
  if (outcome == Reason::none) {
    record_.floor = record_.order.revision;
    record_.floor_time = record_.manifest_time;
  }
  return {SaveRecord{false},
          TellEvent{outcome == Reason::none ? "install_done" : "install_failed", outcome,
                    record_.order.revision + ": " + record_.detail},
          AnswerTask{record_.uid, outcome, record_.detail}};
}

}  // namespace oobm::daemon
