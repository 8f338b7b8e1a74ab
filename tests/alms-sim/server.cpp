#include "tests/alms-sim/server.hpp"

#include <cstdio>
#include <filesystem>
#include <list>
#include <utility>

#include <asio.hpp>

#include "tests/alms-sim/condition.hpp"
#include "tests/alms-sim/files.hpp"
#include "tests/alms-sim/operator_desk.hpp"
#include "tests/alms-sim/reception.hpp"

namespace oobm::alms_sim {
namespace {

using Socket = asio::local::stream_protocol::socket;
using asio::awaitable;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t max_control_line = 4 * 1024 * 1024;  // octets
constexpr std::chrono::milliseconds tick_period{500};
constexpr std::chrono::milliseconds save_delay{100};
constexpr double default_wait_s = 30;

Millis wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void log(const std::string& words) {
  std::fprintf(stderr, "alms-sim: %s\n", words.c_str());
  std::fflush(stderr);
}

std::string line_of(const Result<Json>& outcome) {
  const Json reply =
      outcome ? Json{{"ok", true}, {"result", *outcome}}
              : Json{{"ok", false},
                     {"error", {{"code", outcome.error().code}, {"text", outcome.error().text}}}};
  return reply.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

struct Waiter {
  const Condition& condition;
  asio::steady_timer& alarm;
};

class Server {
 public:
  Server(const ServerOptions& options, World world, Keyring keys)
      : options_(options),
        platform_(std::move(world), std::move(keys), options.settings),
        acceptor_(io_),
        ticker_(io_),
        saver_(io_),
        signals_(io_, SIGTERM, SIGINT),
        broker_(options.broker, handlers()) {}

  Result<void> run();

 private:
  BrokerHandlers handlers();
  Result<void> listen();
  awaitable<void> accept_operators();
  awaitable<void> serve_operator(Socket socket);
  awaitable<Result<Json>> answer(const std::string& line);
  awaitable<Result<Json>> wait(const Json& arguments);
  awaitable<void> tick();
  void settle();
  void save();
  void save_soon();

  const ServerOptions& options_;
  Platform platform_;
  Reception reception_{platform_};
  OperatorDesk desk_{platform_, reception_};
  asio::io_context io_;
  asio::local::stream_protocol::acceptor acceptor_;
  asio::steady_timer ticker_;
  asio::steady_timer saver_;
  asio::signal_set signals_;
  std::list<Waiter> waiters_;
  bool save_pending_ = false;
  BrokerLink broker_;  // last: its threads post to what stands above
};

BrokerHandlers Server::handlers() {
  const auto on_loop = [this](auto work) { asio::post(io_, std::move(work)); };
  return {
      .connected =
          [this, on_loop] {
            on_loop([this] {
              log("connected to the broker at " + options_.broker.address);
              platform_.requeue_unsent();
              settle();
            });
          },
      .message =
          [this, on_loop](std::string topic, std::string payload) {
            on_loop([this, topic = std::move(topic), payload = std::move(payload)] {
              reception_.on_message(topic, payload, wall_clock());
              settle();
            });
          },
      .sent =
          [this, on_loop](std::string uid) {
            on_loop([this, uid = std::move(uid)] {
              platform_.task_sent(uid);
              settle();
            });
          },
      .log = [](const std::string& words) { log(words); },
  };
}

Result<void> Server::run() {
  if (auto listening = listen(); !listening) return listening;
  signals_.async_wait([this](std::error_code, int) { io_.stop(); });
  asio::co_spawn(io_, accept_operators(), asio::detached);
  asio::co_spawn(io_, tick(), asio::detached);
  log("instance " + options_.settings.instance + ", operators at " + options_.control_socket);
  io_.run();
  broker_.stop();
  save();
  std::remove(options_.control_socket.c_str());
  log("stopped");
  return {};
}

Result<void> Server::listen() {
  std::remove(options_.control_socket.c_str());
  try {
    const asio::local::stream_protocol::endpoint endpoint(options_.control_socket);
    acceptor_.open();
    acceptor_.bind(endpoint);
    acceptor_.listen();
  } catch (const std::system_error& error) {
    return fail("CONTROL_SOCKET",
                "Cannot listen at " + options_.control_socket + ": " + error.what() + ".");
  }
  return {};
}

awaitable<void> Server::accept_operators() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(use_tuple);
    if (error) co_return;
    asio::co_spawn(io_, serve_operator(std::move(socket)), asio::detached);
  }
}

awaitable<void> Server::serve_operator(Socket socket) {
  std::string buffer;
  for (;;) {
    const auto [error, size] = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(buffer, max_control_line), '\n', use_tuple);
    if (error) co_return;
    const std::string line = buffer.substr(0, size);
    buffer.erase(0, size);
    const std::string reply = line_of(co_await answer(line));
    const auto [write_error, written] =
        co_await asio::async_write(socket, asio::buffer(reply), use_tuple);
    if (write_error) co_return;
  }
}

awaitable<Result<Json>> Server::answer(const std::string& line) {
  const Json request = Json::parse(line, nullptr, false);
  if (!request.is_object() || !request.contains("verb") || !request["verb"].is_string()) {
    co_return fail("BAD_REQUEST", "A request is an object with a verb.");
  }
  const Json arguments = request.contains("args") ? request["args"] : Json::object();
  if (request["verb"] == "wait") co_return co_await wait(arguments);
  auto outcome = desk_.perform(request["verb"].get<std::string>(), arguments, wall_clock());
  settle();
  co_return outcome;
}

awaitable<Result<Json>> Server::wait(const Json& arguments) {
  const auto text = [&arguments](const char* name) {
    const auto at = arguments.find(name);
    return at != arguments.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  auto condition = parse_condition(text("serial"), text("condition"));
  if (!condition) co_return std::unexpected(condition.error());
  if (arguments.contains("fresh")) condition->since_ms = millis_count(wall_clock());
  const auto limit = arguments.find("timeout_s");
  const double seconds =
      limit != arguments.end() && limit->is_number() ? limit->get<double>() : default_wait_s;
  asio::steady_timer alarm(io_, std::chrono::milliseconds(static_cast<long>(seconds * 1000)));
  if (auto met = fulfilled(*condition, platform_.world())) co_return *met;
  const auto place = waiters_.insert(waiters_.end(), {*condition, alarm});
  co_await alarm.async_wait(use_tuple);
  waiters_.erase(place);
  if (auto met = fulfilled(*condition, platform_.world())) co_return *met;
  co_return fail("TIMEOUT", "\"" + text("condition") + "\" did not come to hold for " +
                                text("serial") + " in time.");
}

awaitable<void> Server::tick() {
  for (;;) {
    broker_.keep_connected();
    if (desk_.tick(wall_clock())) settle();
    ticker_.expires_after(tick_period);
    const auto [error] = co_await ticker_.async_wait(use_tuple);
    if (error) co_return;
  }
}

void Server::settle() {
  const Outputs outputs = platform_.take_outputs();
  if (outputs.publications.empty() && outputs.sims.empty()) {
    save_soon();
  } else {
    save();
  }
  for (const SimOrder& order : outputs.sims) {
    if (options_.sim_folder.empty()) break;
    const auto written =
        write_file(options_.sim_folder + "/" + order.name + ".sim", order.value + "\n");
    if (!written) log(written.error().text);
  }
  for (const Publication& publication : outputs.publications) broker_.publish(publication);
  for (const Waiter& waiter : waiters_) {
    if (fulfilled(waiter.condition, platform_.world())) waiter.alarm.cancel();
  }
}

void Server::save_soon() {
  if (std::exchange(save_pending_, true)) return;
  saver_.expires_after(save_delay);
  saver_.async_wait([this](std::error_code error) {
    if (!error) save();
  });
}

void Server::save() {
  save_pending_ = false;
  const Json document = as_json(platform_.world());
  const auto saved =
      write_file(options_.state_folder + "/alms.json",
                 document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (!saved) log(saved.error().text);
}

Result<World> load_world(const std::string& folder) {
  const auto text = read_file(folder + "/alms.json");
  if (!text) return fresh_world();
  const Json document = Json::parse(*text, nullptr, false);
  if (document.is_discarded()) return fail("STATE_FILE", folder + "/alms.json is no JSON.");
  return world_from(document);
}

}  // namespace

Result<void> serve(const ServerOptions& options) {
  auto keys = Keyring::open(options.state_folder, options.settings.instance, wall_clock());
  if (!keys) return std::unexpected(keys.error());
  auto world = load_world(options.state_folder);
  if (!world) return std::unexpected(world.error());
  if (!options.sim_folder.empty()) {
    if (auto made = make_folder(options.sim_folder); !made) return made;
  }
  Server server(options, std::move(*world), std::move(*keys));
  return server.run();
}

}  // namespace oobm::alms_sim
