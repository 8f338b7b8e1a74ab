#include "agent/daemon/install_desk.hpp"

#include <filesystem>
#include <utility>

#include <asio/post.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/alms/package_manifest.hpp"
#include "agent/daemon/package_guard.hpp"
#include "agent/store/file_system.hpp"

namespace oobm::daemon {
namespace {

using core::Reason;
using nlohmann::json;

std::string words(Reason reason, const std::string& detail) {
  return detail.empty() ? std::string(core::row(reason).sentence) : detail;
}

bool is(const TransferView& view, TransferCode code) { return view.code == row(code).name; }

core::Refusal refusal_of(const TransferFailure& failure, bool is_manifest) {
  TransferView view;
  view.code = row(failure.code).name;
  view.sentence = to_text(failure);
  return install_refusal(view, is_manifest);
}

}  // namespace

core::Refusal install_refusal(const TransferView& failed, bool is_manifest) {
  using enum TransferCode;
  if (is(failed, not_installed)) return {Reason::not_installed, {}};
  if (is(failed, busy)) return {Reason::busy, failed.sentence};
  if (is(failed, data_used_up)) return {Reason::data_allowance, failed.sentence};
  const bool wrong_size = is(failed, size_mismatch) || is(failed, too_large);
  if (wrong_size)
    return {is_manifest ? Reason::package_manifest : Reason::package_size, failed.sentence};
  if (is(failed, hash_mismatch)) return {Reason::package_hash, failed.sentence};
  return {Reason::package_fetch, failed.sentence};
}

InstallDesk::InstallDesk(asio::io_context& loop, hal::Board& board, TransferDesk& transfers,
                         const Directory& directory, const Config& config,
                         const std::string& version, Links links)
    : loop_(loop),
      board_(board),
      transfers_(transfers),
      directory_(directory),
      links_(std::move(links)),
      journal_(config.state_folder),
      plan_(journal_.load(), core::Version::parse(version).value_or(core::Version()),
            std::string(built_for())),
      look_timer_(loop) {}

void InstallDesk::start() { carry_out(plan_.started()); }

void InstallDesk::run(const std::string& uid, const core::SoftwareInstall& order) {
  carry_out(order.url.empty() ? plan_.resumed(uid) : plan_.ordered(uid, order));
}

void InstallDesk::observe(bool online) {
  if (std::exchange(online_, online) == online) return;
  // What follows may feed the core, which is in the middle of a step of its own.
  asio::post(loop_, [this, life = std::weak_ptr(life_), online] {
    if (life.lock()) carry_out(plan_.session(online));
  });
}

void InstallDesk::carry_out(const InstallSteps& steps) {
  for (const auto& step : steps) {
    if (const auto* save = std::get_if<SaveRecord>(&step)) {
      const auto saved = journal_.save(plan_.record());
      if (saved) continue;
      links_.note("store_failed", Reason::none, saved.error());
      if (save->required) return carry_out(plan_.not_stored(saved.error()));
    }
    std::visit([this](const auto& s) { apply(s); }, step);
  }
}

// ---- fetching

void InstallDesk::fetch(TransferOrder order, void (InstallDesk::*arrived)()) {
  const bool is_manifest = order.proves_itself;
  order.ended = [this, is_manifest, arrived](const TransferView& view) {
    // The daemon leaves; its next start goes on.
    if (is(view, TransferCode::stopped)) return;
    if (view.state == TransferView::State::done) return (this->*arrived)();
    carry_out(plan_.fetch_failed(install_refusal(view, is_manifest)));
  };
  const auto taken = transfers_.submit(order);
  if (taken) return;
  if (taken.error().code == TransferCode::link_failed) return plan_.fetch_put_off();
  carry_out(plan_.fetch_failed(refusal_of(taken.error(), is_manifest)));
}

void InstallDesk::apply(const FetchManifest& step) {
  TransferOrder order;
  order.url = step.url;
  order.name = manifest_file;
  order.proves_itself = true;
  order.most_bytes = alms::max_manifest_bytes;
  fetch(std::move(order), &InstallDesk::manifest_arrived);
}

void InstallDesk::manifest_arrived() {
  const auto text =
      store::posix_file_system().read(transfers_.path(manifest_file), alms::max_manifest_bytes);
  if (!text)
    return carry_out(plan_.manifest(
        std::unexpected(core::Refusal{Reason::package_manifest, store::sentence(text.error())})));
  carry_out(plan_.manifest(directory_.verify_package(links_.instance(), *text)));
}

void InstallDesk::apply(const FetchPackage& step) {
  TransferOrder order;
  order.url = step.url;
  order.sha256 = step.sha256;
  order.name = package_file;
  order.size = step.size;
  fetch(std::move(order), &InstallDesk::package_arrived);
}

void InstallDesk::package_arrived() { carry_out(plan_.fetched()); }

// ---- the board

void InstallDesk::apply(const GiveToBoard& step) {
  const auto file = std::filesystem::absolute(transfers_.path(package_file)).string();
  board_.install(file, step.version, [this](std::expected<void, hal::Error> outcome) {
    carry_out(plan_.board_took(outcome));
  });
}

void InstallDesk::apply(const AskBoard&) {
  board_.install_status([this](std::expected<hal::InstallStatus, hal::Error> said) {
    carry_out(plan_.board_said(said));
  });
}

void InstallDesk::apply(const ConfirmToBoard& step) {
  board_.install_commit(step.version, [this](std::expected<void, hal::Error> outcome) {
    carry_out(plan_.board_confirmed(outcome));
  });
}

void InstallDesk::apply(const LookLater&) {
  look_timer_.expires_after(install_look_interval);
  look_timer_.async_wait([this](const std::error_code& error) {
    if (!error) carry_out(plan_.look());
  });
}

// ---- the answer

void InstallDesk::apply(const AnswerTask& step) {
  // The board has a copy of its own, if it began at all.
  if (plan_.record().phase == InstallRecord::Phase::ended)
    for (const char* file : {manifest_file, package_file}) ::unlink(transfers_.path(file).c_str());
  const bool ok = step.outcome == Reason::none;
  core::Ack ack{.uid = step.uid, .ok = ok, .message = step.detail};
  if (!ok)
    ack.message = std::string(core::code(step.outcome)) + ": " + words(step.outcome, step.detail);
  asio::post(loop_, [this, life = std::weak_ptr(life_), ack = std::move(ack)] {
    if (life.lock()) links_.answer(core::TaskFinished{ack});
  });
}

void InstallDesk::apply(const TellEvent& step) { links_.note(step.event, step.reason, step.text); }

std::string InstallDesk::view() const {
  const auto& record = plan_.record();
  json object{{"phase", to_text(record.phase)}, {"running", plan_.running().str()}};
  if (record.phase != InstallRecord::Phase::none) {
    object["uid"] = record.uid;
    object["version"] = record.order.revision;
    object["url"] = record.order.url;
    object["doing"] = plan_.doing();
  }
  if (record.phase == InstallRecord::Phase::ended) {
    const bool ok = record.outcome == Reason::none;
    object["code"] = ok ? "OK" : core::code(record.outcome);
    object["sentence"] = words(record.outcome, record.detail);
    object["next_step"] = core::row(record.outcome).next_step;
  }
  if (!record.floor.empty()) object["floor"] = record.floor;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace oobm::daemon
