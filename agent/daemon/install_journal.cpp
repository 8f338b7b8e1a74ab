#include "agent/daemon/install_journal.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/daemon/private_folder.hpp"
#include "agent/store/json_reader.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;
using Phase = InstallRecord::Phase;

constexpr std::array<std::string_view, 4> phase_names{"none", "fetching", "installing", "ended"};

void read_phase(const store::JsonReader& in, Phase& phase) {
  std::string text;
  in.text("phase", text);
  const auto found = std::ranges::find(phase_names, text);
  if (found == phase_names.end()) return in.fail("phase", "has no meaning");
  phase = static_cast<Phase>(found - phase_names.begin());
}

void read_outcome(const store::JsonReader& in, core::Reason& outcome) {
  std::string text(core::code(core::Reason::none));
  in.text("outcome", text);
  // A later agent may know more; that it failed is what counts then.
  outcome = core::reason_from_code(text).value_or(core::Reason::install_failed);
}

}  // namespace

std::string_view to_text(Phase phase) { return phase_names[static_cast<std::size_t>(phase)]; }

std::string to_json(const InstallRecord& record) {
  const Json object{{"phase", to_text(record.phase)},
                    {"uid", record.uid},
                    {"type", record.order.type},
                    {"revision", record.order.revision},
                    {"url", record.order.url},
                    {"starts", record.starts},
                    {"manifest_time", record.manifest_time.seconds},
                    {"outcome", core::code(record.outcome)},
                    {"detail", record.detail},
                    {"floor", record.floor},
                    {"floor_time", record.floor_time.seconds}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<InstallRecord> install_record_from_json(std::string_view json) {
  // The parser takes a NUL for the end of its input, and would believe what stands before it.
  if (json.contains('\0')) return std::nullopt;
  const auto document = nlohmann::json::parse(json, nullptr, false);
  std::optional<store::CodecError> error;
  const store::JsonReader in(document, "", error);
  InstallRecord record;
  read_phase(in, record.phase);
  in.text("uid", record.uid);
  in.text("type", record.order.type);
  in.text("revision", record.order.revision);
  in.text("url", record.order.url);
  in.number("starts", record.starts);
  in.number("manifest_time", record.manifest_time.seconds);
  read_outcome(in, record.outcome);
  in.text("detail", record.detail);
  in.text("floor", record.floor);
  in.number("floor_time", record.floor_time.seconds);
  if (error) return std::nullopt;
  return record;
}

InstallJournal::InstallJournal(const std::string& state_folder, store::FileSystem& files)
    : slots_(private_folder(state_folder, install_folder), install_schema, files) {}

InstallRecord InstallJournal::load() {
  auto stored = slots_.load();
  remarks_ = std::move(stored.remarks);
  if (stored.outcome == store::LoadOutcome::empty) return {};
  if (stored.outcome == store::LoadOutcome::newer_schema) slots_.begin_anew();
  if (auto record = install_record_from_json(stored.payload)) return *std::move(record);
  remarks_.emplace_back("what was being installed cannot be read and is taken for interrupted");
  return {};
}

std::expected<void, std::string> InstallJournal::save(const InstallRecord& record) {
  const auto stored = slots_.commit(to_json(record));
  if (!stored) return std::unexpected(stored.error().sentence);
  return {};
}

}  // namespace oobm::daemon
