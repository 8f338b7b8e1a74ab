"""Deliberate defects, each of which the tests must notice.

A defect replaces one piece of text, which its file holds exactly once, by another that compiles. `caught_by` names the
programs that are run against it, and at least one of them has to fail; `rule` says what the defect breaks. What is no
defect, because a second line of defence makes up for it, is not listed here: a list of its own says why (REDUNDANT).
"""

import typing


class Defect(typing.NamedTuple):
    name: str
    rule: str
    file: str
    was: str
    becomes: str
    caught_by: tuple = ("core_test",)


STATEMENT = "agent/core/statement.cpp"
CLOCK = "agent/core/trusted_clock.cpp"
LIFECYCLE = "agent/core/agent_lifecycle.cpp"
TASK = "agent/core/agent_task.cpp"
TABLE = "agent/core/capability.cpp"
REGION = "agent/core/region.cpp"
OUTBOX = "agent/core/outbox.cpp"
SLOTS = "agent/store/slots.cpp"

DEFECTS = [
    # Order of statements.
    Defect("drop the sequence check", "a replayed statement moves nothing", STATEMENT,
           "if (base.sequence <= memory->sequence)", "if (base.sequence == 0)"),
    Defect("forget superseded registrations", "a former registration stays refused", STATEMENT,
           "if (contains(inputs.superseded, base.registration))", "if (base.registration.empty())"),
    Defect("take a first statement that answers nothing", "a new registration answers our nonce", STATEMENT,
           "if (!inputs.outstanding_nonce || base.nonce != inputs.outstanding_nonce)",
           "if (!inputs.outstanding_nonce)"),
    Defect("never doubt what was signed", "a signer's clock that is wrong is noticed within a day", CLOCK,
           "if (!attested_ || !modem || !system) return false;", "if (!attested_ || !modem || system) return false;"),
    Defect("take a slow answer for a prompt one", "an answer was signed between the announcement and its arrival", CLOCK,
           "auto latest = issued_at + journey(at - asked);", "auto latest = issued_at + journey(asked - at);"),
    Defect("keep a reading beside the refused one", "a source's word is its newest", CLOCK,
           "  heard_[static_cast<std::size_t>(source)] = Evidence{value, at};\n  return why_refused(value).empty();",
           "  if (!why_refused(value).empty()) return false;\n"
           "  heard_[static_cast<std::size_t>(source)] = Evidence{value, at};\n  return true;"),
    Defect("believe late clocks about the age of a task", "what ran once is never younger than it is", CLOCK,
           "          told_by_both(at) ? TimeLevel::agreed : TimeLevel::network};",
           "          told_by_both(at) ? TimeLevel::agreed : TimeLevel::network, std::min(*modem, *system)};"),
    Defect("announce anew while an answer is awaited", "a nonce is good for the newest announcement", "agent/core/agent_session.cpp",
           "if (!link.online() || awaiting_reply) return;", "if (!link.online()) return;"),
    Defect("take the same nonce twice", "a nonce is of single use", LIFECYCLE,
           "    nonce.reset();\n    clock.attest(", "    clock.attest("),
    Defect("believe another instance's statement", "statements come from the router's own instance", STATEMENT,
           "if (base.issuer != placement.instance.id)", "if (base.issuer.empty())"),
    Defect("believe a statement for another serial number", "a statement names its router", STATEMENT,
           "if (base.subject != identity.serial.str())", "if (base.subject.empty())"),
    Defect("believe a statement for another IMEI", "a statement names its router", STATEMENT,
           "if (!identity.imei || base.imei != identity.imei->str())", "if (!identity.imei)"),
    Defect("serve a Standard account", "XR routers need an AVC account", STATEMENT,
           "if (entitlement.account.account_class != AccountClass::avc)",
           "if (entitlement.account.name.size() > 1'000'000)"),
    Defect("take an offer for another model", "offers are tied to device types", STATEMENT,
           "if (!offer.devices.empty() && !contains(offer.devices, identity.model))",
           "if (identity.model.empty())"),
    # Signatures.
    Defect("verify no signature", "only signed statements count", "agent/alms/statement.cpp",
           "if (!verify_es256(*key, jws->signing_input, jws->signature))",
           "if (!verify_es256(*key, jws->signing_input, jws->signature) && text.empty())", ("alms_test",)),
    Defect("take any signer for a trust set", "only a root signs keys", "agent/alms/statement.cpp",
           "jws->type == StatementType::trust ? ring.root(jws->key_id) : ring.signer(jws->key_id)",
           "ring.root(jws->key_id) != nullptr ? ring.root(jws->key_id) : ring.signer(jws->key_id)", ("alms_test",)),
    Defect("put an older trust set in force", "keys only rise in version", LIFECYCLE,
           "if (claims.version <= held)", "if (claims.version == 0 && held == 0)"),
    Defect("ask for nothing when the keys have come", "what was refused for its key is asked for again", LIFECYCLE,
           "if (key_missed) {", "if (key_missed && text.empty()) {"),
    # Trusted time.
    Defect("trust the system clock", "one clock is not two", LIFECYCLE,
           "const bool agreed = belief.level >= TimeLevel::agreed;",
           "const bool agreed = belief.level >= TimeLevel::network;"),
    Defect("let clocks agree that do not", "a contradiction suspends nobody", CLOCK,
           "distance(*modem, *system) > agreement_window) return std::nullopt;",
           "distance(*modem, *system) > agreement_window * 1'000'000) return std::nullopt;"),
    Defect("believe the later of two clocks", "a wrong clock ends no term", CLOCK,
           "std::max(std::min(*modem, *system), floor_)", "std::max(std::max(*modem, *system), floor_)"),
    Defect("let any statement turn time back", "time never runs back past the floor", CLOCK,
           "if (!absurd(issued_at)) floor_ = std::max(floor_, issued_at);",
           "if (!absurd(issued_at)) floor_ = issued_at;"),
    Defect("believe a clock of the next century", "an absurd clock is refused", CLOCK,
           "if (absurd(value)) return \"later than any firmware lives\";",
           "if (absurd(value) && behind_floor(value)) return \"later than any firmware lives\";"),
    Defect("end service with the term, without grace", "term and grace end service together", LIFECYCLE,
           ".over = (agreed && belief.time >= grace_end)", ".over = (agreed && belief.time >= end)"),
    Defect("let a clock that was turned back restore service", "what lapsed on agreed time returns on it", LIFECYCLE,
           "if (held.firm && state.reason == Reason::lapsed)", "if (held.runs && state.reason == Reason::lapsed)"),
    Defect("forget the floor at the end of grace", "no clock that is turned back keeps a term alive", LIFECYCLE,
           "(agreed && belief.time >= grace_end) || clock.floor() >= grace_end}",
           "(agreed && belief.time >= grace_end)}"),
    # What a state may do.
    Defect("suspend reports alone and serve tasks", "suspension withholds service in one place", TABLE,
           "/* service_task   */ {no,               no,               no,  yes, yes, no, ",
           "/* service_task   */ {no,               no,               no,  yes, yes, yes,"),
    Defect("report telemetry while suspended", "suspension withholds service in one place", TABLE,
           "/* telemetry      */ {no,               no,               no,  yes, yes, no, ",
           "/* telemetry      */ {no,               no,               no,  yes, yes, yes,"),
    Defect("never probe while suspended", "a suspended router learns of its renewal", TABLE,
           "/* connect        */ {by_schedule,      by_schedule,      yes, yes, yes, probe,        rare_probe,   no}",
           "/* connect        */ {by_schedule,      by_schedule,      yes, yes, yes, no,           rare_probe,   no}"),
    Defect("connect while blocked", "nothing leaves before the region is known to be right", TABLE,
           "probe,        rare_probe,   no},\n    /* lifecycle_task */",
           "probe,        rare_probe,   yes},\n    /* lifecycle_task */"),
    Defect("let the configuration override the region", "the SKU decides", REGION,
           "if (!serves(*pinned, entry.region))", "if (pinned->id.empty())"),
    Defect("guess the region of an unknown SKU", "an unknown SKU is refused", REGION,
           "if (entry == inputs.catalogue.end()) return refuse(Reason::sku_unknown, \"SKU \" + sku.str() + \".\");",
           "if (inputs.catalogue.empty()) return refuse(Reason::sku_unknown, sku.str());\n"
           "  if (entry == inputs.catalogue.end()) return inputs.catalogue.front();"),
    # Tasks.
    Defect("forget the ledger", "each task is carried out at most once", TASK,
           "const auto* known = find_task(state, task.uid);", "const auto* known = find_task(state, {});"),
    Defect("carry out retained tasks", "a retained task is nobody's order", TASK,
           "if (event.retained) {", "if (event.retained && task.uid.empty()) {"),
    Defect("let results go before they are stored", "what a step does is stored before any of it leaves",
           "agent/core/agent.cpp",
           "effects.insert(effects.begin(), Effect(Persist{}));", "effects.push_back(Effect(Persist{}));"),
    Defect("drop a result with its report", "a result waits until the broker has it", OUTBOX,
           "[id](const OutboxItem& item) { return item.id == id; }",
           "[id](const OutboxItem& item) { return item.id <= id + 1; }"),
    Defect("take tasks whose result finds no room", "no result is lost", OUTBOX,
           "return waiting_acks(state) + running(state) + places_for_reports < max_outbox_items;",
           "return waiting_acks(state) < max_outbox_items + running(state) + places_for_reports;"),
    Defect("run an interrupted task again", "an interrupted task is answered, not repeated", TASK,
           "else if (record.name == task_name(Diagnose{}))\n      emit(RunTask{record.uid, Diagnose{}});",
           "else if (record.name != task_name(Reboot{}))\n      emit(RunTask{record.uid, Diagnose{}});"),
    # The store.
    Defect("skip the fsync of the document", "a commit survives a loss of power", SLOTS,
           "  if (done) done = named(files_.sync(*handle), path);\n", "", ("store_test",)),
    Defect("skip the fsync of the folder", "a commit survives a loss of power", SLOTS,
           "\n      .and_then([&] { return files_.sync_folder(folder_); });", ";", ("store_test",)),
    Defect("overwrite the newest document", "one slot is whole at every instant", SLOTS,
           "target_ = found == slots_.data() ? 1 : 0;", "target_ = found == slots_.data() ? 0 : 1;", ("store_test",)),
    Defect("read past a wrong checksum", "a torn document is not read", SLOTS,
           "if (checksum != checksum_text(head, envelope.payload))",
           "if (checksum != checksum_text(head, envelope.payload) && head.empty())", ("store_test",)),
    Defect("fall back behind a newer schema", "an older document does not revive a router", SLOTS,
           "if (found->content == Content::newer) return LoadOutcome::newer_schema;",
           "if (found->payload.size() > max_document_bytes) return LoadOutcome::newer_schema;", ("store_test",)),
    Defect("forget that a module sends two final codes", "a second final code ends no other command", "hal/at/channel.cpp",
           "second_codes_ = true;", "second_codes_ = false;", ("at_test",)),
]

# Changes that were tried and that nothing can notice, with the reason.
REDUNDANT = [
    ("undo a suspension of ALMS by corrected time (agent_lifecycle.cpp, evaluate_term)",
     "the transition table asks again whether the router lapsed (guards lapsed_proven and lapsed_unproven)"),
]
