#include "agent/alms/json_text.hpp"

#include <set>
#include <utility>
#include <vector>

#include "agent/alms/limits.hpp"

namespace oobm::alms {
namespace {

// Walks the text without building anything; returning false ends the walk.
class Guard : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return refuse("holds a binary value"); }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    return names_.back().insert(std::move(name)).second || refuse("names a member twice");
  }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return refuse("is not valid JSON near byte " + std::to_string(position));
  }

  std::string why;

 private:
  bool refuse(std::string reason) {
    why = std::move(reason);
    return false;
  }
  bool value() { return ++values_ <= max_json_values || refuse("holds too many values"); }
  bool open() {
    if (names_.size() == max_json_depth) return refuse("is nested too deeply");
    names_.emplace_back();
    return value();
  }
  bool close() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;  // one for each open array or object
  std::size_t values_ = 0;
};

}  // namespace

std::expected<Json, std::string> parse_json(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return std::unexpected("has " + std::to_string(text.size()) + " bytes, at most " +
                           std::to_string(max_bytes) + " are read");
  // The parser takes a NUL for the end of its input, and would believe what stands before it.
  if (text.contains('\0')) return std::unexpected("is not valid JSON: it holds a NUL byte");
  Guard guard;
  if (!Json::sax_parse(text, &guard)) return std::unexpected(std::move(guard.why));
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::unexpected("is not valid JSON");
  return json;
}

std::string print_json(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace oobm::alms
