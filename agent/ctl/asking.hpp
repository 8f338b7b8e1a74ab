// How every command of oobmctl asks the daemon: one request, one reply, and a refusal that reaches
// the technician with the daemon's own code and sentence.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/ctl/client.hpp"
#include "agent/ctl/ctl.hpp"

namespace oobm::ctl {

// A command that cannot go on: its exit status and the sentence for standard error.
struct Failure {
  int status = exit_no_daemon;
  std::string sentence;
  nlohmann::json reply{};  // of a daemon that waits and serves nobody yet; else null
};
template <class T>
using Result = std::expected<T, Failure>;

// On standard output.
void print(std::string_view text);
// On standard error; gives the exit status.
int report(const Failure& failure);

std::unexpected<Failure> no_daemon(std::string sentence);
Result<nlohmann::json> parse_line(const std::string& line);
Result<Client> connect_to(const std::string& socket);
// Sends a request; gives the reply when the daemon agreed to it.
Result<nlohmann::json> ask(Client& client, const nlohmann::json& request,
                           std::chrono::milliseconds limit = reply_limit);

}  // namespace oobm::ctl
