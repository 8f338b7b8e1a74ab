// Values under their data ids, each of the type that the table declares: a value of another type
// does not compile. What is unknown, empty, not finite or beyond AirVantage's type is left out.
// Internal to agent/alms.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/alms/data_ids.hpp"
#include "agent/alms/json_text.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"
#include "agent/core/task.hpp"
#include "agent/core/time.hpp"

namespace oobm::alms {

class DataWriter {
 public:
  template <DataId id>
  void boolean(bool value) {
    static_assert(row(id).type == DataType::boolean);
    put(id, value);
  }

  template <DataId id>
  void text(std::string_view value) {
    static_assert(row(id).type == DataType::text);
    if (!value.empty()) put(id, clean(value, max_text_bytes));
  }

  template <DataId id>
  void int32(std::integral auto value) {
    static_assert(row(id).type == DataType::int32);
    if (std::in_range<std::int32_t>(value)) put(id, static_cast<std::int32_t>(value));
  }

  // A measurement, rounded to the whole number that the platform's id takes.
  template <DataId id>
  void rounded(std::optional<double> value) {
    constexpr double most = std::numeric_limits<std::int32_t>::max();
    if (value && std::abs(*value) < most) int32<id>(std::lround(*value));
  }

  template <DataId id>
  void real(std::optional<double> value) {
    static_assert(row(id).type == DataType::real);
    if (value && std::isfinite(*value)) put(id, number(*value));
  }

  template <DataId id>
  void bytes(std::uint64_t value) {
    real<id>(static_cast<double>(value));
  }

  template <DataId id>
  void date(std::optional<core::UnixTime> value) {
    static_assert(row(id).type == DataType::date);
    if (value && value->seconds >= 0 && value->seconds <= max_numeric_date)
      put(id, value->seconds * 1000);
  }

  // A setting, under the id that the core gave it.
  void setting(const std::string& id, const core::Value& value);

  // Keeps these ids only.
  void keep(const std::vector<std::string>& ids);

  [[nodiscard]] const Json& values() const { return values_; }

 private:
  void put(DataId id, Json value) { values_[std::string(wire(id))] = std::move(value); }
  // Without a fraction where there is none: both readings of the platform's type then agree.
  static Json number(double value);

  Json values_ = Json::object();
};

}  // namespace oobm::alms
