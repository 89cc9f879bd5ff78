/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rule_cache.h"

#include "base/build.h"
#include "base/cache.h"
#include "base/hash64.h"
#include "base/sha256.h"
#include "engine/image.h"

#include <stdlib.h>

#define MAGIC "SEKRULE3" /* 8 bytes */
#define ORDER UINT64_C(0x0102030405060708) /* of bytes */

typedef struct Header {
    char magic[8];
    uint64_t order;
    SekCacheKey key;
    uint64_t n_stamps, paths_bytes, image_at, file_bytes;
    uint64_t base; /* where the file is meant to be mapped */
    uint64_t checksum; /* sek_hash64 of the file with 0 here */
} Header;

/* A SekStamped in a file. */
typedef struct StampRecord {
    SekStamp stamp;
    uint64_t path_at; /* in the texts of the paths */
} StampRecord;

_Static_assert(sizeof(Header) % 8 == 0 && sizeof(StampRecord) % 8 == 0, "what follows is aligned");
_Static_assert(sizeof ((SekCacheKey *)0)->build == SEK_BUILD_BYTES, "the build id fits");

/* --- the key --------------------------------------------------------------------------------------- */

static void add_text(SekSha256 *sha, const char *text) {
    uint64_t len = text ? strlen(text) + 1 : 0; /* NULL is not the empty text */
    sek_sha256_add(sha, &len, sizeof len);
    if (text)
        sek_sha256_add(sha, text, (size_t)len);
}

static void add_texts(SekSha256 *sha, SekTexts texts) {
    uint64_t n = texts.n;
    sek_sha256_add(sha, &n, sizeof n);
    for (size_t i = 0; i < texts.n; i++)
        add_text(sha, texts.items[i]);
}

static void add_choice(SekSha256 *sha, const SekRuleChoice *c) {
    const SekTexts all[] = {c->ids, c->statuses, c->levels, c->tags, c->authors};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        add_texts(sha, all[i]);
}

/* Paths may be relative: the folder they start from is part of what is asked. */
static void add_here(SekSha256 *sha) {
    SekStamp here = {0};
    SekStatus status = sek_path_stamp(".", &here);
    sek_sha256_add(sha, &status, sizeof status);
    sek_sha256_add(sha, &here.device, sizeof here.device);
    sek_sha256_add(sha, &here.number, sizeof here.number);
}

static SekStatus make_key(const SekRulesOptions *options, SekCacheKey *out) {
    SekSha256 sha;
    const unsigned char flags[2] = {options->no_texts, options->check};
    *out = (SekCacheKey){0};
    sek_sha256_init(&sha);
    sek_sha256_add(&sha, flags, sizeof flags);
    add_texts(&sha, (SekTexts){options->paths, options->n_paths});
    add_texts(&sha, (SekTexts){options->pipelines, options->n_pipelines});
    add_text(&sha, options->placeholders);
    add_texts(&sha, options->tunings);
    add_choice(&sha, &options->only);
    add_choice(&sha, &options->except);
    add_here(&sha);
    sek_sha256_end(&sha, out->options);
    return sek_build_id(out->build);
}

/* Where the file is mapped unless something stands there: an address of its own for each set of options, so that
 * several may be loaded, in a part of the address space (8 to 16 TiB) that Linux gives to nobody who does not
 * ask. Where a system has no such addresses, the image is moved. */
static uintptr_t wish(const SekCacheKey *key) {
    const uint64_t first = UINT64_C(1) << 43, each = SEK_CACHE_MAX_BYTES, n = first / each;
    return (uintptr_t)(first + sek_hash64(key->options, sizeof key->options) % n * each);
}

static void file_name(const SekCacheKey *key, SekBuf *out) {
    sek_buf_init(out, 128);
    sek_buf_addf(out, "rules-%.32s", key->options);
    sek_buf_addc(out, '\0');
}

/* --- reading --------------------------------------------------------------------------------------- */

static bool is_whole(const SekCacheKey *key, const Header *header, SekStr bytes) {
    size_t room = bytes.len - sizeof *header;
    return memcmp(header->magic, MAGIC, sizeof header->magic) == 0 && header->order == ORDER &&
           memcmp(&header->key, key, sizeof *key) == 0 && header->file_bytes == bytes.len &&
           header->n_stamps <= room / sizeof(StampRecord) &&
           header->paths_bytes <= room - header->n_stamps * sizeof(StampRecord) &&
           header->image_at >= sizeof *header + header->n_stamps * sizeof(StampRecord) + header->paths_bytes &&
           header->image_at <= bytes.len && header->image_at % SEK_IMAGE_ALIGN == 0;
}

/* The checksum covers its own place as zeros. */
static bool is_undamaged(Header *header, SekStr bytes) {
    uint64_t noted = header->checksum;
    header->checksum = 0;
    bool good = sek_hash64(bytes.ptr, bytes.len) == noted;
    header->checksum = noted;
    return good;
}

static SekStatus check_stamps(const Header *header, SekStr bytes) {
    const StampRecord *records = (const StampRecord *)(const void *)(bytes.ptr + sizeof *header);
    const char *paths = bytes.ptr + sizeof *header + header->n_stamps * sizeof *records;
    uint32_t n = (uint32_t)header->n_stamps;
    SekStamped *list = malloc((n + 1) * sizeof *list);
    if (!list)
        return SEK_ERR_MEMORY;
    bool good = n == 0 || (header->paths_bytes && paths[header->paths_bytes - 1] == '\0');
    for (uint32_t i = 0; i < n && good; i++) {
        good = records[i].path_at < header->paths_bytes;
        if (good)
            list[i] = (SekStamped){sek_str(paths + records[i].path_at), records[i].stamp};
    }
    good = good && sek_stamps_hold(list, n);
    free(list);
    return good ? SEK_OK : SEK_NOT_FOUND;
}

SekStatus sek_rule_cache_open(const SekCacheKey *key, SekMapped *mapped, SekRuleset *rules) {
    SekStr bytes = sek_str_n(mapped->ptr, mapped->len);
    Header *header = (Header *)(uintptr_t)bytes.ptr;
    if (bytes.len < sizeof *header || !is_whole(key, header, bytes) || !is_undamaged(header, bytes))
        return SEK_NOT_FOUND;
    SekStatus status = check_stamps(header, bytes);
    if (status != SEK_OK)
        return status;
    size_t at = (size_t)header->image_at;
    status = sek_image_read(rules, mapped, at, (uintptr_t)header->base + at);
    return status == SEK_ERR_INPUT ? SEK_NOT_FOUND : status;
}

SekStatus sek_rule_cache_get(const SekRulesOptions *options, SekRuleset **out) {
    SekCacheKey key;
    SekMapped mapped = {0};
    SekBuf name;
    if (make_key(options, &key) != SEK_OK)
        return SEK_NOT_FOUND;
    SekRuleset *rules = calloc(1, sizeof *rules);
    if (!rules)
        return SEK_ERR_MEMORY;
    file_name(&key, &name);
    SekStatus status = name.failed ? name.failed : sek_cache_map(options->cache, name.data, wish(&key), &mapped);
    if (status == SEK_OK)
        status = sek_rule_cache_open(&key, &mapped, rules);
    sek_unmap(&mapped); /* empty when the rules have it */
    sek_buf_deinit(&name);
    if (status == SEK_OK)
        *out = rules;
    else
        free(rules);
    return status;
}

/* --- writing --------------------------------------------------------------------------------------- */

static void add_stamps(SekBuf *file, const SekStamps *stamps, Header *header) {
    for (uint32_t i = 0; i < stamps->n; i++) {
        StampRecord record = {stamps->list[i].stamp, header->paths_bytes};
        sek_buf_add(file, &record, sizeof record);
        header->paths_bytes += stamps->list[i].path.len + 1;
    }
    for (uint32_t i = 0; i < stamps->n; i++)
        sek_buf_add(file, stamps->list[i].path.ptr, stamps->list[i].path.len + 1);
    while (file->len % SEK_IMAGE_ALIGN && !file->failed)
        sek_buf_addc(file, '\0');
}

static bool write_file(const SekCacheKey *key, const SekStamps *stamps, const SekRuleset *rules, SekBuf *file) {
    Header header = {.magic = MAGIC, .order = ORDER, .key = *key, .n_stamps = stamps->n, .base = wish(key)};
    sek_buf_add(file, &header, sizeof header);
    add_stamps(file, stamps, &header);
    header.image_at = file->len;
    if (file->failed || sek_image_write(rules, wish(key) + file->len, file) != SEK_OK)
        return false;
    header.file_bytes = file->len;
    memcpy(file->data, &header, sizeof header);
    header.checksum = sek_hash64(file->data, file->len);
    memcpy(file->data, &header, sizeof header);
    return true;
}

void sek_rule_cache_put(const SekRulesOptions *options, const SekStamps *stamps, const SekRuleset *rules) {
    SekCacheKey key;
    SekBuf name, file;
    if (!stamps->whole || make_key(options, &key) != SEK_OK)
        return;
    file_name(&key, &name);
    sek_buf_init(&file, SEK_CACHE_MAX_BYTES);
    if (!name.failed && write_file(&key, stamps, rules, &file))
        sek_cache_write(options->cache, name.data, sek_buf_str(&file)); /* or not: as without a cache */
    sek_buf_deinit(&file);
    sek_buf_deinit(&name);
}
