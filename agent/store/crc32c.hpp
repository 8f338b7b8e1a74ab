// CRC-32C, the Castagnoli polynomial (RFC 3720 section 12.1; check value E3069283h for
// "123456789").
#pragma once

#include <cstdint>
#include <string_view>

namespace oobm::store {

// `crc` continues an earlier result: crc32c(b, crc32c(a)) is the sum of a followed by b.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace oobm::store
