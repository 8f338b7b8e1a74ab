// What the daemon keeps to itself stands in folders of its own, which nobody else may enter: a file
// in them is safe even where it was made with a slip of its mode.
#pragma once

#include <string>

namespace oobm::daemon {

// `parent`/`name`, mode 0700; made when it is not there. `parent` must exist. A folder that cannot
// be made shows at the first write into it.
std::string private_folder(const std::string& parent, const std::string& name);

}  // namespace oobm::daemon
