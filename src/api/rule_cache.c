/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rule_cache.h"

#include "base/build.h"
#include "base/cache.h"
#include "base/hash64.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "engine/image.h"

#include <stdlib.h>

#define MAGIC "SEKRULE5" /* 8 bytes */
#define ORDER UINT64_C(0x0102030405060708) /* of bytes */

typedef struct Header {
    char magic[8];
    uint64_t order;
    SekCacheKey key;
    uint64_t n_stamps, paths_bytes, image_at, file_bytes;
    uint64_t base; /* where the file is meant to be mapped */
    uint64_t checksum; /* of the file, see checksum() */
} Header;

_Static_assert(sizeof(Header) % 8 == 0 && sizeof(SekStampRecord) % 8 == 0, "what follows is aligned");
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
           header->n_stamps <= room / sizeof(SekStampRecord) &&
           header->paths_bytes <= room - header->n_stamps * sizeof(SekStampRecord) &&
           header->image_at >= sizeof *header + header->n_stamps * sizeof(SekStampRecord) + header->paths_bytes &&
           header->image_at <= bytes.len && header->image_at % SEK_IMAGE_ALIGN == 0;
}

/* Of the whole file: what follows the header, then the header with that in the checksum's place. The bytes are only
 * read; of a page that is written the system would make a copy. */
static uint64_t checksum(const Header *header, const char *rest, size_t n) {
    Header copy = *header;
    copy.checksum = sek_hash64(rest, n);
    return sek_hash64(&copy, sizeof copy);
}

typedef struct Check {
    SekStampCheck stamps;
    const Header *header;
    SekStr rest; /* what follows it */
} Check;

/* One thread begins with the checksum. What the others read meanwhile may be damaged: they look at stamps of files
 * that nobody asked for then. */
static void check(void *user, unsigned index) {
    Check *c = user;
    if (index == 0 && checksum(c->header, c->rest.ptr, c->rest.len) != c->header->checksum)
        atomic_store(&c->stamps.differs, true);
    sek_stamps_look(&c->stamps);
}

/* True when nothing is damaged, and nothing has changed since. */
static bool is_good(const Header *header, SekStr bytes) {
    const SekStampRecord *records = (const SekStampRecord *)(const void *)(bytes.ptr + sizeof *header);
    const char *paths = bytes.ptr + sizeof *header + header->n_stamps * sizeof *records;
    uint32_t n = (uint32_t)header->n_stamps;
    if (n && (header->paths_bytes == 0 || paths[header->paths_bytes - 1]))
        return false;
    Check c = {.stamps = {.records = records, .n = n, .paths = paths, .paths_bytes = header->paths_bytes},
               .header = header, .rest = sek_str_n(bytes.ptr + sizeof *header, bytes.len - sizeof *header)};
    sek_pool_run(sek_stamps_threads(n), check, &c, NULL);
    return !atomic_load(&c.stamps.differs);
}

SekStatus sek_rule_cache_open(const SekCacheKey *key, SekMapped *mapped, SekRuleset *rules) {
    SekStr bytes = sek_str_n(mapped->ptr, mapped->len);
    const Header *header = (const Header *)(const void *)bytes.ptr;
    if (bytes.len < sizeof *header || !is_whole(key, header, bytes) || !is_good(header, bytes))
        return SEK_NOT_FOUND;
    size_t at = (size_t)header->image_at;
    SekStatus status = sek_image_read(rules, mapped, at, (uintptr_t)header->base + at);
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
        SekStampRecord record = {stamps->list[i].stamp, header->paths_bytes};
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
    header.checksum = checksum(&header, file->data + sizeof header, file->len - sizeof header);
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
