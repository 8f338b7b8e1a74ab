// How a document is written that a technician may read and nothing else need understand: one line
// of ASCII, whatever bytes the words in it came with; secrets and other bytes as hexadecimal
// digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace oobm::store {

// Bytes that are no UTF-8 become U+FFFD.
std::string one_line(const nlohmann::ordered_json& json);

// Two small digits for each byte.
std::string hex(std::string_view bytes);
// Nothing: they are not what hex() writes.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace oobm::store
