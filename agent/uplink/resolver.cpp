#include "agent/uplink/resolver.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <ares.h>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/uplink/addresses.hpp"
#include "agent/uplink/bound_socket.hpp"
#include "agent/uplink/interface_families.hpp"
#include "agent/uplink/limits.hpp"

namespace oobm::uplink {
namespace {

Failure dns_failure(ares_status_t status, const std::string& host) {
  struct Row {
    ares_status_t status;
    Code code;
  };
  static constexpr std::array rows = std::to_array<Row>({
      {ARES_ENOTFOUND, Code::dns_no_such_name},
      {ARES_ENODATA, Code::dns_no_such_name},
      {ARES_EBADNAME, Code::dns_no_such_name},
      {ARES_ETIMEOUT, Code::dns_timeout},
      {ARES_ECANCELLED, Code::dns_timeout},
      {ARES_ECONNREFUSED, Code::dns_refused},
      {ARES_EREFUSED, Code::dns_refused},
      {ARES_ESERVFAIL, Code::dns_refused},
      {ARES_ENOTIMP, Code::dns_refused},
      {ARES_ENOSERVER, Code::dns_no_server},
      {ARES_EBADRESP, Code::dns_bad_answer},
      {ARES_EFORMERR, Code::dns_bad_answer},
  });
  Code code = Code::local_error;
  for (const Row& row : rows) {
    if (row.status == status) code = row.code;
  }
  return failure(code, host + ": " + ares_strerror(static_cast<int>(status)));
}

// The addresses among the answers; the names in between (CNAME) need not be followed.
Addresses addresses_in(const ares_dns_record_t* record) {
  Addresses found;
  const auto count = ares_dns_record_rr_cnt(record, ARES_SECTION_ANSWER);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* row = ares_dns_record_rr_get_const(record, ARES_SECTION_ANSWER, i);
    if (const auto* in = ares_dns_rr_get_addr(row, ARES_RR_A_ADDR)) {
      found.emplace_back(asio::ip::address_v4(ntohl(in->s_addr)));
    } else if (const auto* in6 = ares_dns_rr_get_addr6(row, ARES_RR_AAAA_ADDR)) {
      asio::ip::address_v6::bytes_type bytes{};
      std::copy_n(std::begin(in6->_S6_un._S6_u8), bytes.size(), bytes.begin());
      found.emplace_back(asio::ip::address_v6(bytes));
    }
  }
  return found;
}

}  // namespace

class Resolver::Impl : public std::enable_shared_from_this<Resolver::Impl> {
 public:
  Impl(asio::io_context& loop, Permit& permit, const Target& target, Meter meter)
      : loop_(loop), permit_(permit), target_(target), meter_(meter), timer_(loop) {}

  ~Impl() { close(); }

  void close() {
    answered_ = nullptr;
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
    timer_.cancel();
  }

  void start(Answered answered) {
    answered_ = std::move(answered);
    const std::string servers = name_server_list(target_.dns_servers);
    if (servers.empty()) return fail(failure(Code::dns_no_server));
    if (!open_channel(servers)) return fail(failure(Code::local_error, "c-ares"));
    const auto usable = interface_families(target_.interface);
    for (auto& question : questions_) ask_if_usable(question, usable);
    arm_timer();
  }

 private:
  struct Question {
    Impl* asker;
    Family family;
  };
  struct Watch {
    explicit Watch(asio::io_context& loop, int fd) : descriptor(loop, fd) {}
    asio::posix::stream_descriptor descriptor;
    bool wants_read = false;
    bool wants_write = false;
    bool reading = false;
    bool writing = false;
  };

  bool open_channel(const std::string& servers) {
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    if (library != ARES_SUCCESS) return false;
    std::array<char, 2> lookups{"b"};  // DNS alone
    std::array<char, 10> nothing{"/dev/null"};
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    options.timeout = static_cast<int>(dns_try_timeout.count());
    options.tries = dns_tries;
    options.lookups = lookups.data();
    options.resolvconf_path = nothing.data();
    options.hosts_path = nothing.data();
    options.sock_state_cb = &Impl::on_socket_state;
    options.sock_state_cb_data = this;
    options.qcache_max_ttl = 0;
    constexpr int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                          ARES_OPT_RESOLVCONF | ARES_OPT_HOSTS_FILE | ARES_OPT_SOCK_STATE_CB |
                          ARES_OPT_QUERY_CACHE | ARES_OPT_NOROTATE;
    return ares_init_options(&channel_, &options, given) == ARES_SUCCESS &&
           ares_set_socket_functions_ex(channel_, &socket_functions(), this) == ARES_SUCCESS &&
           ares_set_servers_ports_csv(channel_, servers.c_str()) == ARES_SUCCESS;
  }

  // Where the interface has no address at all, the socket that cannot be made says why.
  void ask_if_usable(Question& question, InterfaceFamilies usable) {
    const bool six = question.family == Family::v6;
    const bool other_alone = six ? usable.v4 && !usable.v6 : usable.v6 && !usable.v4;
    if (!other_alone) return ask(question);
    answer(question.family,
           std::unexpected(failure(Code::dns_no_such_name,
                                   target_.host + (six ? ": no IPv6 here" : ": no IPv4 here"))));
  }

  void ask(Question& question) {
    if (channel_ == nullptr) return;  // the other answer has ended this look-up
    const auto type = question.family == Family::v6 ? ARES_REC_TYPE_AAAA : ARES_REC_TYPE_A;
    ares_query_dnsrec(channel_, target_.host.c_str(), ARES_CLASS_IN, type, &Impl::on_answer,
                      &question, nullptr);
  }

  static Impl& self(void* user) { return *static_cast<Impl*>(user); }

  static const ares_socket_functions_ex& socket_functions() {
    static const ares_socket_functions_ex functions = [] {
      ares_socket_functions_ex f{};
      f.version = 1;
      f.flags = ARES_SOCKFUNC_FLAG_NONBLOCKING;
      f.asocket = [](int family, int type, int, void* user) {
        return self(user).socket(family, type);
      };
      f.aclose = [](ares_socket_t fd, void*) { return ::close(fd); };
      f.asetsockopt = [](ares_socket_t, ares_socket_opt_t, const void*, ares_socklen_t, void*) {
        errno = ENOSYS;  // "on purpose": the socket is as the gate wants it
        return -1;
      };
      f.aconnect = [](ares_socket_t fd, const sockaddr* to, ares_socklen_t size, unsigned, void*) {
        return ::connect(fd, to, size);
      };
      f.arecvfrom = [](ares_socket_t fd, void* buffer, std::size_t size, int flags, sockaddr* from,
                       ares_socklen_t* from_size, void* user) {
        const auto n = ::recvfrom(fd, buffer, size, flags, from, from_size);
        if (n > 0) self(user).meter_.wire_received(static_cast<std::size_t>(n));
        return static_cast<ares_ssize_t>(n);
      };
      f.asendto = [](ares_socket_t fd, const void* buffer, std::size_t size, int flags,
                     const sockaddr* to, ares_socklen_t to_size, void* user) {
        const auto n = ::sendto(fd, buffer, size, flags | MSG_NOSIGNAL, to, to_size);
        if (n > 0) self(user).meter_.wire_sent(static_cast<std::size_t>(n));
        return static_cast<ares_ssize_t>(n);
      };
      return f;
    }();
    return functions;
  }

  ares_socket_t socket(int family, int type) {
    errno = EACCES;
    if (refused_) return ARES_SOCKET_BAD;  // what was refused once is not asked again
    auto made = make_bound_socket(permit_, target_, family, type & (SOCK_STREAM | SOCK_DGRAM));
    if (made) {
      reachable_ = true;
      return made->release();
    }
    // A server of a family that this interface does not have leaves the other servers.
    refused_ = made.error().layer == Layer::permit || made.error().layer == Layer::interface;
    if (refused_ || !socket_failure_) socket_failure_ = std::move(made.error());
    errno = EACCES;
    return ARES_SOCKET_BAD;
  }

  static void on_answer(void* user, ares_status_t status, std::size_t,
                        const ares_dns_record_t* record) {
    const auto& question = *static_cast<Question*>(user);
    Impl& me = *question.asker;
    if (status == ARES_SUCCESS && record != nullptr) {
      Addresses addresses = addresses_in(record);
      if (!addresses.empty()) return me.answer(question.family, std::move(addresses));
      status = ARES_ENODATA;
    }
    // Where another server could be asked, what came of that is the answer.
    if (me.socket_failure_ && (me.refused_ || !me.reachable_))
      return me.answer(question.family, std::unexpected(*me.socket_failure_));
    me.answer(question.family, std::unexpected(dns_failure(status, me.target_.host)));
  }

  void answer(Family family, std::expected<Addresses, Failure> result) {
    // A copy: what is called may close this look-up.
    if (const auto answered = answered_) answered(family, std::move(result));
  }

  void fail(const Failure& why) {
    answer(Family::v6, std::unexpected(why));
    answer(Family::v4, std::unexpected(why));
  }

  static void on_socket_state(void* user, ares_socket_t fd, int readable, int writable) {
    self(user).watch(fd, readable != 0, writable != 0);
  }

  void watch(int fd, bool read, bool write) {
    auto found = watches_.find(fd);
    if (!read && !write) {
      if (found == watches_.end()) return;
      found->second->descriptor.release();  // c-ares closes it
      watches_.erase(found);
      return;
    }
    if (found == watches_.end()) {
      found = watches_.emplace(fd, std::make_shared<Watch>(loop_, fd)).first;
    }
    found->second->wants_read = read;
    found->second->wants_write = write;
    wait(found->second, fd);
  }

  void wait(const std::shared_ptr<Watch>& watch, int fd) {
    using enum asio::posix::descriptor_base::wait_type;
    if (watch->wants_read && !watch->reading) wait_one(watch, fd, wait_read, watch->reading);
    if (watch->wants_write && !watch->writing) wait_one(watch, fd, wait_write, watch->writing);
  }

  void wait_one(const std::shared_ptr<Watch>& watch, int fd,
                asio::posix::descriptor_base::wait_type type, bool& waiting) {
    waiting = true;
    watch->descriptor.async_wait(
        type, [weak = weak_from_this(), watch, fd, type, &waiting](const asio::error_code& error) {
          waiting = false;
          const auto me = weak.lock();
          if (error || !me) return;
          const bool read = type == asio::posix::descriptor_base::wait_read;
          me->process(read ? fd : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : fd);
          const auto still = me->watches_.find(fd);
          if (still != me->watches_.end() && still->second == watch) me->wait(watch, fd);
        });
  }

  void process(ares_socket_t readable, ares_socket_t writable) {
    if (channel_ == nullptr) return;
    ares_process_fd(channel_, readable, writable);
    arm_timer();
  }

  void arm_timer() {
    timeval storage{};
    const timeval* next = channel_ ? ares_timeout(channel_, nullptr, &storage) : nullptr;
    if (next == nullptr) return;
    timer_.expires_after(std::chrono::seconds(next->tv_sec) +
                         std::chrono::microseconds(next->tv_usec));
    timer_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
      const auto me = weak.lock();
      if (!error && me) me->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
  }

  asio::io_context& loop_;
  Permit& permit_;
  const Target& target_;
  Meter meter_;
  asio::steady_timer timer_;
  ares_channel_t* channel_ = nullptr;
  std::map<int, std::shared_ptr<Watch>> watches_;
  std::optional<Failure> socket_failure_;
  bool refused_ = false;
  bool reachable_ = false;  // a server is of a family that the interface has
  std::array<Question, 2> questions_{{{this, Family::v6}, {this, Family::v4}}};
  Answered answered_;
};

Resolver::Resolver(asio::io_context& loop, Permit& permit, const Target& target, Meter meter)
    : impl_(std::make_shared<Impl>(loop, permit, target, meter)) {}

Resolver::~Resolver() { impl_->close(); }

void Resolver::start(Answered answered) { impl_->start(std::move(answered)); }

}  // namespace oobm::uplink
