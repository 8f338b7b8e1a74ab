#include "agent/core/task.hpp"

#include <algorithm>
#include <array>

namespace oobm::core {
namespace {

struct Trait {
  std::string_view name;
  bool lifecycle;
  bool idempotent;
};

// In the order of TaskBody's alternatives.
constexpr std::array traits{
    Trait{"register_result", true, true},
    Trait{"entitle", true, true},
    Trait{"deregister", true, true},
    Trait{"trust_update", true, true},
    Trait{"sync", true, true},
    Trait{"reboot", false, false},
    Trait{"reset_radio", false, false},
    Trait{"diagnose", false, true},
    Trait{"send_support_bundle", false, true},
    Trait{"read", false, true},
    Trait{"write", false, true},
    Trait{"swinstall", false, false},
    Trait{"bad task", true, true},
};
static_assert(traits.size() == std::variant_size_v<TaskBody>);

const Trait& trait(const TaskBody& body) { return traits[body.index()]; }

}  // namespace

bool is_lifecycle_task(const TaskBody& body) { return trait(body).lifecycle; }
bool is_lifecycle_task(std::string_view task_name) {
  const auto* found = std::ranges::find(traits, task_name, &Trait::name);
  return found != traits.end() && found->lifecycle;
}
bool is_idempotent(const TaskBody& body) { return trait(body).idempotent; }
std::string_view task_name(const TaskBody& body) { return trait(body).name; }

}  // namespace oobm::core
