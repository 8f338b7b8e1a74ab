#include "tests/modem-sim/sim_line.hpp"

#include <algorithm>
#include <utility>

namespace oobm::modem_sim {
namespace {

constexpr std::string_view escape_sequence = "+++";

}  // namespace

void SimLine::restart() { *this = SimLine(); }

void SimLine::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (echo) put({&c, 1});
    if (c != '\r') {
      if (c != '\n' && input_.size() < max_command_bytes) input_ += c;
      continue;
    }
    if (waiting_.size() < max_waiting_commands && !input_.empty()) waiting_.push_back(input_);
    input_.clear();
  }
}

std::optional<std::string> SimLine::take_command() {
  if (busy || waiting_.empty()) return std::nullopt;
  auto line = std::move(waiting_.front());
  waiting_.pop_front();
  return line;
}

std::string SimLine::feed_data(std::string_view bytes, core::BootTime now) {
  const bool silent_before = now - last_data_at_ >= guard_time || pluses_ > 0;
  last_data_at_ = now;
  const bool more_pluses = bytes.find_first_not_of('+') == std::string_view::npos &&
                           pluses_ + bytes.size() <= escape_sequence.size();
  if (silent_before && more_pluses) {
    pluses_ += bytes.size();
    if (pluses_ == escape_sequence.size()) escape_at_ = now + guard_time;
    return {};
  }
  escape_at_.reset();
  return std::string(std::exchange(pluses_, 0), '+').append(bytes);
}

void SimLine::enter_data(core::BootTime now) {
  data_mode = call = true;
  last_data_at_ = now;
  input_.clear();
  waiting_.clear();
}

void SimLine::leave_data() {
  data_mode = false;
  pluses_ = 0;
  escape_at_.reset();
}

bool SimLine::take_escape(core::BootTime now) {
  if (!escape_at_ || *escape_at_ > now) return false;
  leave_data();
  return true;
}

void SimLine::put(std::string_view bytes) {
  if (output_.size() + bytes.size() <= max_output_bytes) output_ += bytes;
}

std::string SimLine::take_output(core::BootTime now, std::size_t largest_piece,
                                 std::mt19937_64& random) {
  if (largest_piece == 0) {
    next_piece_at_.reset();
    return std::exchange(output_, {});
  }
  if (output_.empty()) next_piece_at_.reset();
  if (output_.empty() || (next_piece_at_ && *next_piece_at_ > now)) return {};
  std::uniform_int_distribution<std::size_t> size(1, largest_piece);
  auto piece = output_.substr(0, size(random));
  output_.erase(0, piece.size());
  next_piece_at_ = now + core::Duration(1);
  return piece;
}

std::optional<core::BootTime> SimLine::deadline() const {
  if (!next_piece_at_ || !escape_at_) return next_piece_at_ ? next_piece_at_ : escape_at_;
  return std::min(*next_piece_at_, *escape_at_);
}

}  // namespace oobm::modem_sim
