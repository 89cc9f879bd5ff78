/* SPDX-License-Identifier: Apache-2.0 */
#include "property/span_text.h"

/* Names twice, the name of more cells, another separator, names that mean the same, JSON in a cell. */
static const char *const headers[SEK_SPAN_HEADERS] = {
    "Channel,EventID,Provider_Name,Guid,SystemTime,Image,CommandLine,Empty,Other,Last\r\n",
    "LogName;Channel;EventID;Provider;Level;A;B;C;\"D \"\"d\"\"\";E\n",
    "EventID\tChannel\tA\tB\tA\tC\n",
    "Level,Date and Time,Source,Event ID,Task Category\r\n",
    "RecordNumber,EventId,Channel,Provider,Payload,ChunkNumber,ProcessId\n",
    "TimeCreated,Id,LogName,ProviderName,Message,User\n",
};
static const char separators[SEK_SPAN_HEADERS] = {',', ';', '\t', ',', ',', ','};
static const uint32_t columns[SEK_SPAN_HEADERS] = {10, 10, 6, 5, 7, 6};

static const char *const cells[] = {
    "", "", "", "", "Security", "4688", "1", "54849625-5478-4994-A5BA-3E3B0328C30D", "2021-10-29T16:53:20.1903323Z", "4/26/2022 2:20:11 AM",
    "C:\\Windows\\System32\\cmd.exe", "cmd.exe /c echo a", "\"\"", "\"quoted\"", "\"a,b;c\td\"", "\"line\r\nend\"", "\"say \"\"hi\"\"\"",
    "\"\"\"C:\\a b\"\" -x\"", "\"\"\"\"", "\"\"\"\"\"\"", "\"x\"\"\"", "a\"b\"c", "\"a\"b", "\"a\" \"b\"", "\" \"", " ", "\xC3\xA9t\xC3\xA9",
    "\"\xE3\x81\x82\xE3\x81\x84\"", "a\rb", "\r", "0123456789012345678901234567890123456789012345678901234567890123456789", "-",
    "{\"EventData\":{\"Data\":\"x\"}}", "\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"N\"\",\"\"#text\"\":\"\"v\"\"}]}}\"",
    "\"0123456789012345678901234567890123456789 \"\" 0123456789012345678901234567890123456789\"",
};

/* What is written over a record: bytes that mean something to a reader. */
static const char *const pieces[] = {
    "\"", "\"\"", ",", ";", "\t", ",,,", "\n", "\r", "\r\n", "\r\r\n", " ", "x", "\xC3\xA9", "\xE3\x81\x82", "\xC3", "\xFF", "\xEF\xBF\xBD",
    "\",\"", "<", ">", "/", "</", "/>", "'", "=", "&", "&amp;", "&lt;", "&#65;", "&#x3042;", "&#0;", "&#xD800;", "&none;", "&quot;&quot;",
    "<!-- c -->", "<![CDATA[a<b]]>", "<?p i?>", "<a>", "</a>", "<a/>", "<b>t</b>", " b='2'", " Name='Z'", " xmlns='urn:x'", "<!DOCTYPE x>",
    " xmlns='http://schemas.microsoft.com/win/2004/08/events/event'", "</Data>", "<Data Name='New'>", "</EventData>", "</Event>", "<Event>",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
};

#define NS "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"
#define SYSTEM "<System><Provider Name='P' Guid='{54849625-5478-4994-A5BA-3E3B0328C30D}'/><EventID Qualifiers=\"0\">%s</EventID>" \
               "<Level>4</Level><TimeCreated SystemTime='2021-10-29T16:53:20.1903323Z'/><Correlation/><Channel>Security</Channel>"  \
               "<Computer>pc</Computer><Security/></System>"
static const char *const events[] = {
    "<Event " NS ">" SYSTEM "<EventData><Data Name='A'>%s</Data><Data Name='B'>%s</Data></EventData></Event>\n",
    "<Event " NS ">" SYSTEM "<EventData><Data Name='A'>%s</Data><Data Name='C'></Data><Data Name='D'/></EventData></Event>\r\n",
    "<Event " NS ">\r\n  " SYSTEM "\r\n  <EventData>\r\n    <Data Name=\"A\">%s</Data>\r\n    <Data>%s</Data>\r\n  </EventData>\r\n</Event>\r\n",
    "<Event " NS ">" SYSTEM "<EventData></EventData></Event>\n",
    "<Event " NS ">" SYSTEM "<EventData>%s</EventData></Event>\n",
    "<Event " NS ">" SYSTEM "<UserData><X xmlns='urn:y'><P>%s</P><Event>%s</Event><Q a='%s' b=\"c\"/></X></UserData></Event>\n",
    "<Event " NS ">" SYSTEM "<UserData><Event xmlns='%s'><P>%s</P></Event></UserData></Event>\n",
    "<Event " NS ">" SYSTEM "<EventData><!-- %s --><Data Name='A'><![CDATA[%s]]></Data></EventData></Event>\n",
    "<Event><System><EventID>%s</EventID></System></Event>",
};
static const char *const texts[] = {
    "4688", "1", "", " ", "x", "C:\\Windows\\a.exe", "\"C:\\a b\" -x", "a &amp; b", "1 &gt; 2 &lt; 3", "&quot;q&quot;", "\xE3\x81\x82\xE3\x81\x84",
    "it's", "0123456789012345678901234567890123456789012345678901234567890123456789", "\r\n", "a\r\nb", "&#12354;&#x3044;", "54849625",
    "urn:z", "http://schemas.microsoft.com/win/2004/08/events/event",
};

SekStr sek_span_gen_header(uint32_t which) {
    return sek_str(headers[which]);
}

static void spoil(SekGen *gen, SekBuf *text) {
    for (uint32_t n = sek_gen_chance(gen, 60) ? 0 : 1 + sek_gen_below(gen, 2); n > 0; n--) {
        size_t at = sek_gen_below(gen, (uint32_t)text->len + 1), left = text->len - at;
        size_t cut = sek_gen_chance(gen, 50) ? sek_gen_below(gen, 5) : 0;
        if (sek_gen_chance(gen, 4)) /* the rest is missing */
            cut = left;
        sek_splice(text, at, cut < left ? cut : left, sek_str(SEK_GEN_PICK(gen, pieces)));
    }
}

void sek_span_gen_csv(SekGen *gen, uint32_t header, SekBuf *out) {
    uint32_t n = columns[header], kind = sek_gen_below(gen, 3); /* few sets of cells that are filled */
    if (sek_gen_chance(gen, 15))
        n += sek_gen_below(gen, 4);
    else if (sek_gen_chance(gen, 10))
        n -= sek_gen_below(gen, n);
    sek_buf_clear(out);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            sek_buf_addc(out, separators[header]);
        bool filled = i < 3 || (kind + i) % 3 == 0;
        const char *cell = SEK_GEN_PICK(gen, cells);
        if (filled ? *cell != '\0' : sek_gen_chance(gen, 5))
            sek_buf_adds(out, cell);
        else if (filled || sek_gen_chance(gen, 5))
            sek_buf_adds(out, filled ? "v" : "\"\"");
    }
    sek_buf_adds(out, sek_gen_chance(gen, 50) ? "\r\n" : "\n");
    spoil(gen, out);
}

void sek_span_gen_xml(SekGen *gen, SekBuf *out) {
    const char *event = SEK_GEN_PICK(gen, events);
    sek_buf_clear(out);
    for (const char *at = event; *at; at++) {
        if (at[0] == '%' && at[1] == 's') {
            sek_buf_adds(out, SEK_GEN_PICK(gen, texts));
            at++;
        } else {
            sek_buf_addc(out, *at);
        }
    }
    spoil(gen, out);
    if (sek_gen_chance(gen, 3)) /* between records */
        sek_buf_adds(out, sek_gen_chance(gen, 50) ? "<!-- \xFF -->\n" : "<!-- \xE3\x81\x82 -->");
}

bool sek_span_gen_cp932(SekStr text, SekBuf *out) {
    static const struct {
        const char *utf8, *cp932;
    } known[] = {{"\xE3\x81\x82", "\x82\xA0"}, {"\xE3\x81\x84", "\x82\xA2"}};
    sek_buf_clear(out);
    for (size_t at = 0; at < text.len;) {
        size_t i = 0;
        while ((uint8_t)text.ptr[at] >= 0x80 && i < 2 && !sek_str_starts(sek_str_n(text.ptr + at, text.len - at), sek_str(known[i].utf8)))
            i++;
        if (i == 2)
            return false;
        if ((uint8_t)text.ptr[at] < 0x80) {
            sek_buf_addc(out, text.ptr[at++]);
        } else {
            sek_buf_adds(out, known[i].cp932);
            at += 3;
        }
    }
    return true;
}
