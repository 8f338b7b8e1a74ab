// What a service manager that listens is told: that the service is ready, that it lives, that it
// leaves. One datagram each to the socket that it has named in NOTIFY_SOCKET; where it has named
// none, nothing happens. Source: sd_notify(3), "Notes".
#pragma once

#include <string>
#include <string_view>

namespace oobm::daemon {

class ServiceManager {
 public:
  // `socket`: an absolute path, or '@' and an abstract name; anything else is nobody.
  explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}
  // As the environment names it.
  static ServiceManager from_environment();

  void ready() const { tell("READY=1"); }
  void alive() const { tell("WATCHDOG=1"); }
  void stopping() const { tell("STOPPING=1"); }

 private:
  void tell(std::string_view what) const;

  std::string socket_;
};

}  // namespace oobm::daemon
