// Every bound that untrusted text from the network meets before and while it is parsed. What
// exceeds one is refused with a reason of its own; nothing is cut short and then believed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/core/statement.hpp"

namespace oobm::alms {

inline constexpr std::size_t max_message_bytes = std::size_t{64} * 1024;  // one MQTT payload
inline constexpr std::size_t max_task_bytes = std::size_t{4} * 1024;      // one task, compact JSON
inline constexpr std::size_t max_statement_bytes = core::statement_max_bytes;
inline constexpr std::size_t max_json_depth = 8;      // arrays and objects inside each other
inline constexpr std::size_t max_json_values = 4096;  // values of one text, at any depth

inline constexpr std::size_t max_tasks = 16;  // in one message
inline constexpr std::size_t max_uid_chars = 64;
inline constexpr std::size_t max_id_bytes = 64;        // a data id or a command id
inline constexpr std::size_t max_read_ids = 64;        // in one `read`
inline constexpr std::size_t max_write_settings = 16;  // in one `write`
inline constexpr std::size_t max_value_bytes = 256;    // a string value of a setting
inline constexpr std::size_t max_code_bytes = 64;
inline constexpr std::size_t max_text_bytes = 200;  // words for people
inline constexpr std::size_t max_nonce_bytes = 64;
inline constexpr std::size_t max_package_type_bytes = 128;
inline constexpr std::size_t max_revision_bytes = 64;
inline constexpr std::size_t max_url_bytes = 1024;
inline constexpr std::size_t max_ack_message_bytes = 240;
inline constexpr std::size_t max_detail_bytes = 200;  // core::Refusal::detail

inline constexpr std::size_t max_issuer_bytes = 32;
inline constexpr std::size_t max_claim_id_bytes = 64;    // jti, reg, kid, account id
inline constexpr std::size_t max_claim_name_bytes = 96;  // names of account and offer
inline constexpr std::size_t max_claim_list = 16;        // devices, services
inline constexpr std::size_t max_list_item_bytes = 32;
inline constexpr std::size_t max_trust_keys = 8;
inline constexpr std::size_t min_root_keys = 2;
inline constexpr std::size_t max_root_keys = 8;

// AirVantage's int is 32-bit, and the sequence is reported as one.
inline constexpr std::int64_t max_sequence = 2'147'483'647;
// 9999-12-31T23:59:59Z in seconds: the last instant that RFC 3339 can write.
inline constexpr std::int64_t max_numeric_date = 253'402'300'799;
// Integers beyond 2^53 do not survive every JSON implementation (RFC 8259 section 6).
inline constexpr std::int64_t max_json_integer = 9'007'199'254'740'991;

}  // namespace oobm::alms
