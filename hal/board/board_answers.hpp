// From a board helper's keys to typed results. Identity is passed on as text, since judging it is
// the caller's part; everything that the agent acts on itself (interface names, addresses, MTU) is
// checked here. Errors are sentences that name the key.
#pragma once

#include <expected>
#include <string>

#include "hal/board/key_values.hpp"
#include <oobm/hal/board.hpp>

namespace oobm::hal {

// Missing keys give empty texts.
std::expected<BoardIdentity, std::string> board_identity(const KeyValues& values);

// Requires "up"; when it is 1, also "interface".
std::expected<BearerStatus, std::string> bearer_status(const KeyValues& values);

// As bearer_status, and the bearer must be up with at least one address.
std::expected<BearerStatus, std::string> bearer_up_result(const KeyValues& values);

std::expected<WanStatus, std::string> wan_status(const KeyValues& values);

// Requires "state"; any but "none" also "version".
std::expected<InstallStatus, std::string> install_status(const KeyValues& values);

}  // namespace oobm::hal
