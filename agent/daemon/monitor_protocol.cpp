#include "agent/daemon/monitor_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "agent/daemon/package_guard.hpp"
#include "agent/daemon/transfer_helper.hpp"
#include "hal/board/helper_board.hpp"
#include "hal/board/verbs.hpp"

namespace oobm::daemon {
namespace {

constexpr std::size_t head_bytes = 5;  // what is asked, and the number, its lowest byte first
constexpr std::size_t number_bytes = 4;
constexpr std::size_t plan_texts = 10;  // before the environment
constexpr std::size_t plan_paths = 5;   // the first of them

void append_number(std::string& bytes, std::uint32_t value) {
  for (std::size_t i = 0; i < number_bytes; ++i)
    bytes.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < number_bytes; ++i)
    value |= std::uint32_t{static_cast<std::uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}

bool read_texts(std::string_view bytes, std::vector<std::string>& texts) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\0');
    if (end == std::string_view::npos || texts.size() == max_monitor_texts) return false;
    texts.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  return true;
}

std::optional<std::uint32_t> decimal(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value == 0 || value == UINT32_MAX)
    return std::nullopt;
  return value;
}

}  // namespace

std::string to_bytes(const MonitorRequest& request) {
  std::string bytes(1, static_cast<char>(request.ask));
  append_number(bytes, request.number);
  for (const auto& text : request.texts) bytes.append(text).push_back('\0');
  return bytes;
}

std::optional<MonitorRequest> request_from(std::string_view bytes) {
  if (bytes.size() < head_bytes || bytes.size() > max_monitor_request_bytes) return std::nullopt;
  const auto ask = static_cast<std::uint8_t>(bytes[0]);
  if (ask > std::to_underlying(Ask::alive)) return std::nullopt;
  MonitorRequest request{.ask = Ask{ask}, .number = number_at(bytes, 1)};
  if (!read_texts(bytes.substr(head_bytes), request.texts)) return std::nullopt;
  return request;
}

MonitorRequest to_request(const MonitorPlan& plan) {
  MonitorRequest request{
      .ask = Ask::plan,
      .texts = {plan.board_helper, plan.transfer_helper, plan.state_folder, plan.run_folder,
                plan.instances_file, plan.port, plan.instance, plan.version,
                std::to_string(plan.user), std::to_string(plan.group)}};
  request.texts.insert(request.texts.end(), plan.environment.begin(), plan.environment.end());
  return request;
}

std::expected<MonitorPlan, std::string> plan_from(const MonitorRequest& request) {
  const auto& texts = request.texts;
  if (request.ask != Ask::plan || texts.size() < plan_texts)
    return std::unexpected("this is no plan");
  const auto user = decimal(texts[8]);
  const auto group = decimal(texts[9]);
  if (!user || !group) return std::unexpected("the daemon's user must not be root");
  if (!std::ranges::all_of(std::span(texts).first(plan_paths),
                           [](const auto& path) { return path.starts_with('/'); }))
    return std::unexpected("a path does not begin with '/'");
  return MonitorPlan{.board_helper = texts[0],
                     .transfer_helper = texts[1],
                     .port = texts[5],
                     .state_folder = texts[2],
                     .run_folder = texts[3],
                     .instances_file = texts[4],
                     .instance = texts[6],
                     .version = texts[7],
                     .user = *user,
                     .group = *group,
                     .environment = {texts.begin() + plan_texts, texts.end()}};
}

std::optional<std::size_t> descriptors_of(const MonitorPlan& plan, const MonitorRequest& run) {
  constexpr std::size_t of_board = 2;
  constexpr std::size_t of_transfer = 4;
  if (run.ask != Ask::run || run.number == 0 || run.texts.empty()) return std::nullopt;
  if (run.texts[0] == transfer_helper_role)
    return run.texts.size() == 1 ? std::optional(of_transfer) : std::nullopt;
  if (run.texts[0] != hal::board_helper_role || run.texts.size() < 2) return std::nullopt;
  const auto arguments = std::span(run.texts).subspan(2);
  if (!hal::is_board_request(run.texts[1], arguments)) return std::nullopt;
  // What root looks at is what the daemon has fetched, and no other file that root can read.
  const bool file = !arguments.empty() && arguments[0].starts_with('/');
  if (file && arguments[0] != given_package(plan)) return std::nullopt;
  return of_board;
}

bool is_planned_port(const MonitorPlan& plan, std::string_view path,
                     const hal::DeviceFolders& folders) {
  const auto port = hal::find_port(plan.port, folders);
  return port && !port->empty() && *port == path;
}

std::string to_bytes(const MonitorAnswer& answer) {
  std::string bytes(1, static_cast<char>(answer.kind));
  append_number(bytes, answer.number);
  append_number(bytes, static_cast<std::uint32_t>(answer.value));
  return bytes;
}

std::optional<MonitorAnswer> answer_from(std::string_view bytes) {
  if (bytes.size() != monitor_answer_bytes) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(bytes[0]);
  if (kind > std::to_underlying(MonitorAnswer::Kind::signalled)) return std::nullopt;
  return MonitorAnswer{.kind = MonitorAnswer::Kind{kind},
                       .number = number_at(bytes, 1),
                       .value = static_cast<std::int32_t>(number_at(bytes, 1 + number_bytes))};
}

}  // namespace oobm::daemon
