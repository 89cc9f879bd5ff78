/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include "story/attack.h"

static const char *const english[SEK_N_WORDS] = {
    [SEK_WORD_NOTHING_FOUND] = "No rule matched.",
    [SEK_WORD_HOSTS] = "Hosts and the stages reached (findings of level medium and above)",
    [SEK_WORD_FINDINGS] = "Findings",
    [SEK_WORD_RULES_TOP] = "Rules that matched most",
    [SEK_WORD_READ] = "Read",
    [SEK_WORD_FILES] = "files",
    [SEK_WORD_RECORDS] = "records",
    [SEK_WORD_RECOVERED] = "recovered from outside the valid records",
    [SEK_WORD_BAD_RECORDS] = "records could not be read",
    [SEK_WORD_NO_TIME] = "records have no time that can be read: they are not in correlations, and --from and --to keep them",
    [SEK_WORD_RENAMED] = "records have names of the Elastic Common Schema (process.executable and so on): rules find them with --pipeline ecs",
    [SEK_WORD_LOST] = "damages cost evidence that could not be read",
    [SEK_WORD_DAMAGED] = "Damaged",
    [SEK_WORD_SKIPPED] = "Skipped",
    [SEK_WORD_IGNORED] = "other files ignored (not event logs)",
    [SEK_WORD_RULES] = "Rules",
    [SEK_WORD_LOADED] = "loaded",
    [SEK_WORD_NOT_LOADED] = "not loaded",
    [SEK_WORD_LEFT_OUT] = "left out by filters",
    [SEK_WORD_DUPLICATES] = "with the id of another one (both are used)",
    [SEK_WORD_DISABLED] = "disabled by tuning",
    [SEK_WORD_REGEX] = "regular-expression matches given up at their limit",
    [SEK_WORD_DROPPED] = "events not counted by correlations: the memory for them was spent",
    [SEK_WORD_COPIES] = "records are copies of others that were read (same computer, channel, event id, number and time): correlations count them once",
    [SEK_WORD_UNJOINED] = "parts of split scripts were not joined: the memory for them was spent",
    [SEK_WORD_LINEAGE] = "facts about processes not kept, so that ancestors may be missing: the memory for them was spent",
    [SEK_WORD_LINEAGE_UNKNOWN] = "rule conditions left open: they depend on ancestors beyond the nearest 64",
    [SEK_WORD_MORE] = "more",
    [SEK_WORD_TO] = "to",
    [SEK_WORD_HOST_UNKNOWN] = "(no computer name)",
    [SEK_WORD_NO_STAGE] = "none: low and informational findings only",
    [SEK_WORD_QUIET_HOSTS] = "Hosts without a finding",
};

/* Those that differ behind 1. */
static const char *const english_one[SEK_N_WORDS] = {
    [SEK_WORD_FILES] = "file",
    [SEK_WORD_RECORDS] = "record",
    [SEK_WORD_BAD_RECORDS] = "record could not be read",
    [SEK_WORD_NO_TIME] = "record has no time that can be read: it is not in correlations, and --from and --to keep it",
    [SEK_WORD_RENAMED] = "record has names of the Elastic Common Schema (process.executable and so on): rules find it with --pipeline ecs",
    [SEK_WORD_LOST] = "damage cost evidence that could not be read",
    [SEK_WORD_IGNORED] = "other file ignored (not an event log)",
    [SEK_WORD_REGEX] = "regular-expression match given up at its limit",
    [SEK_WORD_DROPPED] = "event not counted by correlations: the memory for them was spent",
    [SEK_WORD_COPIES] = "record is a copy of another that was read (same computer, channel, number and time): correlations count it once",
    [SEK_WORD_UNJOINED] = "part of a split script was not joined: the memory for them was spent",
    [SEK_WORD_LINEAGE] = "fact about processes not kept, so that ancestors may be missing: the memory for them was spent",
    [SEK_WORD_LINEAGE_UNKNOWN] = "rule condition left open: it depends on ancestors beyond the nearest 64",
};

static const char *const japanese[SEK_N_WORDS] = {
    [SEK_WORD_NOTHING_FOUND] = "一致したルールはありません。",
    [SEK_WORD_HOSTS] = "ホストと到達した段階（レベル medium 以上の検知）",
    [SEK_WORD_FINDINGS] = "検知",
    [SEK_WORD_RULES_TOP] = "一致の多いルール",
    [SEK_WORD_READ] = "読み取り",
    [SEK_WORD_FILES] = "ファイル",
    [SEK_WORD_RECORDS] = "レコード",
    [SEK_WORD_RECOVERED] = "件は有効領域の外から復元",
    [SEK_WORD_BAD_RECORDS] = "件のレコードは読み取れず",
    [SEK_WORD_NO_TIME] = "件のレコードは時刻を読み取れず、相関では数えない（--from と --to では除外しない）",
    [SEK_WORD_RENAMED] = "件のレコードは項目名が Elastic Common Schema（process.executable など）：--pipeline ecs で照合可能",
    [SEK_WORD_LOST] = "件の破損により読み取れない証拠あり",
    [SEK_WORD_DAMAGED] = "破損",
    [SEK_WORD_SKIPPED] = "未読",
    [SEK_WORD_IGNORED] = "件の他のファイルは対象外（イベントログではない）",
    [SEK_WORD_RULES] = "ルール",
    [SEK_WORD_LOADED] = "件を使用",
    [SEK_WORD_NOT_LOADED] = "件は使用できず",
    [SEK_WORD_LEFT_OUT] = "件は絞り込みにより除外",
    [SEK_WORD_DUPLICATES] = "件は他のルールと ID が同じ（どちらも使用）",
    [SEK_WORD_DISABLED] = "件は調整ファイルにより無効",
    [SEK_WORD_REGEX] = "件の正規表現照合を上限で打ち切り",
    [SEK_WORD_DROPPED] = "件のイベントはメモリーの上限により相関で数えられず",
    [SEK_WORD_COPIES] = "件のレコードは、読み取り済みのレコードの写し（コンピューター、チャネル、番号、時刻が同じ）のため、相関では重ねて数えず",
    [SEK_WORD_UNJOINED] = "件の分割スクリプトの部分はメモリーの上限により結合されず",
    [SEK_WORD_LINEAGE] = "件のプロセス情報はメモリーの上限により保持されず、祖先が欠けている可能性あり",
    [SEK_WORD_LINEAGE_UNKNOWN] = "件のルール条件は未判定（近い順に 64 個を超える祖先に依存）",
    [SEK_WORD_MORE] = "件あり",
    [SEK_WORD_TO] = "〜",
    [SEK_WORD_HOST_UNKNOWN] = "（コンピューター名なし）",
    [SEK_WORD_NO_STAGE] = "なし（low と informational のみ）",
    [SEK_WORD_QUIET_HOSTS] = "検知のないホスト",
};

/* Tactics as MITRE ATT&CK is usually rendered in Japanese, in the order of sek_tactics. */
static const char *const japanese_tactics[] = {
    "偵察", "リソース開発", "初期アクセス", "実行", "永続化", "権限昇格", "ステルス", "防御の妨害",
    "認証情報アクセス", "探索", "横展開", "収集", "C2（指令統制）", "持ち出し", "影響",
};

static bool is_japanese(const char *lang) {
    return lang && strcmp(lang, "ja") == 0;
}

const char *sek_word(SekWord word, const char *lang) {
    return is_japanese(lang) ? japanese[word] : english[word];
}

const char *sek_counted_word(SekWord word, uint64_t n, const char *lang) {
    return n == 1 && !is_japanese(lang) && english_one[word] ? english_one[word] : sek_word(word, lang);
}

const char *sek_tactic_word(unsigned tactic, const char *lang) {
    bool known = tactic < sizeof japanese_tactics / sizeof *japanese_tactics;
    return is_japanese(lang) && known ? japanese_tactics[tactic] : sek_tactics[tactic].name;
}
