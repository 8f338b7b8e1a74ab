// The libraries of others that this program carries inside itself, since they are linked statically
// and no package manager of the router knows them, and the C library that it runs with: whoever
// reads of a vulnerability asks here. tests/target/test_sbom.py compares with the bill of
// materials.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oobm::ctl {

struct Component {
  std::string_view name;  // as Debian names the source package, without a number
  std::string version;    // upstream's
};

// As each library that is linked tells itself, in the order of names.
std::vector<Component> components();

}  // namespace oobm::ctl
