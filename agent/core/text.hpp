// Words that came from outside (ALMS, the board, a configuration file) are shown on a terminal,
// logged and stored: they are cut to a bound, at the end of a character, and carry no control byte.
// Private to agent/core.
#pragma once

#include <string>
#include <string_view>

namespace oobm::core {

// A refusal's detail, at most this many bytes.
inline constexpr std::size_t max_detail = 200;

// The head of `text`, at most `most` bytes; a UTF-8 character is kept whole or left out.
std::string head(std::string_view text, std::size_t most);

// head() with control characters replaced by '?'.
std::string clean(std::string_view text, std::size_t most);

// clean() with every byte outside ASCII replaced too: for text whose encoding is not known.
std::string clean_ascii(std::string_view text, std::size_t most);

}  // namespace oobm::core
