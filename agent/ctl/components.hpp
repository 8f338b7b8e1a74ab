// The libraries of others that this program carries inside itself, since they are linked statically
// and no package manager of the router knows them: whoever reads of a vulnerability asks here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oobm::ctl {

struct Component {
  std::string_view name;  // as Debian names the source package
  std::string version;    // upstream's
};

// As compiled and linked, in the order of names.
std::vector<Component> linked_components();

}  // namespace oobm::ctl
