// A name server of a few lines on the loopback interface, which answers, refuses, delays or loses
// as a test says.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/udp.hpp>
#include <asio/steady_timer.hpp>

namespace oobm::uplink::test {

// UDP alone; RFC 1035 section 4, RFC 3596 section 2.
class NameServer {
 public:
  explicit NameServer(asio::io_context& loop,
                      const asio::ip::address& at = asio::ip::address_v4::loopback())
      : loop_(loop), socket_(loop, udp::endpoint(at, 0)) {
    receive();
  }

  // With its port: "127.0.0.1:5353", "[::1]:5353".
  std::string address() const {
    const auto here = socket_.local_endpoint();
    const auto text = here.address().to_string();
    return (here.address().is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(here.port());
  }

  std::vector<std::string> v4{"127.0.0.1"};
  std::vector<std::string> v6;
  std::chrono::milliseconds v4_delay{0};
  std::chrono::milliseconds v6_delay{0};
  std::uint8_t response_code = 0;
  bool silent = false;
  bool v6_silent = false;
  bool rubbish = false;
  int lose = 0;  // so many questions of each family are not heard
  int questions = 0;
  std::vector<std::string> names;  // that were asked for, in small letters

 private:
  using udp = asio::ip::udp;
  static constexpr std::uint8_t type_a = 1;
  static constexpr std::uint8_t type_aaaa = 28;

  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_,
                               [this](const asio::error_code& error, std::size_t size) {
                                 if (error) return;
                                 ++questions;
                                 if (!silent) answer(size);
                                 receive();
                               });
  }

  void answer(std::size_t size) {
    std::size_t at = 12;
    std::string name;
    while (at < size && buffer_[at] != 0) {
      name.append(name.empty() ? "" : ".");
      for (std::size_t i = 1; i <= buffer_[at] && at + i < size; ++i)
        name += static_cast<char>(buffer_[at + i] | 0x20U);  // names come in mixed case
      at += buffer_[at] + 1U;
    }
    const std::size_t question_end = at + 5;
    if (question_end > size) return;
    names.push_back(name);
    const bool is_v6 = buffer_[at + 2] == type_aaaa;
    if (int& lost = is_v6 ? lost_v6_ : lost_v4_; lost < lose) {
      ++lost;
      return;
    }
    if (is_v6 && v6_silent) return;
    std::vector<std::uint8_t> reply(buffer_.begin(),
                                    buffer_.begin() + static_cast<long>(question_end));
    reply[2] = 0x81;
    reply[3] = static_cast<std::uint8_t>(0x80 | response_code);
    reply[4] = 0;
    reply[5] = 1;
    for (std::size_t i = 6; i < 12; ++i) reply[i] = 0;
    if (response_code == 0) add_addresses(reply, is_v6);
    if (rubbish) reply.resize(13);
    send(std::move(reply), is_v6 ? v6_delay : v4_delay);
  }

  void add_addresses(std::vector<std::uint8_t>& reply, bool is_v6) const {
    const auto& addresses = is_v6 ? v6 : v4;
    reply[7] = static_cast<std::uint8_t>(addresses.size());
    for (const auto& text : addresses) {
      const auto address = asio::ip::make_address(text);
      const auto append = [&reply](const auto& bytes) {
        reply.push_back(static_cast<std::uint8_t>(bytes.size()));
        reply.insert(reply.end(), bytes.begin(), bytes.end());
      };
      reply.insert(reply.end(), {0xC0, 12, 0, is_v6 ? type_aaaa : type_a, 0, 1, 0, 0, 0, 60, 0});
      is_v6 ? append(address.to_v6().to_bytes()) : append(address.to_v4().to_bytes());
    }
  }

  void send(std::vector<std::uint8_t> reply, std::chrono::milliseconds delay) {
    auto timer = std::make_shared<asio::steady_timer>(loop_, delay);
    timer->async_wait(
        [this, timer, to = from_, reply = std::move(reply)](const asio::error_code& error) {
          if (!error) socket_.send_to(asio::buffer(reply), to);
        });
  }

  asio::io_context& loop_;
  udp::socket socket_;
  udp::endpoint from_;
  std::array<std::uint8_t, 512> buffer_{};
  int lost_v4_ = 0;
  int lost_v6_ = 0;
};

}  // namespace oobm::uplink::test
