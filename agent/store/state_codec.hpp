// The form in which the agent's memory is kept: core::State <-> one line of JSON, which a
// technician can read. What ALMS has signed is kept as its signed text alone: whoever loads it
// verifies the text again and takes the claims from there, so that editing the file cannot alter an
// entitlement. The parser is total, and refuses the whole document rather than half of it.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "agent/core/state.hpp"

namespace oobm::store {

// Rises when an older agent could misread a document. Adding a member with a default does not.
inline constexpr int state_schema = 1;

struct LoadedState {
  core::State state;             // without `entitlement` and `trust`
  std::string entitlement_text;  // compact JWS to be verified again; empty: none held
  std::string trust_text;        // likewise
};

// Where a document breaks the rules: "ledger[3].status: neither \"started\" nor \"done\"".
struct CodecError {
  std::string where;
  std::string sentence;
};

// Errors: the state itself exceeds a bound of agent/core/state.hpp. Text that is not UTF-8 is
// stored with U+FFFD in place of the wrong bytes.
std::expected<std::string, CodecError> state_to_json(const core::State& state);

std::expected<LoadedState, CodecError> state_from_json(std::string_view text);

}  // namespace oobm::store
