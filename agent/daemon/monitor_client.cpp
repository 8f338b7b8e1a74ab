#include "agent/daemon/monitor_client.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <sys/socket.h>

namespace oobm::daemon {
namespace {

constexpr std::size_t max_sent_descriptors = 4;

bool send(int socket, const MonitorRequest& request, const std::vector<int>& descriptors) {
  auto bytes = to_bytes(request);
  iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_sent_descriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptors.size() > max_sent_descriptors) return false;
  if (!descriptors.empty()) {
    const auto size = descriptors.size() * sizeof(int);
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(size);
    auto* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
  }
  ssize_t put = 0;
  do put = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (put < 0 && errno == EINTR);
  return put == static_cast<ssize_t>(bytes.size());
}

hal::ChildEnd end_from(const MonitorAnswer& answer) {
  using Kind = MonitorAnswer::Kind;
  using enum hal::ChildEnd::Kind;
  if (answer.kind == Kind::refused) return {not_started, answer.value};
  return {answer.kind == Kind::exited ? exited : signalled, answer.value};
}

}  // namespace

bool ask_monitor(int socket, const MonitorRequest& request) { return send(socket, request, {}); }

class MonitorClient::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& loop, uplink::UniqueFd socket)
      : loop_(loop), socket_(loop, socket.release()) {}

  void listen() {
    socket_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](std::error_code error) {
                         if (!error && self->take()) self->listen();
                       });
  }

  std::uint32_t run(const hal::ChildOrder& order, Ended ended) {
    const auto number = ++last_number_;
    MonitorRequest request{.ask = Ask::run, .number = number, .texts = {order.role}};
    request.texts.insert(request.texts.end(), order.arguments.begin(), order.arguments.end());
    std::vector<int> descriptors;
    for (const auto& [to, from] : order.descriptors) descriptors.push_back(from);
    waiting_.emplace(number, std::move(ended));
    if (!send(socket_.native_handle(), request, descriptors))
      asio::post(loop_, [self = shared_from_this(), number] {
        self->end(number, {hal::ChildEnd::Kind::not_started, EPIPE});
      });
    return number;
  }

  void signal(std::uint32_t number, int signal) {
    if (waiting_.contains(number))
      ask({.ask = signal == SIGTERM ? Ask::terminate : Ask::kill, .number = number});
  }

  void forget(std::uint32_t number) {
    signal(number, SIGTERM);  // what does not heed it ends with the daemon
    waiting_.erase(number);
  }

  void ask(const MonitorRequest& request) { ask_monitor(socket_.native_handle(), request); }

  void close() {
    std::error_code ignored;
    socket_.close(ignored);
    waiting_.clear();
  }

 private:
  // False: the monitor has gone, and the kernel ends this process as well.
  bool take() {
    std::array<char, monitor_answer_bytes + 1> buffer{};
    const auto got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    if (const auto answer = answer_from({buffer.data(), static_cast<std::size_t>(got)}))
      end(answer->number, end_from(*answer));
    return socket_.is_open();
  }

  void end(std::uint32_t number, hal::ChildEnd how) {
    auto found = waiting_.extract(number);
    if (!found.empty()) found.mapped()(how);
  }

  asio::any_io_executor loop_;
  asio::posix::stream_descriptor socket_;
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, Ended> waiting_;  // by run
};

namespace {

template <class Client>
class MonitoredChild final : public hal::Child {
 public:
  MonitoredChild(std::shared_ptr<Client> client, std::uint32_t number)
      : client_(std::move(client)), number_(number) {}
  ~MonitoredChild() override { client_->forget(number_); }
  void signal(int number) override { client_->signal(number_, number); }

 private:
  std::shared_ptr<Client> client_;
  std::uint32_t number_;
};

}  // namespace

MonitorClient::MonitorClient(const asio::any_io_executor& loop, uplink::UniqueFd socket)
    : impl_(std::make_shared<Impl>(loop, std::move(socket))) {
  impl_->listen();
}

MonitorClient::~MonitorClient() { impl_->close(); }

std::unique_ptr<hal::Child> MonitorClient::start(const hal::ChildOrder& order, Ended ended) {
  const auto number = impl_->run(order, std::move(ended));
  return std::make_unique<MonitoredChild<Impl>>(impl_, number);
}

void MonitorClient::ready() { impl_->ask({.ask = Ask::ready}); }

void MonitorClient::alive() { impl_->ask({.ask = Ask::alive}); }

void MonitorClient::give_port(const std::string& path) {
  impl_->ask({.ask = Ask::port, .texts = {path}});
}

}  // namespace oobm::daemon
