#include "agent/daemon/account.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/store/file_system.hpp"

namespace oobm::daemon {
namespace {

constexpr std::size_t max_file_bytes = 256 * 1024;
constexpr std::size_t max_groups = 32;
constexpr std::size_t fields_used = 4;  // of a line of either file (passwd(5), group(5))

using Fields = std::array<std::string_view, fields_used>;

// Calls `with` for each line of the file that has enough fields.
void each_line(const std::string& path, auto with) {
  const auto text = store::posix_file_system().read(path, max_file_bytes).value_or(std::string());
  std::string_view rest(text);
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    Fields fields;
    std::size_t count = 0;
    for (; count < fields_used; ++count) {
      fields[count] = line.substr(0, line.find(':'));
      if (fields[count].size() == line.size()) break;
      line.remove_prefix(fields[count].size() + 1);
    }
    if (count >= fields_used - 1) with(fields);
  }
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  // The highest number means "no change" to the calls that set ids.
  if (text.empty() || read.ec != std::errc{} || read.ptr != end || value == UINT32_MAX)
    return std::nullopt;
  return value;
}

std::optional<confinement::Ids> ids(std::string_view user, std::string_view group) {
  const auto uid = number(user);
  const auto gid = number(group);
  if (!uid || !gid) return std::nullopt;
  return confinement::Ids{.user = *uid, .group = *gid, .groups = {}};
}

std::optional<confinement::Ids> by_number(std::string_view name) {
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return ids(name.substr(0, colon), name.substr(colon + 1));
}

std::optional<confinement::Ids> by_name(std::string_view name, const std::string& file) {
  std::optional<confinement::Ids> found;
  each_line(file, [&](const Fields& user) {
    if (!found && user[0] == name) found = ids(user[2], user[3]);
  });
  return found;
}

bool lists(std::string_view members, std::string_view name) {
  while (!members.empty()) {
    const auto member = members.substr(0, members.find(','));
    if (member == name) return true;
    members.remove_prefix(std::min(member.size() + 1, members.size()));
  }
  return false;
}

}  // namespace

std::expected<confinement::Ids, std::string> find_account(const std::string& name,
                                                          const AccountFiles& files) {
  auto found = by_number(name);
  if (!found) found = by_name(name, files.users);
  if (!found)
    return std::unexpected("there is no user \"" + name + "\" in " + files.users +
                           "; make it, or name another one (\"user\" in the configuration)");
  each_line(files.groups, [&](const Fields& group) {
    if (group[0] != serial_port_group && !lists(group[3], name)) return;
    const auto gid = number(group[2]);
    // Whatever root's group may do is what is to be given up.
    if (gid && *gid != 0 && found->groups.size() < max_groups) found->groups.push_back(*gid);
  });
  return *found;
}

}  // namespace oobm::daemon
