// The verb `command`: one of the table in agent/alms/data_ids.hpp, with its parameters. Internal to
// agent/alms.
#pragma once

#include "agent/alms/decode.hpp"
#include "agent/alms/json_text.hpp"

namespace oobm::alms {

// `value` is the verb's member: {"id", "params"}. Missing, null or empty parameters are one and the
// same; parameters that the table does not name are ignored. Total; what is wrong gives a BadTask
// (malformed, unknown_task, bad_parameter). A statement that is not believed is no bad task: the
// core answers it with the statement's own reason.
core::TaskBody decode_command(const Json& value, const Verifier& verifier);

}  // namespace oobm::alms
