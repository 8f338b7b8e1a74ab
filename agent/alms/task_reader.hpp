// The verbs that need nothing but their own value: read, write, swinstall. Internal to agent/alms.
#pragma once

#include <string>

#include "agent/alms/json_text.hpp"
#include "agent/core/task.hpp"

namespace oobm::alms {

// The body of a task that cannot be carried out.
core::TaskBody bad_task(core::Reason reason, std::string detail);

// `value` is the verb's member. Total; what is wrong gives a BadTask (bad_parameter). Which ids
// exist is not judged here: a read leaves unknown ones out, a write is refused by the core.
core::TaskBody decode_read(const Json& value);
core::TaskBody decode_write(const Json& value);
core::TaskBody decode_install(const Json& value);

}  // namespace oobm::alms
