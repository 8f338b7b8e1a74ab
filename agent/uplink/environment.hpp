// Nothing that somebody has put into the environment decides where bytes go: libraries take
// proxies, name servers' options, host files and suffixes from it, and obey them for every
// connection.
#pragma once

namespace oobm::uplink {

// Takes http_proxy and https_proxy (the MQTT library's) and RES_OPTIONS, LOCALDOMAIN, CARES_HOSTS
// and HOSTALIASES (c-ares's) out of this process's environment. To be called before other threads
// read it (setenv(3) is not safe beside them).
void forget_environment();

}  // namespace oobm::uplink
