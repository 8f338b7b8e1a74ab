#include "agent/daemon/bundle_desk.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/post.hpp>

#include "agent/core/reason.hpp"

namespace oobm::daemon {
namespace {

using core::Reason;

struct AnswerRow {
  TransferCode code;
  Reason reason;
};
// All others: upload_failed.
constexpr std::array answer_rows{
    AnswerRow{TransferCode::url_malformed, Reason::bad_parameter},
    AnswerRow{TransferCode::url_not_https, Reason::bad_parameter},
    AnswerRow{TransferCode::busy, Reason::busy},
    AnswerRow{TransferCode::data_used_up, Reason::data_allowance},
    AnswerRow{TransferCode::not_installed, Reason::not_installed},
};

Reason reason_of(std::string_view code) {
  const auto* found = std::ranges::find_if(
      answer_rows, [&](const AnswerRow& each) { return row(each.code).name == code; });
  return found == answer_rows.end() ? Reason::upload_failed : found->reason;
}

core::Ack refusal(const std::string& uid, std::string_view code, const std::string& sentence) {
  return {.uid = uid,
          .ok = false,
          .message = std::string(core::code(reason_of(code))) + ": " + sentence};
}

}  // namespace

core::Ack bundle_answer(const std::string& uid, const TransferView& ended) {
  if (ended.state != TransferView::State::done) return refusal(uid, ended.code, ended.sentence);
  return {.uid = uid, .ok = true, .message = std::to_string(ended.total) + " bytes"};
}

core::Ack bundle_answer(const std::string& uid, const TransferFailure& refused) {
  return refusal(uid, row(refused.code).name, to_text(refused));
}

BundleDesk::BundleDesk(asio::io_context& loop, TransferDesk& transfers, Links links)
    : loop_(loop), transfers_(transfers), links_(std::move(links)) {}

void BundleDesk::send(const std::string& uid, const core::SendSupportBundle& order) {
  auto file = MemoryFile::of(bundle_file, links_.bundle());
  if (!file)
    return answer(bundle_answer(uid, TransferFailure{TransferCode::write_failed, file.error()}));
  TransferOrder upload;
  upload.url = order.url;
  upload.name = bundle_file;
  upload.content = std::make_shared<const MemoryFile>(*std::move(file));
  upload.content_type = "application/json";
  upload.ended = [this, uid](const TransferView& view) {
    // The daemon leaves; the ledger still knows the task.
    if (view.code != row(TransferCode::stopped).name) answer(bundle_answer(uid, view));
  };
  const auto taken = transfers_.submit(upload);
  if (!taken) answer(bundle_answer(uid, taken.error()));
}

void BundleDesk::answer(core::Ack ack) {
  asio::post(loop_, [this, life = std::weak_ptr(life_), ack = std::move(ack)] {
    if (life.lock()) links_.answer(core::TaskFinished{ack});
  });
}

}  // namespace oobm::daemon
