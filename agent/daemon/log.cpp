#include "agent/daemon/log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <syslog.h>
#include <unistd.h>

namespace oobm::daemon {
namespace {

constexpr std::array<std::string_view, 5> level_names{"error", "warning", "notice", "info",
                                                      "debug"};
constexpr std::array level_priorities{LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

constexpr std::string_view withheld = "(withheld)";
constexpr std::string_view cut_mark = "...";
constexpr std::string_view line_cut_mark = " cut=yes";
constexpr std::array<std::string_view, 8> secret_keys{"imsi",   "nonce", "password", "private_key",
                                                      "secret", "token", "jws",      "entitlement"};

// Long enough for header and claims: shorter text with dots is a host name or a version.
constexpr std::size_t min_jws_bytes = 60;

bool looks_secret(std::string_view value) {
  if (value.contains("-----BEGIN")) return true;
  // Compact JWS (RFC 7515 section 3.1): the header is JSON, so it begins with eyJ in base64url.
  return value.size() >= min_jws_bytes && value.contains("eyJ") &&
         std::ranges::count(value, '.') >= 2;
}

bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; }

void append_escaped(std::string& text, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '\n') {
    text += "\\n";
  } else if (c == '"' || c == '\\') {
    (text += '\\') += c;
  } else if (byte < 0x20 || byte >= 0x7f) {
    ((text += "\\x") += hex[byte >> 4]) += hex[byte & 0xf];
  } else {
    text += c;
  }
}

std::string shown_value(const LogField& field) {
  if (std::ranges::contains(secret_keys, field.key) || looks_secret(field.value))
    return std::string(withheld);
  const bool plain = !field.value.empty() && std::ranges::all_of(field.value, is_plain) &&
                     field.value.size() <= max_log_value_bytes;
  if (plain) return field.value;
  std::string text = "\"";
  for (const char c : field.value) {
    if (text.size() >= max_log_value_bytes) {
      text += cut_mark;
      break;
    }
    append_escaped(text, c);
  }
  return text += '"';
}

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;  // a log that cannot be written must not stop the agent
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

std::string_view to_text(LogLevel level) { return level_names[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> log_level_from_text(std::string_view text) {
  const auto* found = std::ranges::find(level_names, text);
  if (found == level_names.end()) return std::nullopt;
  return static_cast<LogLevel>(found - level_names.begin());
}

std::string log_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "event=" + shown_value({"event", event});
  for (const auto& field : fields) {
    const std::string value = shown_value(field);
    const auto length = 1 + field.key.size() + 1 + value.size();
    if (line.size() + length + line_cut_mark.size() > max_log_line_bytes)
      return line.append(line_cut_mark);
    line.append(" ").append(field.key).append("=").append(value);
  }
  return line;
}

LogSink stderr_sink() {
  return [](LogLevel level, std::string_view line) {
    std::string text = "level=";
    text.append(to_text(level)).append(" ").append(line).append("\n");
    write_all(text);
  };
}

LogSink syslog_sink() {
  ::openlog("oobmd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
  return [](LogLevel level, std::string_view line) {
    ::syslog(level_priorities[static_cast<std::size_t>(level)], "%.*s",
             static_cast<int>(line.size()), line.data());
  };
}

void Log::write(LogLevel level, std::string_view event,
                std::initializer_list<LogField> fields) const {
  if (level <= threshold_ && sink_) sink_(level, log_line(event, fields));
}

}  // namespace oobm::daemon
