#include "hal/modem/serial_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

namespace oobm::hal {
namespace {

constexpr std::array<std::pair<int, speed_t>, 8> line_rates{{
    {9600, B9600},
    {19200, B19200},
    {38400, B38400},
    {57600, B57600},
    {115200, B115200},
    {230400, B230400},
    {460800, B460800},
    {921600, B921600},
}};
constexpr unsigned first_pty_major =
    136;  // Unix98 pseudo-terminals (Linux Documentation/admin-guide/devices)
constexpr unsigned last_pty_major = 143;

speed_t rate_of(int baud) {
  const auto* found = std::ranges::find(line_rates, baud, &std::pair<int, speed_t>::first);
  return found == line_rates.end() ? speed_t{B115200} : found->second;
}

PortProblem problem(PortState state, const std::string& path, std::string_view text) {
  return {state, "serial port " + path + std::string(text)};
}

PortProblem open_problem(const std::string& path, int error) {
  switch (error) {
    case EBUSY:
      return problem(PortState::busy, path,
                     " is held by another process; stop it or exclude the port there");
    case EACCES:
    case EPERM:
      return {PortState::absent, "serial port " + path + " may not be opened by this user", path};
    case ENOENT:
      return problem(PortState::absent, path,
                     " does not exist; the module may be off or restarting");
    default:
      return problem(PortState::absent, path,
                     std::string(" cannot be opened: ") + std::strerror(error));
  }
}

bool make_raw(int fd, int baud, bool hardware_flow_control) {
  termios line{};
  if (tcgetattr(fd, &line) != 0) return false;
  cfmakeraw(&line);
  line.c_cflag |= CLOCAL | CREAD;
  line.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CRTSCTS);
  if (hardware_flow_control) line.c_cflag |= CRTSCTS;
  cfsetspeed(&line, rate_of(baud));
  return tcsetattr(fd, TCSANOW, &line) == 0;
}

// A pseudo-terminal outlives its last close, and exclusive mode with it: after a crash nobody could
// open it again.
bool is_pseudo_terminal(int fd) {
  struct stat info{};
  if (fstat(fd, &info) != 0) return false;
  return major(info.st_rdev) >= first_pty_major && major(info.st_rdev) <= last_pty_major;
}

}  // namespace

std::expected<int, PortProblem> open_serial_port(const std::string& path, int baud,
                                                 bool hardware_flow_control) {
  const int fd = open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return std::unexpected(open_problem(path, errno));
  const auto give_up = [fd](PortProblem why) {
    close(fd);
    return std::unexpected(std::move(why));
  };
  if (!isatty(fd)) return give_up(problem(PortState::absent, path, " is no serial port"));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return give_up(open_problem(path, EBUSY));
  if (!is_pseudo_terminal(fd) && ioctl(fd, TIOCEXCL) != 0)
    return give_up(open_problem(path, errno));
  if (!make_raw(fd, baud, hardware_flow_control))
    return give_up(problem(PortState::absent, path, " refuses the settings of a serial line"));
  return fd;
}

}  // namespace oobm::hal
