#include "agent/ctl/asking.hpp"

#include <cstdio>
#include <utility>

#include "agent/ctl/command.hpp"
#include "agent/ctl/view.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;

constexpr std::string_view refused_command = "COMMAND_REFUSED";
constexpr std::string_view waiting = "WAITING_AFTER_CRASH";

Result<json> receive(Client& client, std::chrono::milliseconds limit) {
  const auto line = client.receive(limit);
  if (!line) return no_daemon(line.error());
  return parse_line(*line);
}

}  // namespace

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int report(const Failure& failure) {
  const std::string text = "oobmctl: " + failure.sentence + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
  return failure.status;
}

std::unexpected<Failure> no_daemon(std::string sentence) {
  return std::unexpected(Failure{exit_no_daemon, std::move(sentence)});
}

Result<json> parse_line(const std::string& line) {
  // The parser takes a NUL for the end of its input.
  auto reply = line.contains('\0') ? json() : json::parse(line, nullptr, false);
  if (reply.is_object()) return reply;
  return no_daemon("oobmd's reply cannot be read. Are oobmd and oobmctl of the same version?");
}

Result<Client> connect(const Options& options) {
  auto client = Client::connect(options.socket);
  if (!client) return no_daemon(client.error());
  return *std::move(client);
}

Result<json> ask(Client& client, const json& request, std::chrono::milliseconds limit) {
  // A daemon that serves too many already says so and hangs up before it has read anything.
  (void)client.send(request.dump(-1, ' ', false, json::error_handler_t::replace));
  auto reply = receive(client, limit);
  if (!reply || View(*reply).flag("ok")) return reply;
  const View refused(*reply);
  std::string sentence = refused.text("code") + ": " + refused.text("error");
  if (refused.text("code") == refused_command) sentence += ". Add --force to send it all the same.";
  if (refused.text("code") == waiting)
    return std::unexpected(Failure{exit_no_daemon, sentence + ".", *std::move(reply)});
  return std::unexpected(Failure{exit_not_in_service, std::move(sentence)});
}

Result<json> status_of(Client& client) {
  auto reply = ask(client, {{"cmd", "status"}});
  if (!reply) return reply;
  const auto status = reply->find("status");
  if (status == reply->end() || !status->is_object()) return parse_line("");
  return *status;
}

}  // namespace oobm::ctl
