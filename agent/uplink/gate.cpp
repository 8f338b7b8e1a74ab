#include "agent/uplink/gate.hpp"

#include <map>
#include <utility>

#include "agent/uplink/environment.hpp"
#include "agent/uplink/link.hpp"

namespace oobm::uplink {

class Gate::Impl {
 public:
  Impl(asio::io_context& loop, Permit& permit, TrustedTime trusted_time, TlsTickets* tickets)
      : context{loop, permit, std::move(trusted_time), tickets} {
    forget_environment();
  }

  std::shared_ptr<InterfaceTraffic> traffic_of(const std::string& interface) {
    auto& entry = by_interface[interface];
    if (!entry) entry = std::make_shared<InterfaceTraffic>();
    return entry;
  }

  GateContext context;
  std::map<std::string, std::shared_ptr<InterfaceTraffic>, std::less<>> by_interface;
};

Gate::Gate(asio::io_context& loop, Permit& permit, TrustedTime trusted_time, TlsTickets* tickets)
    : impl_(std::make_shared<Impl>(loop, permit, std::move(trusted_time), tickets)) {}

Gate::~Gate() = default;

Link Gate::open(LinkRequest request, LinkHandlers handlers) {
  auto traffic = impl_->traffic_of(request.target.interface);
  // The context lives as long as its last link: a link may outlive its handle by one turn of the
  // loop.
  auto context = std::shared_ptr<GateContext>(impl_, &impl_->context);
  auto link = std::make_shared<Link::Impl>(std::move(context), std::move(traffic),
                                           std::move(request), std::move(handlers));
  link->start();
  return Link(std::move(link));
}

Traffic Gate::traffic(std::string_view interface) const {
  const auto found = impl_->by_interface.find(interface);
  return found == impl_->by_interface.end() ? Traffic{} : found->second->total;
}

TrafficByUse Gate::take_by_use(std::string_view interface) {
  const auto found = impl_->by_interface.find(interface);
  if (found == impl_->by_interface.end()) return {};
  return std::exchange(found->second->by_use, {});
}

Link::Link(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Link::Link(Link&&) noexcept = default;

Link& Link::operator=(Link&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

Link::~Link() {
  if (!impl_) return;
  impl_->forget();
  impl_->abort(failure(Code::cut));
}

void Link::abort(Failure reason) { impl_->abort(std::move(reason)); }
std::optional<Failure> Link::end_reason() const { return impl_->end_reason(); }
Traffic Link::traffic() const { return impl_->traffic(); }
void Link::expect(Use use) { impl_->expect(use); }
std::optional<Failure> Link::refusal(Use use) const { return impl_->refusal(use); }
std::chrono::milliseconds Link::since_last_received() const { return impl_->since_last_received(); }
std::uint32_t Link::silences() const { return impl_->silences(); }
std::optional<std::uint8_t> Link::connack_code() const { return impl_->connack_code(); }

}  // namespace oobm::uplink
