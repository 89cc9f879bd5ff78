#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Texts of events in other encodings: read as what they say or are, and what is not text is told.

usage: test_encodings.py BUILD_FOLDER
"""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

EVENT = ('<Event><System><EventID>1</EventID><Channel>Security</Channel></System>'
         '<EventData><Data Name="User">{}</Data></EventData></Event>')
FORMS = {
    'xml': (EVENT, '<Events>{}</Events>'),
    'json': ('{{"Channel":"Security","EventID":1,"User":"{}"}},', '[{}{{"delete":{{}}}}]'),
    'jsonl': ('{{"Channel":"Security","EventID":1,"User":"{}"}}\n', '{}'),
    'csv': ('Security,1,{}\n', 'Channel,EventID,User\n{}'),
}
BAD = 'is read as U+FFFD, the first of it'.encode()


class Encodings:
    def __init__(self, t, folder):
        self.t, self.folder = t, folder

    def dump(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as file:
            file.write(content)
        return self.t.run('dump', '--format', 'xml', path)

    def expect(self, name, content, user, times, bad=False):
        """Every event has this value of User (None: is not looked at), and bad text is told or not."""
        code, out, err = self.dump(name, content)
        found = out.decode('utf-8', 'replace').count(f"<Data Name='User'>{user}<" if user else "<Data Name='User'>")
        self.t.check(code in (0, 4) and found == times, f'{name}: {code}, {found} of {times}: {out[-300:]} {err[-200:]}')
        self.t.check((BAD in err) == bad, f'{name}: what is told: {err[-300:]}')


def text(form, user, times=3):
    event, around = FORMS[form]
    return around.format(event.format(user) * times)


def declared(c):
    for name, codec, user in (('shift_jis', 'cp932', '表ソ'), ('Windows-31J', 'cp932', 'ｱｲｳ'), ('CP932', 'cp932', '髙'),
                              ('ISO-8859-1', 'latin1', 'Müller'), ('windows-1252', 'cp1252', 'Müller €'),
                              ('utf-8', 'utf-8', '表ソ'), ('us-ascii', 'ascii', 'bob'), ('utf-16', 'utf-16', '表ソ')):
        for quote in '"\'':
            head = f'<?xml version={quote}1.0{quote} encoding = {quote}{name}{quote} standalone="yes"?>\r\n'
            for times in 3, 12000:
                content = (head + text('xml', user, times)).encode(codec)
                c.expect(f'{name}-{times}.xml', content, user, times)
    head = '<?xml version="1.0" encoding="shift_jis"?>'
    c.expect('says-otherwise.xml', (head + text('xml', '管理者のログオン')).encode('utf-8'), '管理者のログオン', 3)
    c.expect('bad-in-it.xml', (head + text('xml', '表?')).encode('cp932').replace(b'?<', b'\xff<'), '表\ufffd', 3, True)


def japanese(c):
    for form in FORMS:
        for user in '山田', '管理者', 'カタカナ ｱ':
            c.expect(f'japanese.{form}', text(form, user).encode('cp932'), user, 3)


def others(c):
    """Other code pages are not taken for Japanese; that they cannot be read is told."""
    for codec, user in (('latin1', 'Système'), ('cp850', 'Können'), ('cp1251', 'Администратор вошёл'), ('gbk', '管理员登录失败'),
                        ('big5', '系統管理員登入失敗'), ('cp949', '관리자 로그온 실패'), ('euc-jp', '佐藤')):
        for form in FORMS:
            c.expect(f'{codec}.{form}', text(form, user).encode(codec), None, 3, True)
    c.expect('one-byte.jsonl', text('jsonl', 'a?b').encode().replace(b'?', b'\xff'), 'a\ufffdb', 3, True)
    good = text('jsonl', 'x' * 1000, 300)
    for user in '管理者', 'a' * 200 + 'é' + 'b' * 200 + '\U0001F600', '\ufffd':
        c.expect('late.jsonl', (good + text('jsonl', user)).encode(), user, 3)
    late = good.encode() + text('jsonl', '管理者').encode('cp932')
    c.expect('late-bad.jsonl', late, None, 303, True)
    _, _, err = c.dump('late-bad.jsonl', late)
    first = len(good) + text('jsonl', '').index('""') + 1
    c.t.check(f'at offset {first}'.encode() in err, f'place of the first: {first}, {err}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        c = Encodings(t, folder)
        declared(c)
        japanese(c)
        others(c)
    t.end()


main()
