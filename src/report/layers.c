/* SPDX-License-Identifier: Apache-2.0 */

/* Layers and indicators as text for a terminal and as JSON Lines. Everything that comes from evidence is
 * quoted (base/json_text.h). */
#include "report/layers.h"

#include "base/json_text.h"
#include "base/timestamp.h"
#include "report/stream.h"
#include "report/terminal.h"

bool sek_layer_is_superseded(const SekLayers *layers, uint32_t index) {
    for (uint32_t i = index + 1; i < layers->n; i++)
        if (layers->items[i].parent == index && layers->items[i].folded)
            return true;
    return false;
}

/* --- text --- */

static void add_origin(SekBuf *out, const SekTextOrigin *o, bool colour) {
    sek_add_style(out, SEK_STYLE_BOLD, colour);
    sek_quote_line(out, o->source);
    if (o->event) {
        sek_buf_addf(out, "  record %ju  ", (uintmax_t)o->record_id);
        sek_add_time(out, o->time);
        sek_buf_adds(out, "  ");
        sek_quote_line(out, o->computer);
        sek_buf_addf(out, "  event %u  ", o->event_id);
        sek_quote_line(out, o->field);
        if (o->part.len)
            sek_buf_addc(out, '/');
        sek_quote_line(out, o->part);
    }
    if (o->script) {
        sek_buf_adds(out, ", ");
        sek_add_script(out, o->script);
    }
    sek_add_style(out, SEK_STYLE_PLAIN, colour);
}

static void add_heading(SekBuf *out, const SekTextOrigin *o, const SekLayers *layers, bool colour) {
    add_origin(out, o, colour);
    sek_buf_addf(out, "\n%s, %u %s%s\n", sek_script_kind_name(layers->items[0].kind), layers->n,
                 layers->n > 1 ? "layers" : layers->partial ? "layer" : "layer: nothing is hidden in it",
                 layers->partial ? ", not all of it could be read" : "");
}

static void add_steps(SekBuf *out, const SekLayer *l) {
    for (uint32_t i = 0; i < l->n_steps; i++)
        sek_buf_addf(out, "%s%s x%u", i ? ", " : "", l->steps[i].name, l->steps[i].count);
}

static void add_layer(SekBuf *out, const SekLayer *l, uint32_t index, bool colour) {
    sek_buf_addc(out, '\n');
    sek_add_style(out, SEK_STYLE_DIM, colour);
    sek_buf_addf(out, "--- layer %u: %s", index, sek_script_kind_name(l->kind));
    if (l->parent == SEK_LAYER_NONE) {
        sek_buf_adds(out, ", as given");
    } else {
        sek_buf_addf(out, l->folded ? ", layer %u folded: " : ", out of layer %u: ", l->parent);
        add_steps(out, l);
    }
    if (l->partial)
        sek_buf_addf(out, " (partial: %s)", l->why ? l->why : "something stayed hidden");
    sek_buf_adds(out, " ---");
    sek_add_style(out, SEK_STYLE_PLAIN, colour);
    sek_buf_addc(out, '\n');
    sek_quote_text(out, l->text);
    if (l->text.len == 0 || l->text.ptr[l->text.len - 1] != '\n')
        sek_buf_addc(out, '\n');
}

void sek_layers_text(SekBuf *out, const SekTextOrigin *origin, const SekLayers *layers, bool colour) {
    add_heading(out, origin, layers, colour);
    for (uint32_t i = 0; i < layers->n; i++)
        add_layer(out, &layers->items[i], i, colour);
    sek_buf_addc(out, '\n');
}

void sek_layers_same(SekBuf *out, const SekTextOrigin *origin, const SekTextOrigin *first, bool colour) {
    add_origin(out, origin, colour);
    sek_buf_adds(out, "\nthe same text as above: ");
    sek_quote_line(out, first->source);
    sek_buf_addf(out, "  record %ju  ", (uintmax_t)first->record_id);
    sek_quote_line(out, first->field);
    sek_buf_adds(out, first->part.len ? "/" : "");
    sek_quote_line(out, first->part);
    sek_buf_adds(out, "\n\n");
}

static void add_marks(SekBuf *out, unsigned marks) {
    const char *before = "  [";
    for (unsigned bit = 0; bit < SEK_N_INDICATOR_MARKS; bit++)
        if (marks & 1u << bit) {
            sek_buf_addf(out, "%s%s", before, sek_indicator_mark_name(bit));
            before = ", ";
        }
    if (marks)
        sek_buf_addc(out, ']');
}

static void add_place(SekBuf *out, const SekIndicator *item, bool sources) {
    const SekIndicatorPlace *place = &item->places[0];
    sek_buf_adds(out, "  (");
    if (sources) {
        sek_quote_line(out, place->source);
        sek_buf_addc(out, ' ');
    }
    if (place->field.len) {
        sek_quote_line(out, place->field);
        sek_buf_addc(out, ' ');
    }
    sek_buf_addf(out, "layer %u, byte %zu", place->layer, place->off);
    if (item->n_seen > 1)
        sek_buf_addf(out, ", %ju times", (uintmax_t)item->n_seen);
    sek_buf_addc(out, ')');
}

SekStatus sek_indicators_text(SekBuf *out, SekIndicatorSet *set, bool sources, bool colour) {
    if (set->n_items == 0)
        return SEK_OK;
    SekIndicator *const *items = sek_indicators_sorted(set);
    SekBuf safe;
    if (!items)
        return SEK_ERR_MEMORY;
    sek_buf_init(&safe, 8 * SEK_URL_MAX);
    sek_add_style(out, SEK_STYLE_BOLD, colour);
    sek_buf_adds(out, "Indicators");
    sek_add_style(out, SEK_STYLE_PLAIN, colour);
    sek_buf_adds(out, " (hxxp and [.] so that nobody opens them by accident)\n");
    for (uint32_t i = 0; i < set->n_items; i++) {
        sek_buf_clear(&safe);
        sek_indicator_defang(&safe, items[i]->kind, items[i]->value);
        sek_buf_addf(out, "  %-8s  ", sek_indicator_kind_name(items[i]->kind));
        sek_quote_line(out, sek_buf_str(&safe));
        add_marks(out, items[i]->marks);
        sek_add_style(out, SEK_STYLE_DIM, colour);
        add_place(out, items[i], sources);
        sek_add_style(out, SEK_STYLE_PLAIN, colour);
        sek_buf_addc(out, '\n');
    }
    if (set->n_lost)
        sek_buf_addf(out, "  and %ju that were not kept: too many\n", (uintmax_t)set->n_lost);
    SekStatus status = safe.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
    sek_buf_deinit(&safe);
    return status;
}

/* --- JSON --- */

static void json_layer(SekBuf *out, const SekLayer *l, uint32_t index) {
    sek_buf_addf(out, "%s{\"index\":%u,\"kind\":\"%s\",\"depth\":%u,\"folded\":%s", index ? "," : "", index,
                 sek_script_kind_name(l->kind), l->depth, l->folded ? "true" : "false");
    if (l->parent == SEK_LAYER_NONE)
        sek_buf_adds(out, ",\"parent\":null");
    else
        sek_buf_addf(out, ",\"parent\":%u", l->parent);
    if (l->source_off == SEK_OFF_NONE)
        sek_buf_adds(out, ",\"source\":null");
    else
        sek_buf_addf(out, ",\"source\":{\"offset\":%zu,\"length\":%zu}", l->source_off, l->source_len);
    sek_buf_adds(out, ",\"steps\":[");
    for (uint32_t i = 0; i < l->n_steps; i++)
        sek_buf_addf(out, "%s{\"name\":\"%s\",\"count\":%u}", i ? "," : "", l->steps[i].name, l->steps[i].count);
    sek_buf_addf(out, "],\"partial\":%s,", l->partial ? "true" : "false");
    sek_json_member(out, "why", sek_str(l->why ? l->why : ""), false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "text", l->text, false);
    sek_buf_addc(out, '}');
}

static void json_indicator(SekBuf *out, const SekIndicator *item, SekBuf *safe) {
    sek_buf_clear(safe);
    sek_indicator_defang(safe, item->kind, item->value);
    sek_buf_addf(out, "{\"type\":\"%s\",", sek_indicator_kind_name(item->kind));
    sek_json_member(out, "value", item->value, false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "defanged", sek_buf_str(safe), false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "written", item->written.len ? item->written : item->value, false);
    sek_buf_adds(out, ",\"marks\":[");
    bool first = true;
    for (unsigned bit = 0; bit < SEK_N_INDICATOR_MARKS; bit++)
        if (item->marks & 1u << bit) {
            sek_buf_addf(out, "%s\"%s\"", first ? "" : ",", sek_indicator_mark_name(bit));
            first = false;
        }
    sek_buf_adds(out, "],\"seen\":[");
    for (uint32_t i = 0; i < item->n_places; i++)
        sek_buf_addf(out, "%s{\"layer\":%u,\"offset\":%zu,\"length\":%u}", i ? "," : "", item->places[i].layer,
                     item->places[i].off, item->places[i].len);
    sek_buf_addf(out, "],\"count\":%ju}", (uintmax_t)item->n_seen);
}

static void json_origin(SekBuf *out, const SekTextOrigin *o) {
    sek_json_member(out, "file", o->source, false);
    if (!o->event) {
        sek_buf_adds(out, ",\"event\":null");
        return;
    }
    sek_buf_adds(out, ",\"event\":{\"timestamp\":\"");
    sek_add_time(out, o->time);
    sek_buf_adds(out, "\",");
    sek_json_member(out, "computer", o->computer, false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "channel", o->channel, false);
    sek_buf_addf(out, ",\"event_id\":%u,\"record_id\":%ju,", o->event_id, (uintmax_t)o->record_id);
    sek_json_member(out, "field", o->field, false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "part", o->part, false);
    if (o->script)
        sek_json_script(out, o->script);
    sek_buf_addc(out, '}');
}

SekStatus sek_layers_json(SekBuf *out, const SekTextOrigin *origin, const SekLayers *layers, SekIndicatorSet *set) {
    SekIndicator *const *items = sek_indicators_sorted(set);
    SekBuf safe;
    if (!items)
        return SEK_ERR_MEMORY;
    sek_buf_init(&safe, 8 * SEK_URL_MAX);
    sek_buf_addc(out, '{');
    json_origin(out, origin);
    sek_buf_addf(out, ",\"kind\":\"%s\",\"partial\":%s,\"layers\":[", sek_script_kind_name(layers->items[0].kind),
                 layers->partial ? "true" : "false");
    for (uint32_t i = 0; i < layers->n; i++)
        json_layer(out, &layers->items[i], i);
    sek_buf_adds(out, "],\"indicators\":[");
    for (uint32_t i = 0; i < set->n_items; i++) {
        if (i)
            sek_buf_addc(out, ',');
        json_indicator(out, items[i], &safe);
    }
    sek_buf_addf(out, "],\"indicators_not_kept\":%ju}\n", (uintmax_t)set->n_lost);
    SekStatus status = safe.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
    sek_buf_deinit(&safe);
    return status;
}
