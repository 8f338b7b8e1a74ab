#include "agent/alms/data_writer.hpp"

#include <algorithm>

namespace oobm::alms {

Json DataWriter::number(double value) {
  const bool whole =
      std::abs(value) <= static_cast<double>(max_json_integer) && std::trunc(value) == value;
  return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

void DataWriter::setting(const std::string& id, const core::Value& value) {
  struct Print {
    Json operator()(bool flag) const { return flag; }
    Json operator()(std::int32_t integer) const { return integer; }
    Json operator()(double real) const { return std::isfinite(real) ? number(real) : Json(); }
    Json operator()(const std::string& text) const { return clean(text, max_value_bytes); }
    Json operator()(const core::Date& date) const { return date.milliseconds; }
  };
  auto printed = std::visit(Print{}, value);
  if (!printed.is_null()) values_[id] = std::move(printed);
}

void DataWriter::keep(const std::vector<std::string>& ids) {
  Json kept = Json::object();
  for (const auto& id : ids)
    if (const auto found = values_.find(id); found != values_.end()) kept[id] = *found;
  values_ = std::move(kept);
}

}  // namespace oobm::alms
