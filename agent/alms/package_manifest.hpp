// The signed manifest of a package, from text to claims that the core may weigh: a compact JWS with
// ES256 and `typ: oobm-package`, signed with a key that is pinned in the instance data for packages
// alone. The keys that sign statements cannot sign packages, nor the other way round: whoever may
// suspend a router may not put a program on it. The claims are not parsed before the signature
// holds. Whether a true manifest is for this router and new enough is decided in
// agent/core/package.hpp.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string_view>

#include "agent/core/package.hpp"
#include "agent/core/statement.hpp"

namespace oobm::alms {

// The largest manifest, as it stands in its file; a final line feed is allowed.
inline constexpr std::size_t max_manifest_bytes = core::statement_max_bytes;
// Package keys of one instance: the one in use and the next one.
inline constexpr std::size_t max_package_keys = 4;

// Pure and total. `instance`: the id that the issuer claim must equal. Errors: package_manifest
// (envelope, type, claims), package_key (no such key among `keys`), package_signature,
// package_issuer.
std::expected<core::PackageManifest, core::Refusal> verify_package_manifest(
    std::string_view text, std::string_view instance, std::span<const core::SigningKey> keys);

// Whether one of `keys` signed `text`, whichever it names: found without a look at what it says, by
// whoever must not parse what nobody signed. It says nothing about type and claims. Pure and total.
bool is_signed_by_one_of(std::string_view text, std::span<const core::SigningKey> keys);

}  // namespace oobm::alms
