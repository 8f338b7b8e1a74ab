#include "agent/alms/task_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "agent/alms/fields.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using core::TaskBody;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= max_id_bytes && is_printable(text);
}

std::optional<core::Value> read_number(const Json& value) {
  if (!value.is_number_integer()) return value.get<double>();
  if (value.is_number_unsigned() && !std::in_range<std::int64_t>(value.get<std::uint64_t>()))
    return value.get<double>();
  const auto integer = value.get<std::int64_t>();
  if (std::in_range<std::int32_t>(integer)) return static_cast<std::int32_t>(integer);
  return static_cast<double>(integer);
}

std::optional<core::Value> read_value(const Json& value) {
  if (const auto* flag = value.get_ptr<const bool*>()) return *flag;
  if (value.is_number()) return read_number(value);
  const auto* text = value.get_ptr<const std::string*>();
  if (text != nullptr && text->size() <= max_value_bytes) return *text;
  return std::nullopt;
}

}  // namespace

TaskBody bad_task(Reason reason, std::string detail) {
  detail.resize(std::min(detail.size(), max_detail_bytes));
  return core::BadTask{core::Refusal{reason, std::move(detail)}};
}

TaskBody decode_read(const Json& value) {
  if (!value.is_array() || value.empty() || value.size() > max_read_ids)
    return bad_task(Reason::bad_parameter, "read takes a list of 1 to 64 data ids.");
  core::ReadData read;
  for (const auto& item : value) {
    const auto* id = item.get_ptr<const std::string*>();
    if (id == nullptr || !is_id(*id))
      return bad_task(Reason::bad_parameter, "read names something that is no data id.");
    read.ids.push_back(*id);
  }
  return read;
}

TaskBody decode_write(const Json& value) {
  if (!value.is_array() || value.size() > max_write_settings)
    return bad_task(Reason::bad_parameter, "write takes a list of objects with settings.");
  core::WriteSettings write;
  for (const auto& object : value) {
    if (!object.is_object())
      return bad_task(Reason::bad_parameter, "write takes a list of objects with settings.");
    for (const auto& [id, setting] : object.items()) {
      const auto read = read_value(setting);
      if (!is_id(id) || !read)
        return bad_task(Reason::bad_parameter,
                        "Setting " + in_quotes(id) + " has no usable value.");
      if (!write.settings.emplace(id, *read).second)
        return bad_task(Reason::bad_parameter, "Setting " + in_quotes(id) + " is given twice.");
    }
  }
  if (write.settings.empty() || write.settings.size() > max_write_settings)
    return bad_task(Reason::bad_parameter, "write takes 1 to 16 settings.");
  return write;
}

TaskBody decode_install(const Json& value) {
  std::string error;
  Fields fields(value, error, "swinstall.");
  core::SoftwareInstall install;
  fields.text("type", max_package_type_bytes, install.type);
  fields.text("revision", max_revision_bytes, install.revision);
  fields.text("url", max_url_bytes, install.url);
  if (!is_visible_ascii(install.type + install.revision + install.url))
    fields.fail("type, revision, url", "hold a character that is not visible ASCII");
  if (fields.failed()) return bad_task(Reason::bad_parameter, error + ".");
  return install;
}

}  // namespace oobm::alms
