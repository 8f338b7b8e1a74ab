// What may leave the router in a dump or a support bundle: everything that explains it, and nothing
// that lets somebody else speak in its place or follow its SIM. Secrets are known in two ways, by
// the name of the member that holds them and by their value wherever it stands; signed texts and
// PEM blocks are known by their form. An ICCID and an IMSI keep their last four digits, so that a
// person can tell two cards apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace oobm::daemon {

// Digits of an ICCID or IMSI that stay.
inline constexpr std::size_t digits_kept = 4;
// Shorter values are not looked for in other texts: they would be found everywhere.
inline constexpr std::size_t least_secret_chars = 6;

struct Secrets {
  std::vector<std::string> cards;  // ICCIDs and IMSIs, masked wherever they stand
  std::vector<std::string> words;  // nonces, passwords: left out wherever they stand
};

// The document without them. Total; keeps the order of members.
nlohmann::ordered_json redacted(const nlohmann::ordered_json& document, const Secrets& secrets);

}  // namespace oobm::daemon
