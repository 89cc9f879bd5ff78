/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as facts about processes, in two logs. Few hosts, ids, GUIDs, names and moments, so
 * that they meet. What comes out must be a forest: no circle, nothing listed twice, roots at the top. */
#include "lineage/lineage.h"
#include "unit/base/backing_test.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FACT 8u /* bytes of input that make one fact */
#define FACTS 4096u

static SekStr pick(unsigned i) {
    static const char *const texts[] = {"", "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe", "C:\\Office\\WINWORD.EXE",
                                        "C:\\Windows\\System32\\svchost.exe", "C:\\Windows\\System32\\schtasks.exe",
                                        "C:\\Windows\\System32\\services.exe", "cmd.exe", "\\Task"};
    return sek_str(texts[i % 8]);
}

static SekProcessFact read_fact(const uint8_t *at, uint32_t number) {
    static const SekStr hosts[] = {{"A", 1}, {"a", 1}, {"B", 1}, {"", 0}};
    SekProcessFact f = {.kind = at[0] % (SEK_FACT_BOOT + 1), .view = at[0] >> 7, .file = at[1] & 3,
                        .offset = number, .parent_pid = at[4] & 15};
    f.process = (SekProcessKey){.host = hosts[at[1] >> 6], .time = (uint64_t)(at[2] + 1) * 5000000u, .pid = at[3] & 15};
    f.process.guid[0] = at[3] >> 6;
    f.parent_guid[0] = at[4] >> 6;
    if (f.process.pid == 15)
        f.process.pid = SEK_NO_PID;
    f.image = pick(at[5]);
    f.parent_image = pick(at[5] >> 4);
    f.command_line = pick(at[6]);
    f.parent_command_line = at[6] & 8 ? SEK_STR("svchost.exe -s Schedule") : pick(at[6] >> 4);
    f.user = at[7] & 1 ? SEK_STR("D\\u") : SEK_STR("");
    f.name = at[7] & 2 ? SEK_STR("\\Task") : SEK_STR("Service");
    return f;
}

static void check(bool good) {
    if (!good)
        __builtin_trap();
}

static void check_process(const SekLineage *l, uint32_t process, uint64_t n) {
    SekAncestor list[SEK_MAX_ANCESTORS];
    char id[SEK_TREE_ID];
    bool cut = true;
    uint32_t found = sek_lineage_ancestors(l, process, list, &cut);
    check(!cut || found == SEK_MAX_ANCESTORS);
    check(found <= SEK_MAX_ANCESTORS);
    for (uint32_t i = 0; i < found; i++) {
        check(list[i].process < n && list[i].process != process);
        check(i == 0 || list[i - 1].depth <= list[i].depth);
        for (uint32_t j = 0; j < i; j++)
            check(list[j].process != list[i].process);
    }
    uint32_t root = sek_lineage_process(l, process).root;
    check(root < n && sek_lineage_process(l, root).root == root);
    check(sek_lineage_tree_id(l, process, id) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekLineageLog logs[2];
    Disk disk = {.room = (uint64_t)(size % 3) << 24}; /* none, too small for all, enough */
    SekBacking backing = disk_backing(&disk);
    SekShelf shelf;
    SekLineage *lineage = NULL;
    bool good = true;
    sek_shelf_init(&shelf, 1, &backing);
    for (unsigned i = 0; i < 2; i++)
        sek_lineage_log_init(&logs[i], &shelf);
    for (uint32_t i = 0; i < FACTS && (i + 1) * FACT <= size && good; i++) {
        SekProcessFact fact = read_fact(data + i * FACT, i);
        good = sek_lineage_log_add(&logs[i & 1], &fact) == SEK_OK;
    }
    if (good && sek_lineage_build(logs, 2, NULL, NULL, &lineage) == SEK_OK) {
        uint64_t n = sek_lineage_stats(lineage).processes;
        for (uint32_t i = 0; i < n; i++)
            check_process(lineage, i, n);
        for (uint32_t i = 0; i < FACTS && (i + 1) * FACT <= size; i++) {
            SekProcessFact fact = read_fact(data + i * FACT, i);
            uint32_t found = sek_lineage_find(lineage, &fact.process);
            check(found == SEK_NO_PROCESS || found < n);
        }
    }
    sek_lineage_free(lineage);
    for (unsigned i = 0; i < 2; i++)
        sek_lineage_log_deinit(&logs[i]);
    sek_shelf_deinit(&shelf);
    return 0;
}
