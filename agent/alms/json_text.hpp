// JSON text from outside, read with its bounds: size before the first byte is parsed, then nesting,
// number of values and doubled members before a tree is built. A doubled member is refused because
// two readers may disagree on which one counts (RFC 8259 section 4). Internal to agent/alms.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace oobm::alms {

using Json = nlohmann::json;

// Pure and total; nothing is thrown. Errors: a sentence for the log.
std::expected<Json, std::string> parse_json(std::string_view text, std::size_t max_bytes);

// Compact text; what is not UTF-8 becomes U+FFFD.
std::string print_json(const Json& json);

}  // namespace oobm::alms
