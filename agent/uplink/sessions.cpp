#include <utility>

#include <asio/post.hpp>
#include <pthread.h>

#include "agent/uplink/session_impl.hpp"

namespace oobm::uplink {

Sessions::Impl::Impl(asio::io_context& loop, Gate& gate) : loop_(loop), gate_(gate) {
  // The library names its own two threads; without a name this one looks like the loop's.
  on_library_thread([] { ::pthread_setname_np(::pthread_self(), "mqtt-calls"); });
}

std::unique_ptr<Session> Sessions::Impl::open(LinkRequest request, SessionOptions options,
                                              SessionHandlers handlers) {
  auto session =
      std::make_shared<Session::Impl>(shared_from_this(), std::move(options), std::move(handlers));
  std::erase_if(sessions_, [](const auto& old) { return old.expired(); });
  sessions_.push_back(session);
  session->start(std::move(request));
  return std::make_unique<Session>(std::move(session));
}

void Sessions::Impl::close() {
  for (const auto& weak : sessions_) {
    if (const auto session = weak.lock()) session->finish(failure(Code::cut));
  }
  library_thread_.join();
}

void Sessions::Impl::request_library(const std::shared_ptr<Session::Impl>& session) {
  waiting_.push_back(session);
  serve_next();
}

void Sessions::Impl::serve_next() {
  while (!library_taken_ && !waiting_.empty()) {
    const auto session = waiting_.front().lock();
    waiting_.pop_front();
    if (!session || !session->is_open()) continue;
    library_taken_ = true;
    session->start_mqtt();
  }
}

void Sessions::Impl::on_library_thread(std::function<void()> call) {
  asio::post(library_thread_, std::move(call));
}

void Sessions::Impl::bury(std::shared_ptr<PahoClient> client) {
  asio::post(library_thread_,
             [client = std::move(client), weak = weak_from_this(), &loop = loop_]() mutable {
               client.reset();
               asio::post(loop, [weak = std::move(weak)] {
                 const auto me = weak.lock();
                 if (!me) return;
                 me->library_taken_ = false;
                 me->serve_next();
               });
             });
}

Sessions::Sessions(asio::io_context& loop, Gate& gate)
    : impl_(std::make_shared<Impl>(loop, gate)) {}

Sessions::~Sessions() { impl_->close(); }

std::unique_ptr<Session> Sessions::open(LinkRequest request, SessionOptions options,
                                        SessionHandlers handlers) {
  return impl_->open(std::move(request), std::move(options), std::move(handlers));
}

}  // namespace oobm::uplink
