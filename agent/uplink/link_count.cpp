// What a link's bytes are spent on, counted as they pass.
#include <utility>

#include "agent/uplink/limits.hpp"
#include "agent/uplink/link.hpp"
#include "agent/uplink/segment_headers.hpp"

namespace oobm::uplink {

void Link::Impl::spend_on(Use use) {
  count_headers(spending_.sending);
  spending_.sending = use;
}

void Link::Impl::begin_to_carry() {
  const bool messages = request_.carries == Carries::mqtt;
  spend_on(messages ? Use::upkeep : Use::transfer);
  spending_.known = !messages;
}

void Link::Impl::count_outbound(std::span<const std::uint8_t> bytes) {
  count_headers(spending_.sending);
  if (request_.carries == Carries::opaque) {
    meter_.payload_sent(bytes.size(), Use::transfer);
    return ask_again(bytes.size());
  }
  outbound_uses_.feed(bytes, [this](Use use, std::size_t share) {
    meter_.payload_sent(share, use);
    outbound_shares_[static_cast<std::size_t>(use)] += share;
    spending_.sending = use;
  });
}

void Link::Impl::spread_outbound() {
  meter_.spread(&ByteCount::sent, std::exchange(outbound_shares_, {}));
}

void Link::Impl::count_inbound(std::span<const std::uint8_t> bytes) {
  if (request_.carries == Carries::opaque) {
    meter_.payload_received(bytes.size(), Use::transfer);
    count_headers(Use::transfer);
    return ask_again(bytes.size());
  }
  Use last = Use::upkeep;
  Shares shares{};
  inbound_uses_.feed(bytes, [&](Use use, std::size_t share) {
    meter_.payload_received(share, use);
    shares[static_cast<std::size_t>(use)] += share;
    last = use;
  });
  meter_.spread(&ByteCount::received, shares);
  count_headers(last);
}

// A file is long enough for its permission to lapse on the way.
void Link::Impl::ask_again(std::size_t bytes) {
  since_asked_ += bytes;
  if (since_asked_ < ask_again_bytes) return;
  since_asked_ = 0;
  if (auto refused = refusal(Use::transfer)) end(*std::move(refused));
}

std::optional<Failure> Link::Impl::refusal(Use use) const {
  const auto granted = gate_->permit.may_spend(request_.target, use);
  if (granted) return std::nullopt;
  return failure(Code::permit_refused, granted.error().code + ": " + granted.error().sentence);
}

void Link::Impl::expect(Use use) {
  outbound_uses_.expect(use);
  inbound_uses_.expect(use);
}

void Link::Impl::count_headers(Use use) {
  if (!wire_.is_open()) return;
  const auto headers = segment_headers(wire_.native_handle(), remote_.address().is_v6());
  if (headers != ByteCount{}) meter_.headers(headers, use);
}

void Link::Impl::count_the_rest() {
  spread_outbound();
  Shares end{};
  end[static_cast<std::size_t>(Use::upkeep)] = 1;
  meter_.spread(&ByteCount::sent, end);
  meter_.spread(&ByteCount::received, end);
  count_headers(spending_.known ? spending_.sending : Use::upkeep);
}

}  // namespace oobm::uplink
