// The memory of the agent as its medium gives it back. With a leading 'F' the rest is a whole file
// in one slot, beside a good one in the other: whatever it holds, the good document is not lost
// for it, and the next commit counts. Otherwise it is a document whose envelope is right: what is
// taken comes back from what is written of it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/store/migration.hpp"
#include "agent/store/slots.hpp"
#include "agent/store/state_codec.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/support/power_cut_fs.hpp"

namespace {

using namespace oobm;
using namespace oobm::store;
using oobm::fuzz::require;

constexpr const char* slot_a = "/s/state-a.json";
constexpr const char* good = R"({"lifecycle":"ACTIVE"})";
constexpr const char* next = R"({"lifecycle":"GRACE"})";

bool has_document(const Loaded& loaded) {
  return loaded.outcome == LoadOutcome::loaded || loaded.outcome == LoadOutcome::fell_back;
}

// Generation 2 of it is in the second slot.
DiskImage good_image() {
  PowerCutFs files;
  TwoSlotStore one("/s", state_schema, files);
  for (int i = 0; i < 2; ++i) require(one.commit(good).has_value(), "a good document is stored");
  return files.seen();
}

void file(std::string_view bytes) {
  static const DiskImage beside = good_image();
  auto image = beside;
  image[slot_a] = bytes;
  PowerCutFs files(image);
  TwoSlotStore two("/s", state_schema, files);
  const auto loaded = two.load();
  require(files.seen() == image, "loading writes nothing");
  require(has_document(loaded) || loaded.outcome == LoadOutcome::newer_schema,
          "a bad file does not cost the good one");
  if (loaded.outcome == LoadOutcome::fell_back)
    require(loaded.payload == good && loaded.generation == 2, "the good document is what remains");
  if (loaded.outcome == LoadOutcome::newer_schema) {
    require(!two.commit(next), "a newer document is not written over unasked");
    require(files.seen() == image, "and stays as it is");
    two.begin_anew();
  }
  require(two.commit(next).has_value(), "the next commit is stored");
  const auto after = TwoSlotStore("/s", state_schema, files).load();
  require(has_document(after) && after.payload == next, "the next commit counts");
}

// As a start and a commit would do it.
LoadedState reread(const LoadedState& loaded) {
  auto state = loaded.state;
  if (!loaded.entitlement_text.empty())
    state.entitlement = core::HeldEntitlement{loaded.entitlement_text, {}};
  if (!loaded.trust_text.empty()) state.trust = core::HeldTrust{loaded.trust_text, {}};
  const auto written = state_to_json(state);
  require(written.has_value(), "what was taken is within its bounds");
  PowerCutFs files;
  TwoSlotStore one("/s", state_schema, files);
  if (!one.commit(*written)) return loaded;  // more than one document holds
  const auto stored = TwoSlotStore("/s", state_schema, files).load();
  require(stored.payload == *written, "a document comes back byte by byte");
  const auto again = state_from_json(stored.payload);
  require(again.has_value(), "what was written is taken");
  return *again;
}

void check_bounds(const core::State& state) {
  require(state.ledger.size() <= core::max_ledger_records, "the ledger is bounded");
  require(state.outbox.size() <= core::max_outbox_items, "the outbox is bounded");
  require(state.superseded.size() <= core::max_superseded, "registrations are bounded");
  require(state.reboots.size() <= core::reboots_a_day, "restarts are bounded");
  std::uint64_t last = 0;
  for (const auto& item : state.outbox) {
    require(item.id > last && item.id < state.next_outbox_id, "each message has an id of its own");
    last = item.id;
  }
  if (state.request) require(!state.request->nonce.empty(), "a request has a nonce");
}

void document(std::string_view text) {
  require(!text.contains('\0') || !state_from_json(text), "nothing follows a document");
  const auto current = migrated(text, state_schema);
  if (!current) return;
  const auto loaded = state_from_json(*current);
  if (!loaded) return require(!loaded.error().sentence.empty(), "an error is a sentence");
  check_bounds(loaded->state);
  const auto again = reread(*loaded);
  require(again.state == loaded->state, "a state comes back as written");
  require(
      again.entitlement_text == loaded->entitlement_text && again.trust_text == loaded->trust_text,
      "signed texts come back as written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with('F'))
    file(bytes.substr(1));
  else
    document(bytes);
  return 0;
}
