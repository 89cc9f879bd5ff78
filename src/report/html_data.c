/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_data.h"

#include "base/json_text.h"
#include "report/rule_troubles.h"
#include "story/attack.h"

static void member(SekBuf *out, const char *key, SekStr value) {
    sek_buf_addc(out, ',');
    sek_json_member(out, key, value, true);
}

static void strings(SekBuf *out, const char *key, const SekStr *items, size_t n) {
    sek_buf_addf(out, ",\"%s\":", key);
    sek_json_strings(out, items, n, true);
}

void sek_html_rule(SekBuf *out, const SekRuleInfo *r) {
    sek_buf_addc(out, '{');
    sek_json_member(out, "id", r->id, true);
    member(out, "title", r->title);
    member(out, "level", sek_str(sek_level_name(r->level)));
    member(out, "status", r->status);
    member(out, "author", r->author);
    member(out, "description", r->description);
    strings(out, "references", r->references, r->n_references);
    strings(out, "falsepositives", r->falsepositives, r->n_falsepositives);
    strings(out, "tags", r->tags, r->n_tags);
    strings(out, "techniques", r->techniques, r->n_techniques);
    sek_buf_adds(out, ",\"tactics\":");
    sek_json_tactics(out, r);
    member(out, "source", r->source);
    member(out, "text", r->text);
    sek_buf_addc(out, '}');
}

void sek_html_pairs(SekBuf *out, const SekPair *pairs, size_t n) {
    sek_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        sek_buf_adds(out, i ? ",[" : "[");
        sek_json_string(out, pairs[i].field, true);
        sek_buf_addc(out, ',');
        sek_json_string(out, pairs[i].value, true);
        sek_buf_addc(out, ']');
    }
    sek_buf_addc(out, ']');
}

#define COMMAND_SHOWN 400u /* bytes of an ancestor's command line: every event of a tree has them again */

/* What stands above the event's process, nearest first. */
static void ancestors(SekBuf *out, const SekFindingEvent *e) {
    sek_buf_adds(out, ",\"ancestors\":[");
    for (size_t i = 0; i < e->n_ancestors; i++) {
        const SekAncestorInfo *a = &e->ancestors[i];
        SekStr command = a->command_line;
        size_t cut = command.len > COMMAND_SHOWN ? COMMAND_SHOWN : command.len;
        while (cut < command.len && cut > 0 && ((uint8_t)command.ptr[cut] & 0xC0) == 0x80)
            cut--;
        sek_buf_addf(out, "%s{\"depth\":%u,\"pid\":%u", i ? "," : "", a->depth, a->pid);
        member(out, "image", a->image);
        member(out, "command", sek_str_n(command.ptr, cut));
        if (a->time) {
            sek_buf_adds(out, ",\"time\":\"");
            sek_add_time(out, a->time);
            sek_buf_addc(out, '"');
        }
        if (a->inferred)
            sek_buf_adds(out, ",\"inferred\":true");
        if (*a->why)
            member(out, "why", sek_str(a->why));
        sek_buf_addc(out, '}');
    }
    sek_buf_addc(out, ']');
}

void sek_html_event(SekBuf *out, const SekFindingEvent *e) {
    sek_buf_addf(out, "{\"file\":%zu,\"record\":%ju,\"time\":\"", e->file_index, (uintmax_t)e->record_id);
    sek_add_time(out, e->time);
    sek_buf_addc(out, '"');
    member(out, "host", e->host);
    member(out, "channel", e->channel);
    member(out, "provider", e->provider);
    sek_buf_addf(out, ",\"event_id\":%u", e->event_id);
    if (e->recovered)
        sek_buf_adds(out, ",\"recovered\":true");
    sek_buf_adds(out, ",\"fields\":");
    sek_html_pairs(out, e->fields, e->n_fields);
    member(out, "xml", e->xml);
    if (e->n_ancestors) {
        member(out, "tree", e->process_tree);
        ancestors(out, e);
        if (e->ancestors_cut)
            sek_buf_adds(out, ",\"ancestors_cut\":true");
    }
    sek_buf_addc(out, '}');
}

void sek_html_layer(SekBuf *out, const SekLayerInfo *layer) {
    sek_buf_adds(out, ",\"decoded\":{");
    sek_json_member(out, "field", layer->field, true);
    member(out, "part", layer->part);
    member(out, "kind", layer->kind);
    member(out, "steps", layer->steps);
    member(out, "text", layer->text);
    sek_buf_addf(out, ",\"partial\":%s}", layer->partial ? "true" : "false");
}

void sek_html_script(SekBuf *out, const SekScriptInfo *script) {
    sek_buf_addf(out, ",\"script\":{\"total\":%u,\"parts\":%zu", script->total, script->n_parts);
    member(out, "missing", script->missing);
    sek_buf_addf(out, ",\"conflicts\":%u,\"cut\":%s,\"events\":[", script->n_conflicts,
                 script->cut ? "true" : "false");
    for (size_t i = 0; i < script->n_listed; i++) {
        sek_buf_addf(out, "%s{\"part\":%u,\"record\":%ju", i ? "," : "", script->parts[i].number,
                     (uintmax_t)script->parts[i].record_id);
        member(out, "file", script->parts[i].file);
        sek_buf_addc(out, '}');
    }
    sek_buf_adds(out, "]}");
}

static void technique(SekBuf *out, const SekTechnique *t) {
    sek_buf_addf(out, "[\"%s\",", t->id);
    sek_json_string(out, sek_str(t->name), true);
    sek_buf_adds(out, ",[");
    bool first = true;
    for (unsigned i = 0; i < sek_n_tactics; i++)
        if (t->tactics & 1u << i) {
            sek_buf_addf(out, "%s\"%s\"", first ? "" : ",", sek_tactics[i].shortname);
            first = false;
        }
    sek_buf_adds(out, "]]");
}

void sek_html_attack(SekBuf *out) {
    sek_buf_addf(out, ",\"attack\":{\"version\":\"%s\",\"tactics\":[", SEK_ATTACK_VERSION);
    for (unsigned i = 0; i < sek_n_tactics; i++)
        sek_buf_addf(out, "%s{\"id\":\"%s\",\"short\":\"%s\",\"name\":\"%s\"}", i ? "," : "", sek_tactics[i].id,
                     sek_tactics[i].shortname, sek_tactics[i].name);
    sek_buf_adds(out, "],\"techniques\":[");
    for (unsigned i = 0; i < sek_n_techniques; i++) {
        if (i)
            sek_buf_addc(out, ',');
        technique(out, &sek_techniques[i]);
    }
    sek_buf_adds(out, "]}");
}

static void damage(SekBuf *out, const SekDamage *d) {
    SekBuf text;
    sek_buf_init(&text, 4096);
    sek_buf_adds(&text, d->what);
    if (d->has_numbers)
        sek_buf_addf(&text, ": expected %ju, found %ju", (uintmax_t)d->expected, (uintmax_t)d->found);
    if (d->example[0])
        sek_buf_addf(&text, ": %s", d->example);
    sek_buf_addf(out, "{\"offset\":%ju", (uintmax_t)d->offset);
    member(out, "what", sek_buf_str(&text));
    sek_buf_addc(out, '}');
    sek_buf_deinit(&text);
}

static void file(SekBuf *out, const SekFileEntry *f) {
    sek_buf_addc(out, '{');
    sek_json_member(out, "path", f->path, true);
    sek_buf_addf(out, ",\"bytes\":%ju,\"chunks\":%ju,\"records\":%ju,\"recovered\":%ju,\"bad_records\":%ju",
                 (uintmax_t)(f->size ? f->size : f->stats.bytes), (uintmax_t)f->stats.chunks,
                 (uintmax_t)f->stats.records, (uintmax_t)f->stats.recovered, (uintmax_t)f->stats.bad_records);
    sek_buf_addf(out, ",\"status\":\"%s\",\"first\":\"", sek_file_status_name(f->status));
    sek_add_time(out, f->stats.first_time);
    sek_buf_adds(out, "\",\"last\":\"");
    sek_add_time(out, f->stats.last_time);
    sek_buf_addc(out, '"');
    member(out, "reason", f->reason);
    sek_buf_adds(out, ",\"damages\":[");
    for (uint32_t i = 0; i < f->n_damages; i++) {
        if (i)
            sek_buf_addc(out, ',');
        damage(out, &f->damages[i]);
    }
    sek_buf_addf(out, "],\"more_damages\":%ju}", (uintmax_t)f->n_more_damages);
}

void sek_html_files(SekBuf *out, const SekRunResult *result) {
    sek_buf_adds(out, ",\"files\":[");
    for (uint32_t i = 0; i < result->ledger->n_files; i++) {
        if (i)
            sek_buf_addc(out, ',');
        file(out, result->ledger->files[result->file_order[i]]);
    }
    sek_buf_addc(out, ']');
}

static void bound(SekBuf *out, const char *key, uint64_t time) {
    sek_buf_addf(out, ",\"%s\":", key);
    if (time)
        sek_buf_addc(out, '"');
    sek_add_time(out, time);
    sek_buf_adds(out, time ? "\"" : "null");
}

/* The page lists those without a finding too; events without a computer are no host. */
static void hosts(SekBuf *out, const SekRunResult *result) {
    const char *comma = "";
    sek_buf_adds(out, ",\"hosts\":[");
    for (uint32_t i = 0; i < result->n_hosts; i++) {
        const SekHost *host = &result->hosts[i];
        if (host->name.len == 0)
            continue;
        sek_buf_addf(out, "%s{\"records\":%ju", comma, (uintmax_t)host->records);
        member(out, "name", host->name);
        sek_buf_addc(out, '}');
        comma = ",";
    }
    sek_buf_addc(out, ']');
}

void sek_html_summary(SekBuf *out, const SekRunResult *result, uint64_t dropped) {
    const SekSummary *s = result->summary;
    SekRuleCounts rules = sek_ruleset_counts(result->rules);
    sek_buf_addf(out, ",\"summary\":{\"bytes\":%ju,\"records\":%ju,\"files_read\":%zu,\"files_skipped\":%zu",
                 (uintmax_t)s->bytes, (uintmax_t)s->records, s->files_read + s->files_partly, s->files_skipped);
    sek_buf_addf(out, ",\"rules_loaded\":%zu,\"findings_dropped\":%ju,\"regex_gave_up\":%ju",
                 rules.loaded, (uintmax_t)dropped, (uintmax_t)s->regex_gave_up);
    sek_buf_addf(out, ",\"rules_left_out\":%zu,\"rules_disabled\":%zu", rules.left_out, rules.disabled);
    sek_buf_addf(out, ",\"files_ignored\":%zu,\"correlation_dropped\":%ju", s->files_ignored,
                 (uintmax_t)s->correlation_dropped);
    sek_buf_addf(out, ",\"correlation_copies\":%ju", (uintmax_t)s->correlation_copies);
    sek_buf_addf(out, ",\"fragments_dropped\":%ju", (uintmax_t)s->fragments_dropped);
    sek_buf_addf(out, ",\"findings\":%ju,\"damages\":%ju,\"losses\":%ju,\"bad_records\":%ju", (uintmax_t)s->findings,
                 (uintmax_t)s->damages, (uintmax_t)s->losses, (uintmax_t)s->bad_records);
    sek_buf_addf(out, ",\"records_without_time\":%ju", (uintmax_t)s->records_without_time);
    sek_buf_addf(out, ",\"records_renamed\":%ju", (uintmax_t)s->records_renamed);
    hosts(out, result);
    sek_json_rule_troubles(out, result);
    bound(out, "from", result->from);
    bound(out, "to", result->to);
    sek_buf_addf(out, ",\"min_level\":\"%s\"}", sek_level_name(result->min_level));
}
