// base64url as JOSE uses it: the URL-safe alphabet, no padding, no white space (RFC 7515 section 2,
// RFC 4648 section 5), and canonical: unused bits must be zero (RFC 4648 section 3.5), so that one
// value has one text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oobm::alms {

// The bytes, or nothing when the text is not canonical base64url. The empty text is no bytes.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace oobm::alms
