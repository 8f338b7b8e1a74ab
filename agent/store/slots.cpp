#include "agent/store/slots.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <expected>
#include <utility>

#include "agent/store/crc32c.hpp"

namespace oobm::store {
namespace {

// The envelope: one line of JSON in this one spelling, then the payload, then a line feed. The
// checksum spans the line up to `checksum_mark`, and the payload.
constexpr std::string_view schema_mark = R"({"format":"oobm-state","schema":)";
constexpr std::string_view generation_mark = R"(,"generation":)";
constexpr std::string_view length_mark = R"(,"length":)";
constexpr std::string_view checksum_mark = R"(,"crc32c":")";
constexpr std::string_view end_mark = "\"}\n";
constexpr std::size_t checksum_digits = 8;

struct Envelope {
  int schema = 0;
  std::uint64_t generation = 0;
  std::string_view payload;
};

std::string checksum_text(std::string_view head, std::string_view payload) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint32_t crc = crc32c(payload, crc32c(head));
  std::string text(checksum_digits, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place, crc >>= 4)
    *place = digits[crc & 0xfu];
  return text;
}

std::string seal(int schema, std::uint64_t generation, std::string_view payload) {
  std::string document(schema_mark);
  document += std::to_string(schema);
  document.append(generation_mark).append(std::to_string(generation));
  document.append(length_mark).append(std::to_string(payload.size()));
  const std::string checksum = checksum_text(document, payload);
  document.append(checksum_mark).append(checksum).append(end_mark);
  return document.append(payload).append("\n");
}

bool skip(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  return true;
}

template <class T>
bool take_number(std::string_view& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// Errors: what is wrong, in words.
std::expected<Envelope, std::string_view> open_envelope(std::string_view document) {
  Envelope envelope;
  std::size_t length = 0;
  std::string_view rest = document;
  if (!skip(rest, schema_mark) || !take_number(rest, envelope.schema) ||
      !skip(rest, generation_mark) || !take_number(rest, envelope.generation) ||
      !skip(rest, length_mark) || !take_number(rest, length))
    return std::unexpected("its first line is not a state header");
  const std::string_view head = document.substr(0, document.size() - rest.size());
  if (!skip(rest, checksum_mark) || rest.size() < checksum_digits)
    return std::unexpected("its first line is not a state header");
  const std::string_view checksum = rest.substr(0, checksum_digits);
  rest.remove_prefix(checksum_digits);
  if (!skip(rest, end_mark)) return std::unexpected("its first line is not a state header");
  if (rest.empty() || rest.size() - 1 != length || rest.back() != '\n')
    return std::unexpected("it is shorter or longer than it says");
  envelope.payload = rest.substr(0, length);
  if (checksum != checksum_text(head, envelope.payload))
    return std::unexpected("its checksum is wrong");
  if (envelope.schema < 1 || envelope.generation < 1 || envelope.generation > last_generation)
    return std::unexpected("it has no schema or no generation");
  return envelope;
}

StoreError io_error(const FileError& error) { return {StoreCode::io, sentence(error)}; }

// A failed call on a handle does not know its file's name.
template <class T>
FileResult<T> named(FileResult<T> result, const std::string& path) {
  if (!result && result.error().path.empty()) result.error().path = path;
  return result;
}

constexpr std::array outcome_names{"LOADED", "FELL_BACK", "EMPTY", "NOTHING_READABLE",
                                   "NEWER_SCHEMA"};
constexpr std::array code_names{"STORE_IO", "STORE_TOO_LARGE", "STORE_NEWER_SCHEMA"};

}  // namespace

std::string_view to_text(LoadOutcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}
std::string_view to_text(StoreCode code) { return code_names[static_cast<std::size_t>(code)]; }

TwoSlotStore::TwoSlotStore(std::string folder, int schema, FileSystem& files)
    : folder_(std::move(folder)), schema_(schema), files_(files) {
  slots_[0].path = folder_ + "/state-a.json";
  slots_[1].path = folder_ + "/state-b.json";
}

void TwoSlotStore::examine(Slot& slot) const {
  slot = Slot{.path = slot.path};
  auto document = files_.read(slot.path, max_document_bytes);
  if (!document && document.error().number == ENOENT) return;
  slot.content = Content::unreadable;
  if (!document) {
    slot.remark = sentence(document.error());
    return;
  }
  const auto envelope = open_envelope(*document);
  if (!envelope) {
    slot.remark = slot.path + " cannot be used: " + std::string(envelope.error());
    return;
  }
  slot.schema = envelope->schema;
  slot.generation = envelope->generation;
  slot.content = envelope->schema > schema_ ? Content::newer : Content::valid;
  if (slot.content == Content::newer)
    slot.remark = slot.path + " was written by a newer agent (schema " +
                  std::to_string(slot.schema) + ", this one knows " + std::to_string(schema_) +
                  "): it is left as it is";
  else
    slot.payload = envelope->payload;
}

const TwoSlotStore::Slot* TwoSlotStore::newest() const {
  const auto& found = *std::ranges::max_element(slots_, {}, &Slot::generation);
  const bool known = found.content == Content::valid || found.content == Content::newer;
  return known ? &found : nullptr;
}

LoadOutcome TwoSlotStore::outcome() const {
  const bool damaged = std::ranges::contains(slots_, Content::unreadable, &Slot::content);
  const Slot* found = newest();
  if (found == nullptr) return damaged ? LoadOutcome::nothing_readable : LoadOutcome::empty;
  if (found->content == Content::newer) return LoadOutcome::newer_schema;
  return damaged ? LoadOutcome::fell_back : LoadOutcome::loaded;
}

Loaded TwoSlotStore::load() {
  for (auto& slot : slots_) examine(slot);
  examined_ = true;
  Loaded loaded{.outcome = outcome()};
  for (const auto& slot : slots_)
    if (!slot.remark.empty()) loaded.remarks.push_back(slot.remark);
  const Slot* found = newest();
  if (found != nullptr) {
    loaded.payload = found->payload;
    loaded.generation = found->generation;
    loaded.schema = found->schema;
  }
  target_ = found == slots_.data() ? 1 : 0;
  generation_ = attempted_ = loaded.generation;
  return loaded;
}

FileResult<void> TwoSlotStore::set_aside(Slot& slot) const {
  const std::string suffix = slot.content == Content::newer
                                 ? ".schema-" + std::to_string(slot.schema)
                                 : std::string(".unreadable");
  auto done = files_.rename(slot.path, slot.path + suffix);
  if (done) slot.content = Content::absent;
  return done;
}

FileResult<void> TwoSlotStore::write_temporary(std::string_view document) const {
  const std::string path = folder_ + "/state.tmp";
  const auto handle = files_.create(path);
  if (!handle) return std::unexpected(handle.error());
  auto done = named(files_.write(*handle, document), path);
  if (done) done = named(files_.sync(*handle), path);
  files_.close(*handle);
  return done;
}

FileResult<void> TwoSlotStore::replace(Slot& slot, std::string_view document) const {
  return write_temporary(document)
      .and_then([&]() -> FileResult<void> {
        if (slot.content != Content::unreadable && slot.content != Content::newer) return {};
        return set_aside(slot);
      })
      .and_then([&] { return files_.rename(folder_ + "/state.tmp", slot.path); })
      .and_then([&] { return files_.sync_folder(folder_); });
}

std::expected<void, StoreError> TwoSlotStore::commit(std::string_view payload) {
  if (!examined_) load();
  const Slot* holder = newest();
  if (holder != nullptr && holder->content == Content::newer && !over_newer_)
    return std::unexpected(StoreError{StoreCode::newer_schema, holder->remark});
  if (attempted_ >= last_generation)
    return std::unexpected(StoreError{StoreCode::io, "no generation is left to be stored"});
  const std::string document = seal(schema_, attempted_ + 1, payload);
  if (document.size() > max_document_bytes)
    return std::unexpected(
        StoreError{StoreCode::too_large, "the state has " + std::to_string(document.size()) +
                                             " bytes, at most " +
                                             std::to_string(max_document_bytes) + " are stored"});
  // Even when this fails, the new document may be there: the next attempt must outnumber it, and
  // goes into the same slot, because the other one holds the document that is known to be good.
  ++attempted_;
  Slot& slot = slots_[target_];
  if (const auto done = replace(slot, document); !done)
    return std::unexpected(io_error(done.error()));
  slot = Slot{
      .path = slot.path, .content = Content::valid, .generation = attempted_, .schema = schema_};
  generation_ = attempted_;
  target_ = 1 - target_;
  // Now that a document is safe, an unreadable neighbour need not look like a newer one at the next
  // start. Failing to move it is no loss: its turn to be set aside comes with the next commit.
  if (slots_[target_].content == Content::unreadable) (void)set_aside(slots_[target_]);
  return {};
}

}  // namespace oobm::store
