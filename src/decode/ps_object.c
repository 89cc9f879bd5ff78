/* SPDX-License-Identifier: Apache-2.0 */

/* Objects: streams that unpack, readers, encodings, SecureString, AES, StringBuilder and what else disguises
 * are made of. A stream is its bytes: unpacking happens where it is opened. */

#include "decode/ps_run.h"

static const SekPsText blank = {(const uint16_t *)u" ", 1};
static const SekPsText nothing = {(const uint16_t *)u"", 0};

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

SekPsObject *sek_ps_object(SekPsRun *run, SekPsObjectKind kind) {
    SekPsObject *o = SEK_ARENA_NEW(run->arena, SekPsObject);
    if (o)
        o->kind = (uint8_t)kind;
    return o;
}

static const SekPsObject *object_arg(const SekPsValue *args, uint32_t n, uint32_t i, SekPsObjectKind kind) {
    return i < n && args[i].kind == PV_OBJECT && args[i].object->kind == kind && !args[i].object->tainted
               ? args[i].object
               : NULL;
}

/* --- making ------------------------------------------------------------------------------------------------
 */

static SekPsValue stream_of(SekPsRun *run, SekPsArray *bytes) {
    SekPsObject *o = bytes ? sek_ps_object(run, PS_OBJ_STREAM) : NULL;
    if (o)
        o->array = bytes;
    return sek_pv_object(o);
}

static SekPsValue unpacked(SekPsRun *run, const SekPsValue *args, uint32_t n, SekPsPacking packing) {
    const SekPsObject *from = object_arg(args, n, 0, PS_OBJ_STREAM);
    if (!from || from->number > from->array->n) {
        sek_ps_partial(run, "a compressed stream of something that is not known");
        return sek_pv_unknown();
    }
    if (packing == PS_PACK_DEFLATE && from->array->n > from->number + 2 && from->number == 0 &&
        (from->array->bytes[0] & 0x0F) == 8 &&
        (from->array->bytes[0] << 8 | from->array->bytes[1]) % 31 == 0 && (from->array->bytes[0] >> 4) <= 7) {
        SekPsValue v = sek_ps_inflate(run, from->array->bytes, from->array->n,
                                      PS_PACK_ZLIB); /* its header was left on */
        if (v.kind == PV_ARRAY)
            return stream_of(run, v.array);
    }
    SekPsValue v = sek_ps_inflate(run, from->array->bytes + from->number,
                                  from->array->n - (size_t)from->number, packing);
    if (v.kind != PV_ARRAY) {
        sek_ps_partial(run, "a compressed stream that cannot be unpacked");
        return v;
    }
    sek_ps_unhid(run, packing == PS_PACK_GZIP ? "gzip" : packing == PS_PACK_ZLIB ? "zlib" : "deflate");
    return stream_of(run, v.array);
}

/* Text of bytes, with the byte-order mark deciding where there is one, as StreamReader does. */
static SekPsValue reader_of(SekPsRun *run, const SekPsValue *args, uint32_t n) {
    const SekPsObject *from = object_arg(args, n, 0, PS_OBJ_STREAM),
                      *encoding = object_arg(args, n, 1, PS_OBJ_ENCODING);
    if (!from)
        return sek_pv_unknown();
    SekPsEncoding e = encoding ? (SekPsEncoding)encoding->number : PS_ENC_UTF8;
    const uint8_t *b = from->array->bytes;
    size_t size = from->array->n, skip = 0;
    if (size >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
        e = PS_ENC_UTF8;
        skip = 3;
    } else if (size >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) {
        e = b[0] == 0xFF ? PS_ENC_UTF16 : PS_ENC_UTF16BE;
        skip = 2;
    }
    SekPsArray view = *from->array;
    view.bytes = from->array->bytes + skip;
    view.n = (uint32_t)(size - skip);
    SekPsValue text = sek_ps_decode_text(run, &view, e);
    SekPsObject *o = text.kind == PV_STRING ? sek_ps_object(run, PS_OBJ_READER) : NULL;
    if (o)
        o->text = text.text;
    return sek_pv_object(o);
}

static SekPsValue new_string(SekPsRun *run, const SekPsValue *args, uint32_t n) {
    SekPsText text;
    int64_t from, count;
    if (n == 2 && sek_pv_known(&args[0]) && (args[0].kind == PV_CHAR || args[0].kind == PV_STRING) &&
        sek_pv_to_int(&args[1], &count)) {
        SekPsValue one = sek_ps_cast(run, SEK_STR("string"), &args[0]);
        return sek_ps_binary_op(run, PS_OP_MUL, false, &one, &args[1]);
    }
    if (n == 0 || !sek_pv_known(&args[0]) || !sek_pv_to_text(run->arena, &args[0], nothing, &text))
        return sek_pv_some_string();
    if (n == 3 && sek_pv_to_int(&args[1], &from) && sek_pv_to_int(&args[2], &count) && from >= 0 &&
        count >= 0)
        return sek_pv_text(sek_pt_cut(text, (uint32_t)from, (uint32_t)count));
    return n == 1 ? sek_pv_text(text) : sek_pv_some_string();
}

static SekPsValue credential(SekPsRun *run, const SekPsValue *args, uint32_t n, bool network) {
    const SekPsObject *secure = object_arg(args, n, 1, PS_OBJ_SECURE);
    SekPsObject *o = sek_ps_object(run, PS_OBJ_CREDENTIAL);
    if (!o)
        return sek_pv_unknown();
    if (secure)
        o->text = secure->text;
    else if (n > 1 && args[1].kind == PV_STRING && network)
        o->text = args[1].text;
    else
        return sek_pv_unknown();
    o->value = network ? sek_pv_text(o->text) : args[1];
    return sek_pv_object(o);
}

static SekPsValue encoding_object(SekPsRun *run, SekPsEncoding e) {
    SekPsObject *o = sek_ps_object(run, PS_OBJ_ENCODING);
    if (o)
        o->number = e;
    return sek_pv_object(o);
}

static SekPsValue sized_array(SekPsRun *run, SekStr element, const SekPsValue *args, uint32_t n) {
    int64_t count;
    if (n != 1 || !sek_pv_to_int(&args[0], &count) || count < 0 || count > SEK_PS_MAX_ITEMS)
        return sek_pv_unknown();
    if (is(element, "byte"))
        return sek_pv_array(sek_pa_bytes(run->arena, NULL, (size_t)count));
    SekPsArray *all = sek_pa_new(run->arena, (uint32_t)count);
    for (int64_t i = 0; all && i < count; i++)
        all->items[all->n++] = is(element, "char")                              ? sek_pv_char(0)
                               : is(element, "string") || is(element, "object") ? sek_pv_null()
                                                                                : sek_pv_int(0);
    return sek_pv_array(all);
}

static SekPsValue cipher(SekPsRun *run) {
    SekPsObject *o = sek_ps_object(run, PS_OBJ_CIPHER);
    if (o)
        o->number = 1 | 2 << 8; /* CBC and PKCS7, the defaults of .NET */
    return sek_pv_object(o);
}

static SekPsValue list_object(SekPsRun *run, const SekPsValue *args, uint32_t n) {
    SekPsObject *o = n <= 1 ? sek_ps_object(run, PS_OBJ_LIST) : NULL;
    SekPsArray *items = sek_pa_new(run->arena, 8);
    for (uint32_t i = 0; items && n == 1 && args[0].kind == PV_ARRAY && i < args[0].array->n; i++)
        if (!sek_pa_push(run->arena, items, sek_pa_at(args[0].array, i)))
            items = NULL;
    if (!o || !items)
        return sek_pv_unknown();
    o->array = items;
    return sek_pv_object(o);
}

static SekPsValue builder(SekPsRun *run, const SekPsValue *args, uint32_t n) {
    SekPsObject *o = sek_ps_object(run, PS_OBJ_BUILDER);
    if (!o)
        return sek_pv_unknown();
    o->text = n > 0 && args[0].kind == PV_STRING ? args[0].text : nothing;
    return sek_pv_object(o);
}

SekPsValue sek_ps_new_object(SekPsRun *run, SekStr type, const SekPsValue *args, uint32_t n) {
    char buf[128];
    SekStr t = sek_ps_type_name(type, buf, sizeof buf);
    if (n == 1 && args[0].kind == PV_ARRAY && !args[0].array->tainted && args[0].array->elem == PS_ELEM_ANY &&
        !is(t, "io.memorystream") && !is(t, "string") &&
        !is(t, "collections.arraylist")) { /* one list of arguments */
        n = args[0].array->n;
        args = args[0].array->items;
    }
    if (is(t, "string"))
        return new_string(run, args, n);
    if (is(t, "io.memorystream")) {
        SekPsValue given = n > 0 ? args[0] : sek_pv_unknown();
        if (given.kind == PV_ARRAY && given.array->elem == PS_ELEM_ANY && given.array->n > 0 &&
            given.array->items[0].kind == PV_ARRAY)
            given = given.array->items[0]; /* (,$bytes) */
        return stream_of(run, n == 0 ? sek_pa_bytes(run->arena, "", 0) : sek_pv_as_bytes(run->arena, &given));
    }
    if (is(t, "io.compression.deflatestream") || is(t, "io.compression.gzipstream") ||
        is(t, "io.compression.zlibstream"))
        return unpacked(run, args, n,
                        t.ptr[15] == 'd'   ? PS_PACK_DEFLATE
                        : t.ptr[15] == 'g' ? PS_PACK_GZIP
                                           : PS_PACK_ZLIB);
    if (is(t, "io.streamreader"))
        return reader_of(run, args, n);
    if (is(t, "security.cryptography.cryptostream")) {
        const SekPsObject *from = object_arg(args, n, 0, PS_OBJ_STREAM),
                          *decryptor = object_arg(args, n, 1, PS_OBJ_DECRYPTOR);
        SekPsValue plain = from && decryptor
                               ? sek_ps_aes_decrypt(run, decryptor, from->array->bytes, from->array->n)
                               : sek_pv_unknown();
        return plain.kind == PV_ARRAY ? stream_of(run, plain.array) : sek_pv_unknown();
    }
    if (is(t, "management.automation.pscredential") || is(t, "pscredential") ||
        is(t, "net.networkcredential"))
        return credential(run, args, n, t.ptr[0] == 'n');
    if (is(t, "text.asciiencoding"))
        return encoding_object(run, PS_ENC_ASCII);
    if (is(t, "text.utf8encoding"))
        return encoding_object(run, PS_ENC_UTF8);
    if (is(t, "text.unicodeencoding"))
        return encoding_object(run, PS_ENC_UTF16);
    if (is(t, "text.stringbuilder"))
        return builder(run, args, n);
    if (is(t, "collections.arraylist") || sek_str_starts(t, SEK_STR("collections.generic.list")))
        return list_object(run, args, n);
    if (sek_str_starts(t, SEK_STR("security.cryptography.")) &&
        (sek_str_ends(t, SEK_STR("aesmanaged")) || sek_str_ends(t, SEK_STR("rijndaelmanaged")) ||
         sek_str_ends(t, SEK_STR("aescryptoserviceprovider")) || sek_str_ends(t, SEK_STR(".aes"))))
        return cipher(run);
    if (t.len > 2 && sek_str_ends(t, SEK_STR("[]")))
        return sized_array(run, sek_str_n(t.ptr, t.len - 2), args, n);
    return sek_pv_unknown();
}

/* --- using -------------------------------------------------------------------------------------------------
 */

static SekPsValue encoding_method(SekPsRun *run, const SekPsCall *call) {
    SekPsEncoding e = (SekPsEncoding)call->self.object->number;
    SekPsText text;
    int64_t from = 0, n = 0;
    if (is(call->name, "getstring") || is(call->name, "getchars")) {
        SekPsArray *bytes = call->n > 0 ? sek_pv_as_bytes(run->arena, &call->args[0]) : NULL;
        if (!bytes ||
            (call->n == 3 && (!sek_pv_to_int(&call->args[1], &from) || !sek_pv_to_int(&call->args[2], &n) ||
                              from < 0 || n < 0 || from + n > bytes->n)))
            return is(call->name, "getstring") ? sek_pv_some_string() : sek_pv_unknown();
        SekPsArray view = *bytes;
        if (call->n == 3) {
            view.bytes += from;
            view.n = (uint32_t)n;
        }
        SekPsValue v = sek_ps_decode_text(run, &view, e);
        sek_ps_unhid(run, "bytes-to-text");
        return v.kind == PV_STRING && is(call->name, "getchars") ? sek_ps_cast(run, SEK_STR("char[]"), &v)
                                                                 : v;
    }
    if (is(call->name, "getbytes") && call->n == 1 && sek_pv_known(&call->args[0]) &&
        sek_pv_to_text(run->arena, &call->args[0], nothing, &text))
        return sek_ps_encode_text(run, text, e);
    return sek_pv_unknown();
}

static SekPsValue stream_method(SekPsRun *run, const SekPsCall *call) {
    SekPsObject *o = call->self.object;
    int64_t at;
    if (is(call->name, "toarray") || is(call->name, "getbuffer"))
        return sek_pv_array(sek_pa_bytes(run->arena, o->array->bytes, o->array->n));
    if (is(call->name, "copyto") && call->n >= 1 && call->args[0].kind == PV_OBJECT &&
        call->args[0].object->kind == PS_OBJ_STREAM) {
        SekPsObject *to = call->args[0].object;
        if (to->array->n > 0)
            return sek_pv_unknown();
        sek_env_changed(run, &to->tainted);
        to->array = sek_pa_bytes(run->arena, o->array->bytes + o->number, o->array->n - (size_t)o->number);
        return to->array ? sek_pv_null() : sek_pv_unknown();
    }
    if (is(call->name, "readbyte") && o->number < o->array->n) {
        sek_env_changed(run, &o->tainted);
        return sek_pv_int(o->array->bytes[o->number++]);
    }
    if (is(call->name, "seek") && call->n > 0 && sek_pv_to_int(&call->args[0], &at) && at >= 0 &&
        at <= o->array->n) {
        sek_env_changed(run, &o->tainted);
        o->number = at;
        return sek_pv_int(at);
    }
    if (is(call->name, "close") || is(call->name, "dispose") || is(call->name, "flush"))
        return sek_pv_null();
    return sek_pv_unknown();
}

static SekPsValue reader_method(SekPsRun *run, const SekPsCall *call) {
    if (is(call->name, "readtoend")) {
        sek_ps_unhid(run, "stream-to-text");
        return sek_pv_text(call->self.object->text);
    }
    if (is(call->name, "close") || is(call->name, "dispose"))
        return sek_pv_null();
    return sek_pv_unknown();
}

static SekPsValue cipher_method(SekPsRun *run, const SekPsCall *call) {
    SekPsObject *self = call->self.object, *o;
    if (is(call->name, "dispose") || is(call->name, "clear"))
        return sek_pv_null();
    if (!is(call->name, "createdecryptor") || !(o = sek_ps_object(run, PS_OBJ_DECRYPTOR)))
        return sek_pv_unknown();
    *o = *self;
    o->kind = PS_OBJ_DECRYPTOR;
    if (call->n == 2) {
        o->key = sek_pv_as_bytes(run->arena, &call->args[0]);
        o->iv = sek_pv_as_bytes(run->arena, &call->args[1]);
    }
    return o->key ? sek_pv_object(o) : sek_pv_unknown();
}

static SekPsValue decryptor_method(SekPsRun *run, const SekPsCall *call) {
    int64_t from, n;
    SekPsArray *bytes = call->n == 3 ? sek_pv_as_bytes(run->arena, &call->args[0]) : NULL;
    if (!is(call->name, "transformfinalblock") || !bytes || !sek_pv_known(&call->args[1]) ||
        !sek_pv_known(&call->args[2]) || !sek_pv_to_int(&call->args[1], &from) ||
        !sek_pv_to_int(&call->args[2], &n) || from < 0 || n < 0 || from + n > bytes->n)
        return sek_pv_unknown();
    return sek_ps_aes_decrypt(run, call->self.object, bytes->bytes + from, (size_t)n);
}

static SekPsValue builder_method(SekPsRun *run, const SekPsCall *call) {
    SekPsObject *o = call->self.object;
    SekPsText more;
    if (is(call->name, "tostring") && call->n == 0)
        return sek_pv_text(o->text);
    if (is(call->name, "append") && call->n == 1 && sek_pv_known(&call->args[0]) &&
        sek_pv_to_text(run->arena, &call->args[0], nothing, &more)) {
        SekPsText sum = sek_pt_join(run->arena, o->text, more);
        if (!sum.p || !sek_ps_pay(run, sum.n / 32))
            return sek_pv_unknown();
        sek_env_changed(run, &o->tainted);
        o->text = sum;
        return call->self;
    }
    return sek_pv_unknown();
}

static SekPsValue list_method(SekPsRun *run, const SekPsCall *call) {
    SekPsArray *items = call->self.object->array;
    SekPsArray none = {.n = 0};
    if (is(call->name, "toarray"))
        return sek_pv_array(sek_pa_joined(run->arena, items, &none));
    if (is(call->name, "add") && call->n == 1) {
        sek_env_changed(run, &call->self.object->tainted);
        return sek_pa_push(run->arena, items, call->args[0]) ? sek_pv_int(items->n - 1) : sek_pv_unknown();
    }
    if (is(call->name, "reverse") && call->n == 0) {
        sek_env_changed(run, &call->self.object->tainted);
        for (uint32_t i = 0; i < items->n / 2; i++) {
            SekPsValue item = items->items[i];
            items->items[i] = items->items[items->n - 1 - i];
            items->items[items->n - 1 - i] = item;
        }
        return sek_pv_null();
    }
    return sek_pv_unknown();
}

static SekPsValue regex_method(SekPsRun *run, const SekPsCall *call) {
    SekPsText text, with, pattern = call->self.object->text;
    if (call->n == 0 || !sek_pv_known(&call->args[0]) ||
        !sek_pv_to_text(run->arena, &call->args[0], blank, &text))
        return sek_pv_unknown();
    if (is(call->name, "replace") && call->n == 2 && sek_pv_known(&call->args[1]) &&
        sek_pv_to_text(run->arena, &call->args[1], blank, &with))
        return sek_ps_replace(run, text, pattern, with, false);
    if (is(call->name, "split") && call->n == 1)
        return sek_ps_split(run, text, pattern, 0, false);
    return is(call->name, "matches") && call->n == 1 ? sek_ps_all_matches(run, text, pattern, false)
                                                     : sek_pv_unknown();
}

/* $ExecutionContext.InvokeCommand */
static SekPsValue invoke_command(SekPsRun *run, const SekPsCall *call) {
    SekPsText text;
    if (call->n == 0 || !sek_pv_known(&call->args[0]) ||
        !sek_pv_to_text(run->arena, &call->args[0], blank, &text)) {
        sek_ps_partial(run, "$ExecutionContext.InvokeCommand is given text that is not known");
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    if (is(call->name, "invokescript"))
        return sek_ps_invoke_text(run, text, call->node);
    if (is(call->name, "newscriptblock"))
        return sek_ps_cast(run, SEK_STR("scriptblock"), &call->args[0]);
    if (sek_str_starts(call->name, SEK_STR("getc"))) {
        SekStr found = sek_ps_find_command(text);
        SekPsObject *o = found.len ? sek_ps_object(run, PS_OBJ_COMMAND) : NULL;
        if (!o)
            return sek_pv_unknown();
        o->text = sek_pt_from_utf8(run->arena, found);
        sek_ps_unhid(run, "command-wildcard");
        return is(call->name, "getcommandname") ? sek_pv_text(o->text) : sek_pv_object(o);
    }
    return sek_pv_unknown();
}

SekPsValue sek_ps_object_method(SekPsRun *run, const SekPsCall *call) {
    SekPsObject *o = call->self.object;
    switch (o->kind) {
    case PS_OBJ_ENCODING:
        return encoding_method(run, call);
    case PS_OBJ_STREAM:
        return stream_method(run, call);
    case PS_OBJ_READER:
        return reader_method(run, call);
    case PS_OBJ_CIPHER:
        return cipher_method(run, call);
    case PS_OBJ_DECRYPTOR:
        return decryptor_method(run, call);
    case PS_OBJ_BUILDER:
        return builder_method(run, call);
    case PS_OBJ_LIST:
        return list_method(run, call);
    case PS_OBJ_REGEX:
        return regex_method(run, call);
    case PS_OBJ_INVOKE:
        return invoke_command(run, call);
    case PS_OBJ_MATCH:
    case PS_OBJ_COMMAND:
        return is(call->name, "tostring") ? sek_pv_text(o->text) : sek_pv_unknown();
    case PS_OBJ_CREDENTIAL:
        return is(call->name, "getnetworkcredential")
                   ? credential(run, (SekPsValue[]){sek_pv_null(), sek_pv_text(o->text)}, 2, true)
                   : sek_pv_unknown();
    case PS_OBJ_SCRIPT:
        return is(call->name, "invoke") || is(call->name, "invokereturnasis")
                   ? sek_ps_invoke_text(run, o->text, call->node)
               : is(call->name, "tostring") ? sek_pv_text(o->text)
                                            : sek_pv_unknown();
    case PS_OBJ_OPAQUE:
        if (is(o->type, "powershell") && is(call->name, "addscript") && call->n > 0) {
            if (call->args[0].kind == PV_STRING && sek_pv_known(&call->args[0]))
                (void)sek_ps_invoke_text(run, call->args[0].text, call->node);
            else
                sek_ps_partial(run, "AddScript is given text that is not known");
            return sek_pv_unknown();
        }
        return sek_pv_unknown();
    default:
        return sek_pv_unknown();
    }
}
