/* SPDX-License-Identifier: Apache-2.0 */

/* Causes behind brokers. WMI, the task scheduler and the service manager start processes for others, and
 * the recorded parent is the broker. Where a log names the client, or exactly one process fits what the
 * broker was asked, that process is taken as the cause, with the reason; where two fit, none is.
 * docs/lineage.md lists evidence and windows of time. */
#include "lineage/internal.h"

#define SCAN 256u /* rows or processes looked at for one question: hostile logs crowd a second */

#define CLIENT_WINDOW (10ull * SEK_SECOND)  /* between a client's call and the start, either way */
#define LIBRARY_WINDOW (60ull * SEK_SECOND) /* from loading WMI's client side to the start */
#define OFFICE_WINDOW (300ull * SEK_SECOND) /* from opening a document to what its code starts */
#define TASK_WINDOW (5ull * SEK_SECOND)     /* between the scheduler's event and the start */
#define COMMAND_WINDOW (10ull * SEK_SECOND) /* from schtasks or sc to what the log says it made */
#define SERVICE_WINDOW (600ull * SEK_SECOND) /* from installing a service to its start */

/* An Office program, a schtasks or an sc. */
typedef struct Actor {
    uint64_t start;
    uint32_t host, process;
} Actor;

typedef struct Infer {
    SekForge *forge;
    SekLineage *lineage;
    Actor *actors; /* sorted by (host, start) */
    uint32_t n_actors;
} Infer;

/* What there is to decide about one process. */
typedef struct Question {
    uint32_t process;
    const SekNode *p;
    uint32_t parent_image; /* number of its text */
    SekStr parent_command_line;
} Question;

/* One process that fits, or several: then none is taken. */
typedef struct Choice {
    uint32_t process, macro_host; /* SEK_NO_PROCESS = none yet */
    bool several, several_hosts;
} Choice;

static const Choice no_choice = {.process = SEK_NO_PROCESS, .macro_host = SEK_NO_PROCESS};

static void offer(uint32_t *chosen, bool *several, uint32_t process) {
    *several |= *chosen != SEK_NO_PROCESS && *chosen != process;
    *chosen = process;
}

static void offer_to(const SekLineage *l, Choice *c, uint32_t process) {
    offer(&c->process, &c->several, process);
    if (sek_image_is_macro_host(sek_node_image(l, &l->list[process])))
        offer(&c->macro_host, &c->several_hosts, process);
}

static uint32_t decide(const Choice *c) {
    if (c->macro_host != SEK_NO_PROCESS && !c->several_hosts)
        return c->macro_host;
    return c->several ? SEK_NO_PROCESS : c->process;
}

static uint64_t minus(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

/* First row of `kind` on `host` at or after `time`; rows of that kind are sorted by (host, time). */
static uint32_t first_row(const SekForge *forge, SekFactKind kind, uint32_t host, uint64_t time) {
    uint32_t low = forge->first[kind], high = forge->first[kind + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const SekStoredFact *f = &forge->rows[middle];
        uint32_t its = f->host;
        if (its < host || (its == host && f->time < time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool row_within(const SekForge *forge, SekFactKind kind, uint32_t i, uint32_t host, uint64_t to) {
    return i < forge->first[kind + 1] && forge->rows[i].host == host && forge->rows[i].time <= to;
}

static uint32_t fact_process(const SekForge *forge, const SekStoredFact *f) {
    const SekLineage *l = forge->lineage;
    SekProcessKey key = {.host = l->hosts.names[f->host], .time = f->time, .pid = f->pid};
    memcpy(key.guid, f->guid, sizeof key.guid);
    return sek_lineage_find(l, &key);
}

static bool same_user(const SekLineage *l, const SekNode *a, const SekNode *b) {
    SekStr x = sek_lineage_text(l, a->user), y = sek_lineage_text(l, b->user);
    return x.len == 0 || y.len == 0 || sek_str_eq_nocase(x, y);
}

static bool is_alive(const SekNode *p, uint64_t at) {
    return p->seen <= at + SEK_SECOND && (p->end == 0 || p->end + SEK_VIEW_WINDOW >= at);
}

/* What may have asked a broker for `q`: another process that was there, and no broker itself. */
static bool may_ask(const SekLineage *l, const Question *q, uint32_t process) {
    if (process == SEK_NO_PROCESS || process == q->process)
        return false;
    const SekNode *p = &l->list[process];
    return is_alive(p, q->p->seen) && !sek_node_is(l, p, SEK_IS_STARTER);
}

/* --- WMI ------------------------------------------------------------------------------------ */

static Choice wmi_askers(const Infer *in, const Question *q, SekFactKind kind, uint64_t from, uint64_t to) {
    Choice choice = no_choice;
    uint32_t first = first_row(in->forge, kind, q->p->host, from);
    for (uint32_t i = first; row_within(in->forge, kind, i, q->p->host, to); i++) {
        uint32_t process = fact_process(in->forge, &in->forge->rows[i]);
        if (i - first == SCAN)
            return no_choice;
        if (may_ask(in->lineage, q, process) && same_user(in->lineage, &in->lineage->list[process], q->p))
            offer_to(in->lineage, &choice, process);
    }
    return choice;
}

/* First actor of `host` that starts at or after `time`. */
static uint32_t first_actor(const Infer *in, uint32_t host, uint64_t time) {
    uint32_t low = 0, high = in->n_actors;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const Actor *actor = &in->actors[middle];
        if (actor->host < host || (actor->host == host && actor->start < time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The actors of `host` that start within [from, to]: `*out_n` from the returned index on; too many to
 * tell apart count as none. */
static uint32_t actors_within(const Infer *in, uint32_t host, uint64_t from, uint64_t to, uint32_t *out_n) {
    uint32_t first = first_actor(in, host, from), n = 0;
    while (first + n < in->n_actors && n <= SCAN) {
        const Actor *actor = &in->actors[first + n];
        if (actor->host != host || actor->start > to)
            break;
        n++;
    }
    *out_n = n <= SCAN ? n : 0;
    return first;
}

static uint32_t office_of_user(const Infer *in, const Question *q) {
    Choice choice = no_choice;
    const SekLineage *l = in->lineage;
    uint32_t n, first = actors_within(in, q->p->host, minus(q->p->seen, OFFICE_WINDOW), q->p->seen, &n);
    if (!sek_image_is_interpreter(sek_node_image(l, q->p)) || sek_lineage_text(l, q->p->user).len == 0)
        return SEK_NO_PROCESS;
    for (uint32_t i = first; i < first + n; i++) {
        const SekNode *p = &l->list[in->actors[i].process];
        if (sek_image_is_macro_host(sek_node_image(l, p)) && sek_lineage_text(l, p->user).len && same_user(l, p, q->p) &&
            may_ask(l, q, in->actors[i].process))
            offer_to(in->lineage, &choice, in->actors[i].process);
    }
    return decide(&choice);
}

static uint32_t wmi_cause(const Infer *in, const Question *q, SekCause *why) {
    uint64_t at = q->p->seen;
    if (!(sek_text_is(in->lineage, q->parent_image, SEK_IS_WMI_HOST)))
        return SEK_NO_PROCESS;
    Choice client = wmi_askers(in, q, SEK_FACT_WMI_CLIENT, minus(at, CLIENT_WINDOW), at + CLIENT_WINDOW);
    *why = SEK_CAUSE_WMI_CLIENT;
    uint32_t found = decide(&client);
    if (found != SEK_NO_PROCESS)
        return found;
    Choice library = wmi_askers(in, q, SEK_FACT_WMI_LIBRARY, minus(at, LIBRARY_WINDOW), at + SEK_SECOND);
    *why = SEK_CAUSE_WMI_LIBRARY;
    found = decide(&library);
    if (found != SEK_NO_PROCESS || library.process != SEK_NO_PROCESS)
        return found;
    *why = SEK_CAUSE_WMI_OFFICE;
    return office_of_user(in, q);
}

/* --- tasks and services --------------------------------------------------------------------- */

/* The schtasks or sc that ran just before `time` with `name` in its command line. */
static uint32_t command_that_made(const Infer *in, const Question *q, uint64_t time, const char *tool, SekStr name) {
    uint32_t n, found = SEK_NO_PROCESS, first = actors_within(in, q->p->host, minus(time, COMMAND_WINDOW),
                                                              time + SEK_SECOND, &n);
    for (uint32_t i = first; i < first + n; i++) {
        const SekNode *p = &in->lineage->list[in->actors[i].process];
        if (in->actors[i].process != q->process && sek_str_eq_nocase(sek_image_name(sek_node_image(in->lineage, p)), sek_str(tool)) &&
            sek_text_contains(sek_lineage_text(in->lineage, p->command_line), sek_image_name(name)))
            found = in->actors[i].process;
    }
    return found;
}

/* The name of the task that started the process; ptr NULL when no event says. */
static SekStr task_of(const Infer *in, const Question *q) {
    uint64_t at = q->p->seen;
    uint32_t first = first_row(in->forge, SEK_FACT_TASK_STARTED, q->p->host, minus(at, TASK_WINDOW));
    SekStr by_image = {0};
    for (uint32_t i = first; row_within(in->forge, SEK_FACT_TASK_STARTED, i, q->p->host, at + TASK_WINDOW); i++) {
        const SekStoredFact *f = &in->forge->rows[i];
        const SekTold *told = sek_told(in->lineage, f->told);
        SekStr image = sek_lineage_text(in->lineage, told->image), name = sek_lineage_text(in->lineage, told->name);
        if (i - first == SCAN)
            break;
        if (f->pid != SEK_NO_PID && f->pid == q->p->pid)
            return name;
        if (f->pid == SEK_NO_PID && image.len && sek_image_same(image, sek_node_image(in->lineage, q->p)))
            by_image = name;
    }
    if (by_image.len == 0)
        return (SekStr){0};
    bool scheduled = sek_str_eq_nocase(sek_image_name(sek_lineage_text(in->lineage, q->parent_image)), SEK_STR("taskeng.exe")) ||
                     sek_text_contains(q->parent_command_line, SEK_STR("Schedule"));
    return scheduled ? by_image : (SekStr){0};
}

/* Index behind the last row that says that `task` was made on `host` by `time`. */
static uint32_t rows_of_task(const SekForge *forge, uint32_t host, SekStr task, uint64_t time) {
    uint32_t low = forge->first[SEK_FACT_TASK_MADE], high = forge->first[SEK_FACT_TASK_MADE + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const SekStoredFact *f = &forge->rows[middle];
        uint32_t its = f->host;
        int order = sek_order_nocase(sek_lineage_text(forge->lineage, sek_told(forge->lineage, f->told)->name), task);
        if (its < host || (its == host && (order < 0 || (order == 0 && f->time <= time))))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t task_cause(const Infer *in, const Question *q, SekCause *why) {
    bool none = in->forge->first[SEK_FACT_TASK_STARTED] == in->forge->first[SEK_FACT_TASK_STARTED + 1];
    SekStr task = none ? (SekStr){0} : task_of(in, q);
    if (task.len == 0)
        return SEK_NO_PROCESS;
    const SekLineage *l = in->lineage;
    uint32_t found = SEK_NO_PROCESS, end = rows_of_task(in->forge, q->p->host, task, q->p->seen);
    for (uint32_t i = end; i > in->forge->first[SEK_FACT_TASK_MADE] && end - i < 8; i--) {
        const SekStoredFact *f = &in->forge->rows[i - 1];
        const SekTold *told = sek_told(in->lineage, f->told);
        if (f->host != q->p->host || !sek_str_eq_nocase(sek_lineage_text(l, told->name), task))
            break;
        uint32_t client = f->pid == SEK_NO_PID ? SEK_NO_PROCESS : fact_process(in->forge, f);
        *why = SEK_CAUSE_TASK_CLIENT;
        if (client != SEK_NO_PROCESS && client != q->process && !sek_node_is(l, &l->list[client], SEK_IS_STARTER))
            return client;
        if (found == SEK_NO_PROCESS)
            found = command_that_made(in, q, f->time, "schtasks.exe", task);
    }
    *why = SEK_CAUSE_TASK_COMMAND;
    return found;
}

static uint32_t service_cause(const Infer *in, const Question *q, SekCause *why) {
    uint64_t at = q->p->seen;
    bool none = in->forge->first[SEK_FACT_SERVICE_MADE] == in->forge->first[SEK_FACT_SERVICE_MADE + 1];
    const SekLineage *l = in->lineage;
    SekStr image = sek_node_image(l, q->p);
    if (none || image.len == 0 || !(sek_text_is(in->lineage, q->parent_image, SEK_IS_SERVICES)))
        return SEK_NO_PROCESS;
    uint32_t first = first_row(in->forge, SEK_FACT_SERVICE_MADE, q->p->host, minus(at, SERVICE_WINDOW));
    const SekStoredFact *made = NULL;
    for (uint32_t i = first; row_within(in->forge, SEK_FACT_SERVICE_MADE, i, q->p->host, at + TASK_WINDOW); i++) {
        const SekStoredFact *f = &in->forge->rows[i];
        SekStr path = sek_lineage_text(l, sek_told(in->lineage, f->told)->image);
        if (i - first == SCAN)
            return SEK_NO_PROCESS;
        bool named = sek_text_contains(path, image) || sek_str_eq_nocase(path, sek_lineage_text(l, q->p->command_line));
        if (named && (!made || f->pid != SEK_NO_PID || made->pid == SEK_NO_PID))
            made = f;
    }
    if (!made)
        return SEK_NO_PROCESS;
    uint32_t client = made->pid == SEK_NO_PID ? SEK_NO_PROCESS : fact_process(in->forge, made);
    *why = SEK_CAUSE_SERVICE_CLIENT;
    if (client != SEK_NO_PROCESS && client != q->process && !sek_node_is(l, &l->list[client], SEK_IS_STARTER))
        return client;
    *why = SEK_CAUSE_SERVICE_COMMAND;
    return command_that_made(in, q, made->time, "sc.exe", sek_lineage_text(l, sek_told(in->lineage, made->told)->name));
}

/* --- all ------------------------------------------------------------------------------------ */

static void infer_one(const Infer *in, uint32_t process) {
    SekLineage *l = in->lineage;
    SekNode *p = &l->list[process];
    const SekTold *claim = sek_told(l, in->forge->claims[process].told);
    Question q = {.process = process, .p = p, .parent_image = claim->parent_image,
                  .parent_command_line = sek_lineage_text(l, claim->parent_command_line)};
    if (p->parent != SEK_NO_PROCESS && sek_lineage_text(l, q.parent_image).len == 0)
        q.parent_image = l->list[p->parent].image;
    if (p->parent != SEK_NO_PROCESS && q.parent_command_line.len == 0)
        q.parent_command_line = sek_lineage_text(l, l->list[p->parent].command_line);
    static uint32_t (*const brokers[])(const Infer *, const Question *, SekCause *) = {wmi_cause, service_cause,
                                                                                       task_cause};
    for (unsigned i = 0; i < sizeof brokers / sizeof *brokers; i++) {
        SekCause why = SEK_CAUSE_NONE;
        uint32_t cause = brokers[i](in, &q, &why);
        if (cause == SEK_NO_PROCESS || cause == p->parent)
            continue;
        p->cause = cause;
        p->reason = (uint8_t)why;
        l->stats.inferred++;
        return;
    }
}

static int by_host_and_start(const void *a, const void *b, void *user) {
    (void)user;
    const Actor *x = a, *y = b;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->process < y->process ? -1 : x->process > y->process;
}

static SekStatus list_actors(Infer *in) {
    const SekLineage *l = in->lineage;
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_real; i++, sek_shelf_breathe(l->shelf))
        n += sek_node_is(l, &l->list[i], SEK_IS_ACTOR);
    in->actors = sek_shelf_take(l->shelf, n, sizeof *in->actors);
    if (!in->actors)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < l->n_real; i++, sek_shelf_breathe(l->shelf))
        if (sek_node_is(l, &l->list[i], SEK_IS_ACTOR))
            in->actors[in->n_actors++] = (Actor){l->list[i].seen, l->list[i].host, i};
    void *sorted = in->actors;
    SekStatus status = sek_shelf_sort(l->shelf, &sorted, n, &(SekShelfSort){sizeof(Actor), by_host_and_start, NULL});
    in->actors = sorted;
    return status;
}

SekStatus sek_lineage_infer(SekForge *forge) {
    SekLineage *l = forge->lineage;
    Infer in = {.forge = forge, .lineage = l};
    SekStatus status = list_actors(&in);
    for (uint32_t i = 0; i < l->n_real && status == SEK_OK; i++, sek_shelf_breathe(l->shelf))
        infer_one(&in, i);
    sek_shelf_give(l->shelf, in.actors);
    return status;
}

const char *sek_cause_text(SekCause cause) {
    static const char *const texts[] = {
        [SEK_CAUSE_NONE] = "",
        [SEK_CAUSE_WMI_CLIENT] = "WMI's own log names it as a client within 10 seconds of the start",
        [SEK_CAUSE_WMI_LIBRARY] = "it alone fits: it loaded WMI's client library within a minute before the start",
        [SEK_CAUSE_WMI_OFFICE] = "it alone fits: an Office program of the same user, started within 5 minutes before",
        [SEK_CAUSE_TASK_CLIENT] = "the Security log names it as what registered the task",
        [SEK_CAUSE_TASK_COMMAND] = "it registered the task by command line",
        [SEK_CAUSE_SERVICE_CLIENT] = "the Security log names it as what installed the service",
        [SEK_CAUSE_SERVICE_COMMAND] = "it installed the service by command line",
    };
    return texts[cause];
}
