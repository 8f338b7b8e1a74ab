#include "agent/daemon/event_log.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "agent/daemon/time_text.hpp"

namespace oobm::daemon {

const EventRecord& EventLog::add(EventRecord record) {
  record.sequence = next_sequence_++;
  if (record.text.size() > max_event_text_bytes) record.text.resize(max_event_text_bytes);
  records_.push_back(std::move(record));
  if (records_.size() > capacity_) records_.pop_front();
  if (listener_) listener_(records_.back());
  return records_.back();
}

std::uint64_t EventLog::dropped() const { return next_sequence_ - 1 - records_.size(); }

std::string to_json(const EventRecord& record) {
  nlohmann::ordered_json object{{"seq", record.sequence}, {"at_ms", record.at.since_boot.count()}};
  if (record.time) object["time"] = rfc3339(*record.time);
  object["event"] = record.event;
  if (record.reason != core::Reason::none) {
    object["code"] = core::code(record.reason);
    object["sentence"] = core::row(record.reason).sentence;
  }
  if (!record.text.empty()) object["text"] = record.text;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace oobm::daemon
