/* SPDX-License-Identifier: Apache-2.0 */
#include "property/gen_lineage.h"

#include "base/timestamp.h"


#define SECOND 10000000ull
#define BEGIN 133485408000000000ull /* 2024-01-01 */
#define ACTORS 90u

/* A process as it really was. */
typedef struct Actor {
    uint64_t start, end;
    uint32_t pid, guid, parent; /* parent: number, or ACTORS */
    const char *host, *image, *command, *user;
} Actor;

typedef struct Play {
    SekGen *gen;
    SekTree *tree;
    Actor actors[ACTORS];
    uint32_t n;
    const char *hosts[3];
    uint64_t span; /* seconds */
    bool whole;    /* one long line, of which all is told as it was: damage would cut it */
} Play;

static const char *const images[] = {
    "C:\\a.exe", "C:\\b.exe", "C:\\x\\a.exe", "D:\\x\\B.EXE", "C:\\c.exe", "c.exe", "C:\\Windows\\explorer.exe",
    "C:\\Windows\\System32\\svchost.exe", "C:\\d e.exe",
};
static const char *const commands[] = {"a.exe x", "b.exe /y", "c.exe", "a x y", "\"C:\\d e.exe\" x", ""};
static const char *const users[] = {"D\\u", "D\\v", "E\\u", "NT AUTHORITY\\SYSTEM"};
static const char *const notes[] = {"x", "y", "xy"};

static bool chance(Play *play, uint32_t percent) {
    return sek_gen_chance(play->gen, percent);
}

/* A defect of the evidence. */
static bool defect(Play *play, uint32_t percent) {
    return !play->whole && chance(play, percent);
}

/* --- what happened -------------------------------------------------------------------------- */

static void choose_hosts(Play *play) {
    static const char *const sets[][3] = {{"PC1", "PC1", "PC1"}, {"PC1", "pc1", "PC1"},
                                          {"PC1", "pc1.corp.example", "PC1.CORP.EXAMPLE"},
                                          {"PC1", "pc1.corp.example", "pc1.other.example"}, {"PC1", "SRV", "srv"}};
    uint32_t set = sek_gen_below(play->gen, sizeof sets / sizeof *sets);
    memcpy(play->hosts, sets[set], sizeof play->hosts);
}

static uint64_t some_time(Play *play, uint64_t from, uint64_t seconds) {
    return from + sek_gen_below(play->gen, (uint32_t)seconds * 10u + 1u) * (SECOND / 10);
}

static void add_actor(Play *play, uint32_t ids) {
    bool deep = play->whole;
    Actor *a = &play->actors[play->n];
    uint32_t nearest = deep ? 1 : 1 + sek_gen_below(play->gen, 4);
    *a = (Actor){.parent = ACTORS, .host = SEK_GEN_PICK(play->gen, play->hosts), .pid = 4 * (1 + sek_gen_below(play->gen, ids)),
                 .guid = play->n + 1, .image = SEK_GEN_PICK(play->gen, images),
                 .command = SEK_GEN_PICK(play->gen, commands), .user = SEK_GEN_PICK(play->gen, users)};
    a->start = some_time(play, BEGIN, play->span);
    if (play->n >= nearest && (deep || chance(play, 85))) {
        const Actor *parent = &play->actors[a->parent = play->n - nearest];
        a->host = chance(play, 85) ? parent->host : a->host;
        a->start = some_time(play, parent->start, 20);
    }
    if (deep)
        a->pid = 4 * (play->n + 1);
    if (defect(play, 3) && play->n)
        a->guid = 1 + sek_gen_below(play->gen, play->n); /* forged, or a log of a cloned host */
    a->end = chance(play, 70) ? some_time(play, a->start, 60) : 0;
    play->n++;
}

/* --- what is told of it --------------------------------------------------------------------- */

static SekTreeEvent *add_event(Play *play, SekTreeKind kind, bool sysmon, uint64_t time) {
    SekTree *t = play->tree;
    static SekTreeEvent nowhere;
    SekTreeEvent *e = t->n_events < SEK_TREE_EVENTS ? &t->events[t->n_events++] : &nowhere;
    *e = (SekTreeEvent){.kind = kind, .sysmon = sysmon, .time = defect(play, 3) ? 0 : time, .image = "", .command = "",
                        .user = "", .parent_image = "", .parent_command = "", .parent_user = "",
                        .pid = SEK_TREE_NO_PID, .parent_pid = SEK_TREE_NO_PID, .host = SEK_GEN_PICK(play->gen, play->hosts),
                        .note = SEK_GEN_PICK(play->gen, notes), .file = sek_gen_below(play->gen, SEK_TREE_FILES)};
    return e;
}

static void say_who(Play *play, SekTreeEvent *e, const Actor *a) {
    e->host = defect(play, 20) ? e->host : a->host;
    e->pid = e->sysmon && defect(play, 3) ? SEK_TREE_NO_PID : a->pid;
    e->guid = e->sysmon && !defect(play, 10) ? a->guid : 0;
    e->image = defect(play, 5) ? "" : a->image;
}

static void say_parent(Play *play, SekTreeEvent *e, const Actor *a) {
    Actor none = {.pid = 4 * (1 + sek_gen_below(play->gen, 10)), .guid = 1000 + sek_gen_below(play->gen, 3),
                  .image = SEK_GEN_PICK(play->gen, images), .command = SEK_GEN_PICK(play->gen, commands),
                  .user = SEK_GEN_PICK(play->gen, users)};
    const Actor *parent = a->parent < ACTORS ? &play->actors[a->parent] : &none;
    if (defect(play, 4)) /* a lie, or a child that its parent gave to another */
        parent = &play->actors[sek_gen_below(play->gen, play->n)];
    e->parent_pid = defect(play, 3) ? SEK_TREE_NO_PID : parent->pid;
    e->parent_image = defect(play, 10) ? "" : parent->image;
    if (!e->sysmon)
        return;
    e->parent_guid = defect(play, 15) ? 0 : parent->guid;
    e->parent_command = chance(play, 80) ? parent->command : "";
    e->parent_user = chance(play, 60) ? parent->user : "";
}

static void tell_start(Play *play, const Actor *a, bool sysmon) {
    uint64_t late = chance(play, 90) ? sek_gen_below(play->gen, 20) * SECOND / 10 : sek_gen_below(play->gen, 8) * SECOND;
    SekTreeEvent *e = add_event(play, SEK_TREE_START, sysmon, a->start + late);
    say_who(play, e, a);
    say_parent(play, e, a);
    if (!sysmon)
        e->pid = a->pid;
    e->command = sysmon || chance(play, 50) ? a->command : "";
    e->user = chance(play, 90) ? a->user : "";
    if (chance(play, 6)) {
        SekTreeEvent copy = *e;
        *add_event(play, SEK_TREE_START, sysmon, 0) = copy;
    }
}

static void tell(Play *play, const Actor *a) {
    bool whole = play->whole;
    if (whole || chance(play, 65))
        tell_start(play, a, true);
    if (!whole && chance(play, 40))
        tell_start(play, a, false);
    for (unsigned sysmon = 0; sysmon < 2; sysmon++)
        if (a->end && !whole && chance(play, 30))
            say_who(play, add_event(play, SEK_TREE_END, sysmon, a->end), a);
    while (chance(play, 35)) {
        bool sysmon = chance(play, 60);
        say_who(play, add_event(play, SEK_TREE_OTHER, sysmon, some_time(play, a->start, 60)), a);
    }
}

static void shuffle(Play *play) {
    SekTree *t = play->tree;
    for (uint32_t i = t->n_events; i > 1; i--) {
        uint32_t j = sek_gen_below(play->gen, i);
        SekTreeEvent moved = t->events[i - 1];
        t->events[i - 1] = t->events[j];
        t->events[j] = moved;
    }
    for (uint32_t i = 0; i < t->n_events; i++)
        t->events[i].record = i + 1;
}

/* The limits that naive_lineage.h names. */
static bool is_within_limits(const SekTree *t) {
    for (uint32_t i = 0; i < t->n_events; i++) {
        uint32_t starts = 0;
        for (uint32_t j = 0; j < t->n_events; j++) {
            const SekTreeEvent *a = &t->events[i], *b = &t->events[j];
            uint64_t apart = a->time > b->time ? a->time - b->time : b->time - a->time;
            starts += a->kind == SEK_TREE_START && b->kind == SEK_TREE_START && a->pid == b->pid && apart <= 10 * SECOND;
        }
        if (starts > 4)
            return false;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t heard = 0, guids = 0;
        for (uint32_t j = 0; j < t->n; j++) {
            heard += !t->list[j].started && t->list[j].pid == t->list[i].pid;
            guids += t->list[j].guid && t->list[j].guid == t->list[i].guid;
        }
        if (heard > 6 || guids > 6)
            return false;
    }
    return true;
}

void sek_gen_tree(SekGen *gen, SekTree *out) {
    do {
        static Play play;
        play = (Play){.gen = gen, .tree = out, .whole = sek_gen_chance(gen, 3)};
        uint32_t n = play.whole ? ACTORS - sek_gen_below(gen, 30) : 3 + sek_gen_below(gen, 22), ids = 3 + sek_gen_below(gen, 12);
        play.span = sek_gen_chance(gen, 20) ? 900 : 120;
        out->n_events = 0;
        choose_hosts(&play);
        if (play.whole)
            play.hosts[0] = play.hosts[1] = play.hosts[2] = "PC1";
        while (play.n < n)
            add_actor(&play, ids);
        for (uint32_t i = 0; i < play.n; i++)
            tell(&play, &play.actors[i]);
        while (sek_gen_chance(gen, 10))
            (void)add_event(&play, SEK_TREE_BOOT, false, some_time(&play, BEGIN, play.span + 100));
        shuffle(&play);
        sek_tree_build(out);
    } while (!is_within_limits(out));
}

/* --- as a log ------------------------------------------------------------------------------- */

void sek_gen_guid(uint32_t n, SekBuf *out) {
    sek_buf_addf(out, "{%08X-0000-0000-0000-000000000000}", n);
}

static void add_text(SekBuf *out, const char *name, const char *text) {
    if (!*text)
        return;
    sek_buf_addf(out, ",\"%s\":\"", name);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            sek_buf_addc(out, '\\');
        sek_buf_addc(out, *text);
    }
    sek_buf_addc(out, '"');
}

static void add_id(SekBuf *out, const char *name, uint32_t pid, bool hexadecimal) {
    if (pid != SEK_TREE_NO_PID)
        sek_buf_addf(out, hexadecimal ? ",\"%s\":\"0x%x\"" : ",\"%s\":\"%u\"", name, pid);
}

static void add_guid(SekBuf *out, const char *name, uint32_t guid) {
    if (guid == 0)
        return;
    sek_buf_addf(out, ",\"%s\":\"", name);
    sek_gen_guid(guid, out);
    sek_buf_addc(out, '"');
}

static void add_sysmon(const SekTreeEvent *e, SekBuf *out) {
    add_guid(out, "ProcessGuid", e->guid);
    add_id(out, "ProcessId", e->pid, false);
    add_text(out, "Image", e->image);
    add_text(out, "CommandLine", e->command);
    add_text(out, "User", e->user);
    add_guid(out, "ParentProcessGuid", e->parent_guid);
    add_id(out, "ParentProcessId", e->parent_pid, false);
    add_text(out, "ParentImage", e->parent_image);
    add_text(out, "ParentCommandLine", e->parent_command);
    add_text(out, "ParentUser", e->parent_user);
}

static void add_security(const SekTreeEvent *e, SekBuf *out) {
    bool start = e->kind == SEK_TREE_START;
    const char *name = strchr(e->user, '\\');
    add_id(out, start ? "NewProcessId" : "ProcessId", e->pid, true);
    add_text(out, start ? "NewProcessName" : "ProcessName", e->image);
    add_text(out, "CommandLine", e->command);
    if (start)
        add_id(out, "ProcessId", e->parent_pid, true);
    add_text(out, "ParentProcessName", e->parent_image);
    if (name) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "%.*s", (int)(name - e->user), e->user);
        add_text(out, "SubjectUserName", name + 1);
        add_text(out, "SubjectDomainName", domain);
    }
}

void sek_gen_tree_line(const SekTreeEvent *e, SekBuf *out) {
    static const unsigned ids[2][4] = {{4688, 4689, 4608, 4663}, {1, 5, 0, 3}}; /* by kind */
    char time[SEK_TIME_TEXT];
    sek_buf_addf(out, "{\"Channel\":\"%s\",\"Provider_Name\":\"%s\",\"EventID\":%u,\"EventRecordID\":%u,\"Computer\":\"%s\"",
                 e->sysmon ? "Microsoft-Windows-Sysmon/Operational" : "Security",
                 e->sysmon ? "Microsoft-Windows-Sysmon" : "Microsoft-Windows-Security-Auditing", ids[e->sysmon][e->kind],
                 e->record, e->host);
    (void)sek_time_format(e->time, time);
    add_text(out, "TimeCreated", e->time ? time : "");
    if (e->sysmon)
        add_sysmon(e, out);
    else
        add_security(e, out);
    add_text(out, "Note", e->note);
    sek_buf_adds(out, "}\n");
}

/* --- rules ---------------------------------------------------------------------------------- */

static void add_item(SekGen *gen, SekBuf *yaml) {
    static const char *const items[] = {
        "AncestorImage|endswith: '\\a.exe'", "AncestorImage|endswith: ['\\b.exe', '\\c.exe']", "AncestorImage: 'C:\\a.exe'",
        "AncestorImage|contains|all: ['x', 'a.exe']", "AncestorImage|re: '(?i)B\\.EXE$'", "AncestorImage|cased: 'D:\\x\\B.EXE'",
        "AncestorImage|startswith: 'c:\\x'", "AncestorImage|contains: '\\explorer.exe'", "AncestorImage|exists: true",
        "AncestorImage|exists: false", "AncestorImage: null", "AncestorImage|neq: 'C:\\c.exe'",
        "AncestorImage: ['C:\\d*.exe', '?:\\x\\b.exe']", "AncestorCommandLine|contains: ' x'", "AncestorCommandLine: null",
        "AncestorCommandLine|contains|all: ['a', 'y']", "AncestorCommandLine|exists: true", "AncestorCommandLine: 'C.EXE'",
        "AncestorUser: 'd\\U'", "AncestorUser|startswith: ['E\\', 'NT']", "AncestorUser|exists: false", "AncestorUser: null",
        "AncestorDepth: 0", "AncestorDepth: [1, 3]", "AncestorDepth|gte: 2", "AncestorDepth|lt: 2", "AncestorDepth|gt: 5",
        "AncestorDepth|lte: 1", "AncestorDepth|gte: 64", "AncestorDepth|lt: 70", "AncestorDepth|gt: 64", "AncestorDepth: null",
        "AncestorDepth: 64", "AncestorDepth|startswith: '6'", "AncestorDepth|lte: 63", "AncestorDepth|re: '^[2-4]$'",
        "ProcessTree|exists: true", "ProcessTree: null", "ProcessTree|startswith: 'PC1 pid'", "ProcessTree|contains: 'pid 4 '",
        "ProcessTree|contains: before", "ProcessTree: '{00000001-0000-0000-0000-000000000000}'",
        "Note: x", "Note|contains: y", "Note: [y, xy]", "Note|exists: true", "Note: x", "Note|contains: y",
    };
    sek_buf_addf(yaml, "        %s\n", SEK_GEN_PICK(gen, items));
}

void sek_gen_tree_rule(SekGen *gen, const char *title, SekBuf *yaml) {
    static const char *const sources[] = {"service: sysmon", "service: security", "category: process_creation"};
    static const char *const conditions[] = {
        "a", "a", "not a", "a and b", "a or b", "a and not b", "not a and not b", "a or not b", "1 of them", "all of them",
        "a and (b or c)", "not (a or b)", "not (a and not b) or c", "a and b and c", "not 1 of them",
    };
    sek_buf_addf(yaml, "---\ntitle: %s\nlevel: high\nlogsource: {product: windows, %s}\ndetection:\n", title,
                 SEK_GEN_PICK(gen, sources));
    for (char name = 'a'; name <= 'c'; name++) {
        sek_buf_addf(yaml, "    %c:\n", name);
        add_item(gen, yaml);
    }
    sek_buf_addf(yaml, "    condition: %s\n", SEK_GEN_PICK(gen, conditions));
}
