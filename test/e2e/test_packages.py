#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives that are cut, that have more behind them, or that stand in each other: what can be read is read,
and what was not is told with the name of the archive.

usage: test_packages.py BUILD_FOLDER
"""
import bz2
import gzip
import io
import json
import lzma
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

ROWS = 3000  # of each log: 288 KB, so that no reader has it all at once
CUT, BEHIND = 'was cut', 'more data stands behind its end'


def rows(seed):
    """Text that packs badly: where a file is cut is where its text is."""
    r = random.Random(seed)
    return ''.join(json.dumps({'EventID': 1, 'Channel': 'Security', 'Computer': 'h', 'X': f'{r.getrandbits(128):032x}'}) + '\n'
                   for _ in range(ROWS)).encode()


LOGS = {'a.jsonl': rows(1), 'b.jsonl': rows(2)}
SIZE = len(LOGS['a.jsonl'])


def tar_of(members, mode='w'):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as package:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            package.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return out.getvalue()


class Packages:
    def __init__(self, t, folder):
        self.t, self.folder = t, folder

    def dump(self, name, data, piped):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as file:
            file.write(data)
        code, out, err = self.t.run('dump', '-' if piped else path, stdin=data if piped else None)
        return code, out.count(b'\n'), err.decode().replace(path, name)

    def expect(self, name, data, records, told=None, pipe=True):
        """`records`: how many, or the least and the most. With `told`, a loss must be told in these words."""
        least, most = records if isinstance(records, tuple) else (records, records)
        for piped in (False, True) if pipe else (False,):
            code, n, err = self.dump(name, data, piped)
            what = f'{name}{" piped" if piped else ""}'
            self.t.check(least <= n <= most, f'{what}: {n} records, not {records}: {err[-300:]}')
            self.t.check(code == (4 if told else 0), f'{what}: exit code {code}: {err[-300:]}')
            self.t.check(not told or told in err, f'{what}: not told: {err[-300:]}')
            self.t.check(not told or piped or f'{name}' in err, f'{what}: not named: {err[-300:]}')


def cut_tar(p):
    whole = tar_of(LOGS)
    second = 512 + (SIZE + 511) // 512 * 512
    p.expect('whole.tar', whole, 2 * ROWS)
    p.expect('member.tar', whole[:512 + SIZE // 2], ROWS // 2, 'cannot be read from here on')
    p.expect('between.tar', whole[:second], ROWS, CUT)
    p.expect('no_end.tar', whole[:2 * second], 2 * ROWS, CUT)
    p.expect('header.tar', whole[:second + 200], ROWS, 'Truncated tar archive')
    p.expect('other.tar', whole[:second] + b'\xff' * 4096, ROWS, 'no part of a member')
    p.expect('two.tar', whole + whole, 4 * ROWS)
    packed = tar_of(LOGS, 'w:gz')
    p.expect('whole.tar.gz', packed, 2 * ROWS)
    cut = packed[:len(packed) * 3 // 4]
    p.expect('cut.tar.gz', cut, inflated(cut).count(b'}\n'), f'cut.tar.gz: archive: gzip: was cut here (at offset {len(cut)}', pipe=False)
    p.expect('sum.tar.gz', packed[:-8] + bytes(4) + packed[-4:], 2 * ROWS, 'sum.tar.gz: archive: gzip: the checksum', pipe=False)


def cut_zip(p):
    for kind, method in ('stored', zipfile.ZIP_STORED), ('deflated', zipfile.ZIP_DEFLATED):
        whole = zip_of(LOGS, method)
        second, directory = whole.find(b'PK\3\4', 10), whole.find(b'PK\1\2')
        p.expect(f'{kind}.zip', whole, 2 * ROWS)
        p.expect(f'{kind} first.zip', whole[:second // 2], (ROWS // 2 - 10, ROWS // 2), 'cannot be read from here on')
        p.expect(f'{kind} between.zip', whole[:second], ROWS, CUT)
        p.expect(f'{kind} second.zip', whole[:(second + directory) // 2], (ROWS * 3 // 2 - 10, ROWS * 3 // 2), 'cannot be read from here on')
        p.expect(f'{kind} no directory.zip', whole[:directory], 2 * ROWS, CUT)
        p.expect(f'{kind} half directory.zip', whole[:directory + 30], 2 * ROWS, CUT)
        p.expect(f'{kind} no end.zip', whole[:-22], 2 * ROWS, CUT)
        p.expect(f'{kind} behind.zip', whole + b'other' * 1000, 2 * ROWS, BEHIND, pipe=False)
        p.expect(f'{kind} padded.zip', whole + b'\0' * 1000, 2 * ROWS)
        p.expect(f'{kind} before.zip', whole[:directory] + whole, 2 * ROWS, 'stands behind other data', pipe=False)
        comment = whole[:-2] + b'\x05\x00hello'
        p.expect(f'{kind} comment.zip', comment, 2 * ROWS)
    small = zip_of({'small.jsonl': LOGS['a.jsonl'][:960]}, zipfile.ZIP_STORED)
    at = small.find(b'Security')
    p.expect('small.zip', small[:at] + b'security' + small[at + 8:], 10, 'cannot be read from here on')  # its CRC is wrong


def cut_streams(p):
    for name, pack, least in ('xz', lzma.compress, ROWS * 3 // 4 - 700), ('bz2', bz2.compress, 0):
        whole = pack(LOGS['a.jsonl'])
        p.expect(f'whole.{name}', whole, ROWS)
        p.expect(f'two.{name}', whole + pack(LOGS['b.jsonl']), 2 * ROWS)
        p.expect(f'cut.{name}', whole[:len(whole) * 3 // 4], (least, ROWS * 3 // 4), 'cannot be read' if least else 'truncated')
        if name != 'xz':  # whose reader gives up at it
            p.expect(f'behind.{name}', whole + b'other', ROWS, BEHIND)


def inflated(data):
    return zlib.decompressobj(31).decompress(data)


def gzips(p):
    """Everything that can be inflated is read; what is wrong with the rest is told with its place."""
    log = LOGS['a.jsonl']
    whole, two = gzip.compress(log), gzip.compress(LOGS['b.jsonl'])
    for name, data in ('one', whole), ('two', whole + two), ('padded', whole + bytes(3000)), ('line end', whole + b'\r\n'), ('empty between', whole + gzip.compress(b'') + two):
        p.expect(f'{name}.gz', data, 2 * ROWS if data.endswith(two) else ROWS)
    for at in len(whole) * 3 // 4, len(whole) // 2 + 1, 20000, len(whole) - 9, len(whole) - 8, len(whole) - 1:
        text = inflated(whole[:at])
        p.expect(f'{at}.gz', whole[:at], text.count(b'\n'), f'gzip: was cut here at offset {len(text)}')
        p.expect(f'second {at}.gz', two + whole[:at], ROWS + text.count(b'\n'), f'gzip: was cut here at offset {SIZE + len(text)}')
    bad_sum, bad_size = whole[:-8] + b'none' + whole[-4:], whole[:-4] + b'none'
    p.expect('sum.gz', bad_sum, ROWS, f'gzip: the checksum of what stands before is wrong at offset {SIZE}')
    p.expect('sum first.gz', bad_sum + two, 2 * ROWS, f'gzip: the checksum of what stands before is wrong at offset {SIZE}')
    p.expect('size.gz', bad_size, ROWS, f'gzip: the length of what stands before is wrong at offset {SIZE}')
    p.expect('sum behind.gz', bad_sum + b'x', ROWS, f'{BEHIND} (at offset {len(whole)}', pipe=False)
    p.expect('behind.gz', whole + b'\0\0other', ROWS, f'{BEHIND} (at offset {len(whole) + 2}')
    p.expect('half magic.gz', whole + b'\x1f', ROWS, f'{BEHIND} (at offset {len(whole)}')
    p.expect('bad header.gz', whole + b'\x1f\x8b\x08\xff' * 4, ROWS, 'gzip: a header cannot be read')
    p.expect('head.gz', whole[:6], 0, 'gzip: was cut here (at offset 6 of it)')
    stored = b'\x1f\x8b\x08' + bytes(7) + zlib.compress(log, 0)[2:-4]  # blocks that are only copied
    p.expect('damaged.gz', stored[:150000] + b'\xff' * 70000, (1500, 2400), 'gzip: is damaged here')
    header = b'\x1f\x8b\x08\x1e' + bytes(6) + b'\4\0abcd' + 'a\u00e9.jsonl'.encode('latin-1') + b'\0comment\0??'
    p.expect('named.gz', header + whole[10:-8] + bytes(8), ROWS, 'a\u00e9.jsonl: gzip: the checksum')
    p.expect('in.zip', zip_of({'cut.gz': whole[:20000], **LOGS}), inflated(whole[:20000]).count(b'\n') + 2 * ROWS,
             'in.zip!cut.gz!data: gzip: was cut here', pipe=False)
    # what a library that looks for every format takes for a list of files, of which it would read others than this
    p.expect('list.gz', gzip.compress(b'{"EventID":1,"Channel":"Security","Computer":"h"}\n' * 50), 50)


def cut_7z(p):
    if not shutil.which('7z'):
        print('skipped: no 7z')
        return
    for name, data in LOGS.items():
        with open(os.path.join(p.folder, name), 'wb') as file:
            file.write(data)
    path = os.path.join(p.folder, 'made.7z')
    subprocess.run(['7z', 'a', '-bd', path, *(os.path.join(p.folder, n) for n in LOGS)], check=True, stdout=subprocess.DEVNULL)
    with open(path, 'rb') as file:
        whole = file.read()
    p.expect('whole.7z', whole, 2 * ROWS, pipe=False)
    p.expect('half.7z', whole[:len(whole) // 2], 0, 'half.7z: archive: ', pipe=False)
    p.expect('tail.7z', whole[:-10], 0, 'tail.7z: archive: ', pipe=False)
    p.expect('behind.7z', whole + b'other', 2 * ROWS, BEHIND, pipe=False)
    code, n, err = p.dump('piped.7z', whole, True)
    p.t.check(code == 4 and n == 0 and 'cannot be read in sequence' in err, f'7z from a pipe: {code}, {err}')
    p.expect('7z in.zip', zip_of({'in.7z': whole, **LOGS}), 2 * ROWS, 'in.7z: archive: 7z cannot be read in sequence')


def archives_in_archives(p):
    inner = zip_of(LOGS)
    mixed = {'x/inner.zip': inner, 'c.jsonl.gz': gzip.compress(LOGS['a.jsonl']), 'd.tar.gz': tar_of(LOGS, 'w:gz'),
             'e.jsonl': LOGS['b.jsonl'], 'readme.txt': b'nothing'}
    for name, data in ('zip.zip', zip_of(mixed)), ('stored.zip', zip_of(mixed, zipfile.ZIP_STORED)), ('in.tar', tar_of(mixed)), \
            ('in.tgz', tar_of(mixed, 'w:gz')):
        p.expect(name, data, 6 * ROWS)
    code, out, err = p.t.run('scan', os.path.join(p.folder, 'zip.zip'), '--format', 'jsonl')
    p.t.check(code == 0, f'zip in zip: exit code {code}: {err[-200:]}')
    summary = os.path.join(p.folder, 'summary.json')
    p.t.run('scan', '-q', os.path.join(p.folder, 'zip.zip'), '--summary', summary)
    with open(summary, encoding='utf-8') as file:
        paths = [entry['path'] for entry in json.load(file)['files']]
    for member in 'x/inner.zip!a.jsonl', 'c.jsonl.gz!data', 'd.tar.gz!b.jsonl', 'e.jsonl':
        p.t.check(any(path.endswith(f'zip.zip!{member}') for path in paths), f'{member} is not in {paths}')
    p.expect('deep.zip', zip_of({'one.zip': zip_of({'two.zip': inner, 'a.jsonl': LOGS['a.jsonl']})}), ROWS,
             '!one.zip!two.zip: archive three levels down')
    p.expect('cut in.zip', zip_of({'inner.zip': inner[:-22], **LOGS}), 4 * ROWS, 'inner.zip: archive: was cut')
    p.expect('none in.zip', zip_of({'inner.zip': zip_of({'x.txt': b'nothing'}), **LOGS}), 2 * ROWS)
    p.expect('none.zip', zip_of({'inner.zip': zip_of({'x.txt': b'nothing'})}), 0, 'no event log in this archive')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        p = Packages(t, folder)
        cut_tar(p)
        cut_zip(p)
        cut_streams(p)
        gzips(p)
        cut_7z(p)
        archives_in_archives(p)
    t.end()


main()
