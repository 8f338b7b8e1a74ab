// Members of a JSON object, read by name into typed places with their bounds. The first thing wrong
// is kept as a sentence and makes the rest a no-op, so that a reader of a dozen members is a dozen
// lines and one check. Internal to agent/alms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/alms/json_text.hpp"

namespace oobm::alms {

struct IntegerRange {
  std::int64_t least;
  std::int64_t most;
};

class Fields {
 public:
  // `object` and `error` outlive this. `path` ("account.") goes before names in sentences. The
  // place of a member that is missing or wrong is left as it was.
  Fields(const Json& object, std::string& error, std::string path = {});

  // 1 to `most` bytes of printable UTF-8.
  void text(std::string_view name, std::size_t most, std::string& into);
  void text(std::string_view name, std::size_t most, std::optional<std::string>& into);
  // Any string, for a reader of its own.
  void any_text(std::string_view name, std::optional<std::string>& into);
  // A JSON integer; 1.0 and 1e3 are none.
  void integer(std::string_view name, IntegerRange range, std::int64_t& into);
  void integer(std::string_view name, IntegerRange range, std::optional<std::int64_t>& into);
  // A list of up to `most_items` strings of 1 to `most` bytes.
  void texts(std::string_view name, std::size_t most_items, std::size_t most,
             std::vector<std::string>& into);
  // The member itself; null when it is missing.
  const Json* required(std::string_view name);
  const Json* optional(std::string_view name);
  // An object inside this one; a missing one gives an empty reader and an error.
  Fields object(std::string_view name);

  void fail(std::string_view name, std::string_view why);
  [[nodiscard]] bool failed() const { return !error_.empty(); }

 private:
  bool read_text(std::string_view name, const Json& value, std::size_t most, std::string& into);
  bool read_integer(std::string_view name, const Json& value, IntegerRange range,
                    std::int64_t& into);

  const Json& object_;
  std::string& error_;
  std::string path_;
};

}  // namespace oobm::alms
