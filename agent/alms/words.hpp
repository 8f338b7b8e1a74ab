// Words that travel: text from outside that a person will read is cut at a whole character and
// freed of control characters, so that nothing ALMS or a modem says can steer a terminal. Internal
// to agent/alms.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oobm::alms {

// Valid UTF-8 without C0 and C1 control characters and DEL.
bool is_printable(std::string_view utf8);

// A URL has no blanks, and a package's type and revision need none (RFC 3986 section 2).
bool is_visible_ascii(std::string_view text);

// The longest beginning of at most `most` bytes that does not cut a UTF-8 character in two.
std::string_view cut(std::string_view utf8, std::size_t most);

// Cut, and each byte of a control character replaced by a space.
std::string clean(std::string_view utf8, std::size_t most);

// At most 40 bytes between quotation marks; what is not printable ASCII becomes '?'. For details
// that must name what was found.
std::string in_quotes(std::string_view text);

}  // namespace oobm::alms
