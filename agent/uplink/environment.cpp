#include "agent/uplink/environment.hpp"

#include <array>
#include <cstdlib>

namespace oobm::uplink {

void forget_environment() {
  static constexpr std::array names{"http_proxy",  "https_proxy", "HTTP_PROXY",  "HTTPS_PROXY",
                                    "RES_OPTIONS", "LOCALDOMAIN", "CARES_HOSTS", "HOSTALIASES"};
  for (const char* name : names) ::unsetenv(name);
}

}  // namespace oobm::uplink
