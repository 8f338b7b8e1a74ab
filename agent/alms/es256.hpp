// ES256: ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4), verified by mbedTLS through PSA.
#pragma once

#include <string_view>

#include "agent/alms/jws.hpp"
#include "agent/core/statement.hpp"

namespace oobm::alms {

// Whether the coordinates name a point of P-256. Any thread.
bool is_p256_point(const core::SigningKey& key);

// Whether the signature over `input` was made by the holder of `key`. False also for a key that is
// no point of the curve. About a millisecond of CPU on a router. Any thread; the first call
// initialises PSA.
bool verify_es256(const core::SigningKey& key, std::string_view input,
                  const Es256Signature& signature);

}  // namespace oobm::alms
