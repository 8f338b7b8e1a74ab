// The log: one line per fact, key=value, so that people and programs read the same text. A value
// from outside can neither forge a line (it is quoted and escaped) nor flood the log (it is cut).
// Subscriber identity, nonces and keys are never logged: a field of such a name, or a value that
// looks like a private key or a signed statement, is replaced by "(withheld)".
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::daemon {

// RFC 5424 section 6.2.1, the five that are of use here.
enum class LogLevel : std::uint8_t { error, warning, notice, info, debug };
std::string_view to_text(LogLevel level);
// "error" ... "debug"; nothing for any other text.
std::optional<LogLevel> log_level_from_text(std::string_view text);

inline constexpr std::size_t max_log_value_bytes = 256;
inline constexpr std::size_t max_log_line_bytes = 1024;

struct LogField {
  std::string_view key;  // snake_case
  std::string value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "yes" : "no") {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  LogField(std::string_view k, T v) : key(k), value(std::to_string(v)) {}
};

// "event=session_ready instance=na text=\"two words\"", at most max_log_line_bytes, no line feed.
std::string log_line(std::string_view event, std::initializer_list<LogField> fields);

// Gets complete lines without level and line feed. Must be callable from any thread.
using LogSink = std::function<void(LogLevel, std::string_view line)>;

// "level=info event=..." on standard error, one write(2) each.
LogSink stderr_sink();
// syslog(3), facility daemon, ident "oobmd".
LogSink syslog_sink();

// Cheap to copy and to hand around; thread-safe as far as its sink is.
class Log {
 public:
  Log(LogLevel threshold, LogSink sink) : threshold_(threshold), sink_(std::move(sink)) {}

  void write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields = {}) const;

  void error(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::error, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::warning, event, fields);
  }
  void notice(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::notice, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::info, event, fields);
  }
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::debug, event, fields);
  }

 private:
  LogLevel threshold_;
  LogSink sink_;
};

}  // namespace oobm::daemon
