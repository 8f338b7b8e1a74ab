// One document in two slots. A commit goes into the slot that does not hold the newest document
// (temporary file in the same folder, fsync, rename, fsync of the folder), so at every instant at
// least one slot is whole: loss of power gives the document before the commit or the one after it,
// never neither.
//
// Nothing that cannot be understood is destroyed: a torn file, or one of a newer schema, is set
// aside under another name before its slot is used again, one of each kind for each slot.
//
// The checksum is CRC-32C (RFC 3720 section 12.1). It is there against tearing and worn flash,
// which it detects for certain up to 3 wrong bits or a 32-bit burst in a document of this size; it
// is no protection against a person who can write the file, and neither would SHA-256 without a key
// be. What must not be forged is signed, inside the document.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/file_system.hpp"

namespace oobm::store {

// Largest document, envelope included, in bytes. A state at all its bounds stays below it.
inline constexpr std::size_t max_document_bytes = 128 * 1024;

// Highest generation. No router writes so often that it is reached (at a thousand commits a second
// it takes 292 million years), so a document that bears a higher one is not believed: the next
// commit could not outnumber it. Nothing is stored beyond it.
inline constexpr std::uint64_t last_generation = std::numeric_limits<std::int64_t>::max();

enum class LoadOutcome : std::uint8_t {
  loaded,            // the newest document there is
  fell_back,         // one slot cannot be read; the document is the other, perhaps an older one
  empty,             // no slot exists: first start, or the memory was cleared
  nothing_readable,  // slots exist and none can be read: all memory is lost, and this is not
                     // `empty`
  newer_schema,      // the newest document was written by a newer agent: not read, left as it is
};
// "LOADED", "FELL_BACK", ...
std::string_view to_text(LoadOutcome outcome);

struct Loaded {
  LoadOutcome outcome = LoadOutcome::empty;
  std::string payload{};               // of loaded and fell_back
  std::uint64_t generation = 0;        // of the newest document; 0: none
  int schema = 0;                      // of the newest document; 0: none
  std::vector<std::string> remarks{};  // sentences for log and technician: what is wrong with what
};

enum class StoreCode : std::uint8_t {
  io,         // a system call failed, or no generation is left; the earlier document is still there
  too_large,  // beyond max_document_bytes; nothing was written
  newer_schema,  // a newer agent's document holds the place; nothing was written
};
// "STORE_IO", "STORE_TOO_LARGE", "STORE_NEWER_SCHEMA".
std::string_view to_text(StoreCode code);

struct StoreError {
  StoreCode code = StoreCode::io;
  std::string sentence;
};

// Blocks while the medium works; used by one thread. Slots: <folder>/state-a.json, state-b.json.
class TwoSlotStore {
 public:
  // `schema`: the one this agent writes, and the newest that it reads. `files` outlives the store.
  // The folder must exist.
  TwoSlotStore(std::string folder, int schema, FileSystem& files = posix_file_system());

  // Reads both slots; writes nothing. Called once, before the first commit.
  Loaded load();

  // Stores the payload (one line of JSON) as the next generation. After a success the document
  // survives a loss of power. After an error the earlier one does; the new one may or may not be
  // there. Calls load() first when nobody has.
  std::expected<void, StoreError> commit(std::string_view payload);

  // After newer_schema every commit() is refused, until this permits to begin anew. The newer
  // agent's document then stays, unchanged, until its slot's turn comes, and is set aside as
  // state-?.json.schema-N.
  void begin_anew() { over_newer_ = true; }

  // Of the newest document that is known to be stored; 0: none.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  enum class Content : std::uint8_t { absent, valid, newer, unreadable };
  struct Slot {
    std::string path;
    Content content = Content::absent;
    std::uint64_t generation = 0;
    int schema = 0;
    std::string payload{};
    std::string remark{};
  };

  void examine(Slot& slot) const;
  [[nodiscard]] const Slot* newest() const;
  [[nodiscard]] LoadOutcome outcome() const;
  [[nodiscard]] FileResult<void> set_aside(Slot& slot) const;
  [[nodiscard]] FileResult<void> write_temporary(std::string_view document) const;
  [[nodiscard]] FileResult<void> replace(Slot& slot, std::string_view document) const;

  std::string folder_;
  int schema_;
  FileSystem& files_;
  std::array<Slot, 2> slots_;
  bool examined_ = false;
  bool over_newer_ = false;
  std::size_t target_ = 0;        // the slot that the next commit replaces
  std::uint64_t generation_ = 0;  // newest stored
  std::uint64_t attempted_ = 0;   // newest that may be stored
};

}  // namespace oobm::store
