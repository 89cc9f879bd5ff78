/* SPDX-License-Identifier: Apache-2.0 */

/* AES in CBC and ECB mode for keys that stand in the script, and the text form of SecureString that
 * ConvertFrom-SecureString -Key writes: the marker 76492d1116743f0423413b16050a5345, then the Base64 of
 * UTF-16 "2|" + Base64 of the initialisation vector + "|" + hexadecimal AES-CBC of the UTF-16 text. */

#include "decode/ps_run.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>

#define BLOCK 16

typedef struct Aes {
    union {
        struct aes128_ctx k128;
        struct aes192_ctx k192;
        struct aes256_ctx k256;
    } ctx;
    nettle_cipher_func *decrypt;
} Aes;

static bool set_key(Aes *aes, const SekPsArray *key) {
    switch (key ? key->n : 0) {
    case 16:
        aes128_set_decrypt_key(&aes->ctx.k128, key->bytes);
        aes->decrypt = (nettle_cipher_func *)aes128_decrypt;
        return true;
    case 24:
        aes192_set_decrypt_key(&aes->ctx.k192, key->bytes);
        aes->decrypt = (nettle_cipher_func *)aes192_decrypt;
        return true;
    case 32:
        aes256_set_decrypt_key(&aes->ctx.k256, key->bytes);
        aes->decrypt = (nettle_cipher_func *)aes256_decrypt;
        return true;
    default:
        return false;
    }
}

/* Length without padding, or -1. 1 none, 2 PKCS7, 3 zeros, 4 ANSIX923, 5 ISO10126: PaddingMode of .NET. */
static int64_t unpadded(const uint8_t *bytes, size_t n, int64_t padding) {
    if (padding == 1 || n == 0)
        return (int64_t)n;
    if (padding == 3)
        return (int64_t)n; /* .NET leaves the zeros */
    unsigned count = bytes[n - 1];
    if (count == 0 || count > BLOCK || count > n)
        return -1;
    for (unsigned i = 1; padding == 2 && i <= count; i++)
        if (bytes[n - i] != count)
            return -1;
    return (int64_t)(n - count);
}

/* `cipher`: key, iv, number = mode (1 CBC, 2 ECB) | padding << 8. */
SekPsValue sek_ps_aes_decrypt(SekPsRun *run, const SekPsObject *cipher, const uint8_t *bytes, size_t n) {
    Aes aes;
    int64_t mode = cipher->number & 0xFF, padding = cipher->number >> 8;
    if (n % BLOCK != 0 || n == 0 || !sek_ps_pay(run, n / 16) || !set_key(&aes, cipher->key))
        return sek_pv_unknown();
    SekPsArray *plain = sek_pa_bytes(run->arena, NULL, n);
    if (!plain)
        return sek_pv_unknown();
    if (mode == 1) {
        uint8_t iv[BLOCK];
        if (!cipher->iv || cipher->iv->n != BLOCK)
            return sek_pv_unknown();
        memcpy(iv, cipher->iv->bytes, BLOCK);
        cbc_decrypt(&aes.ctx, aes.decrypt, BLOCK, iv, n, plain->bytes, bytes);
    } else if (mode == 2) {
        aes.decrypt(&aes.ctx, n, plain->bytes, bytes);
    } else {
        return sek_pv_unknown();
    }
    int64_t length = unpadded(plain->bytes, n, padding);
    if (length < 0)
        return sek_pv_unknown();
    plain->n = (uint32_t)length;
    sek_ps_unhid(run, "aes");
    return sek_pv_array(plain);
}

static SekPsArray *from_hex(SekArena *arena, SekPsText hex) {
    SekPsArray *bytes = hex.n % 2 == 0 ? sek_pa_bytes(arena, NULL, hex.n / 2) : NULL;
    for (uint32_t i = 0; bytes && i < bytes->n; i++) {
        int64_t byte;
        uint16_t c = hex.p[2 * i];
        if (c == '0' ? !sek_pt_to_int(sek_pt_cut(hex, 2 * i + 1, 1), 16, &byte)
                     : !sek_pt_to_int(sek_pt_cut(hex, 2 * i, 2), 16, &byte))
            return NULL;
        bytes->bytes[i] = (uint8_t)byte;
    }
    return bytes;
}

SekPsValue sek_ps_secure_string(SekPsRun *run, SekPsText text, const SekPsArray *key) {
    static const char marker[] = "76492d1116743f0423413b16050a5345";
    SekPsText head = sek_pt_from_utf8(run->arena, sek_str(marker));
    SekPsArray *outer = NULL;
    if (!head.p || !key || text.n < head.n || !sek_pt_eq(sek_pt_cut(text, 0, head.n), head, true) ||
        !sek_ps_base64(run->arena, sek_pt_cut(text, head.n, text.n), &outer))
        return sek_pv_unknown();
    SekPsValue inner = sek_ps_decode_text(run, outer, PS_ENC_UTF16);
    if (inner.kind != PV_STRING)
        return sek_pv_unknown();
    SekPsText t = inner.text, bar = {(const uint16_t *)u"|", 1};
    int64_t first = sek_pt_find(t, bar, 0, false);
    int64_t second = first < 0 ? -1 : sek_pt_find(t, bar, (uint32_t)first + 1, false);
    if (second < 0)
        return sek_pv_unknown();
    SekPsObject cipher = {.number = 1 | 2 << 8, .key = (SekPsArray *)key};
    if (!sek_ps_base64(run->arena, sek_pt_cut(t, (uint32_t)first + 1, (uint32_t)(second - first - 1)),
                       &cipher.iv))
        return sek_pv_unknown();
    const SekPsArray *sealed = from_hex(run->arena, sek_pt_cut(t, (uint32_t)second + 1, t.n));
    if (!sealed)
        return sek_pv_unknown();
    SekPsValue plain = sek_ps_aes_decrypt(run, &cipher, sealed->bytes, sealed->n);
    if (plain.kind != PV_ARRAY)
        return sek_pv_unknown();
    sek_ps_unhid(run, "secure-string");
    return sek_ps_decode_text(run, plain.array, PS_ENC_UTF16);
}
